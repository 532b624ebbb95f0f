import { Route53Resolver } from '@aws-sdk/client-route53resolver';
import { beforeEach, expect, it } from '@jest/globals';
import { enableResolverLogCommand } from '../../src/cli/commands/enable-resolver-log.ts';
import { runCommand } from '../support/run-command.ts';
import { startFaultProxy } from './support/fault-proxy.ts';
import { aws, makeVpc, reset } from './support/moto.ts';

const resolver = new Route53Resolver({ endpoint: process.env.MOTO_URL ?? '' });
const LOG_GROUP = '/aws/vendedlogs/route53resolver/eks-dns-firehose';
const enable = (...args: string[]) => runCommand(enableResolverLogCommand(), args);

const state = async () => {
  const { ResolverQueryLogConfigs: configs } = await resolver.listResolverQueryLogConfigs({});
  const { ResolverQueryLogConfigAssociations: links } = await resolver.listResolverQueryLogConfigAssociations(
    {},
  );
  return {
    configs: configs?.map(
      ({ Name, DestinationArn }) => `${Name} ${DestinationArn?.replace(/^.*log-group:/, '')}`,
    ),
    vpcs: links?.map(({ ResourceId }) => ResourceId).sort(),
  };
};

let one = '';
let two = '';

beforeEach(async () => {
  await reset();
  one = await makeVpc();
  two = await makeVpc();
});

it('logs VPCs into a log group with retention, once', async () => {
  expect(await enable('--vpc', `${one},${two}`, '--retention-days', '3')).toMatchObject({ code: 0 });
  const made = { configs: [`eks-dns-firehose ${LOG_GROUP}`], vpcs: [one, two].sort() };
  expect(await state()).toEqual(made);
  const { logGroups } = await aws.logs.describeLogGroups({});
  expect(logGroups).toMatchObject([{ logGroupName: LOG_GROUP, retentionInDays: 3 }]);

  const again = await enable('--vpc', `${one},${two}`, '--json');
  expect(JSON.parse(again.stdout).steps).toMatchObject([{ action: 'keep' }, { action: 'keep' }]);
  expect(await state()).toEqual(made);
});

it('undo waits until the VPC is disassociated, then deletes the configuration', async () => {
  await enable('--vpc', one);
  const { ResolverQueryLogConfigAssociations: links } = await resolver.listResolverQueryLogConfigAssociations(
    {},
  );
  const listing = 'ListResolverQueryLogConfigAssociations';
  // AWS takes a while to disassociate; moto does it at once.
  const proxy = await startFaultProxy(process.env.MOTO_URL ?? '', [
    { operation: listing, times: 1, answer: { ResolverQueryLogConfigAssociations: links } },
    { operation: 'DisassociateResolverQueryLogConfig', times: 1, answer: {} },
    { operation: listing, times: 1, answer: { ResolverQueryLogConfigAssociations: links } },
    { operation: listing, times: 1, answer: { ResolverQueryLogConfigAssociations: [] } },
    { operation: 'DeleteResolverQueryLogConfig', times: 1, answer: {} },
  ]);
  process.env.AWS_ENDPOINT_URL = proxy.url;
  const { code, stdout } = await enable('--vpc', one, '--undo');
  process.env.AWS_ENDPOINT_URL = process.env.MOTO_URL;
  await proxy.close();
  expect(code).toBe(0);
  expect(stdout).toMatch(/delete\s+query logging configuration\s+eks-dns-firehose/);
  expect(proxy.seen.slice(1)).toEqual([
    listing,
    'DisassociateResolverQueryLogConfig',
    listing,
    listing,
    'DeleteResolverQueryLogConfig',
  ]);
});

it('does not log a VPC twice, and creates no unused configuration', async () => {
  await enable('--vpc', one, '--name', 'theirs', '--log-group', '/theirs');
  const { stdout } = await enable('--vpc', one);
  expect(stdout).toContain('subscribe --log-group /theirs');
  expect(await state()).toEqual({ configs: ['theirs /theirs'], vpcs: [one] });
});

it('shows the steps without taking them with --dry-run', async () => {
  const { stdout } = await enable('--vpc', one, '--dry-run');
  expect(stdout).toMatch(
    /create\s+query logging of vpc-\w+\s+\/aws\/vendedlogs\/route53resolver\/eks-dns-firehose/,
  );
  expect(await state()).toEqual({ configs: [], vpcs: [] });
});

it('refuses another log group than that of the configuration', async () => {
  await enable('--vpc', one);
  const { code, stderr } = await enable('--vpc', two, '--log-group', '/other');
  expect(code).toBe(1);
  expect(stderr).toContain(`use --log-group ${LOG_GROUP}`);
});
