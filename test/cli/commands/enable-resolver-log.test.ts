import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { enableResolverLogCommand } from '../../../src/cli/commands/enable-resolver-log.ts';
import { runCommand } from '../../support/run-command.ts';
import { startCallsStub } from '../support/calls-stub.ts';

const VPC = 'vpc-1';
const GROUP = '/aws/vendedlogs/route53resolver/eks-dns-firehose';
const ARN = `arn:aws:logs:eu-west-1:111122223333:log-group:${GROUP}`;

type Link = { readonly Id?: string; readonly Status: string; readonly ErrorMessage?: string };

const environment = { ...process.env };
let isGroupThere = true;
let stub: Awaited<ReturnType<typeof startCallsStub>> | undefined;

afterEach(async () => {
  process.env = { ...environment };
  await stub?.close();
  stub = undefined;
});

const asked = (operation: string) => stub?.calls.filter((call) => call.operation === operation) ?? [];

/** Runs the command where the VPC has this association, and the log group this retention; undefined = there is none. */
async function enable(link: Link | undefined, retentionInDays: number | undefined, ...more: string[]) {
  const links: Link[] = link ? [link] : [];
  const config = { Id: 'c', Name: 'eks-dns-firehose', DestinationArn: ARN };
  stub = await startCallsStub({
    ListResolverQueryLogConfigs: () => ({ ResolverQueryLogConfigs: link ? [config] : [] }),
    ListResolverQueryLogConfigAssociations: () => ({
      ResolverQueryLogConfigAssociations: links.map((one) => ({
        ...one,
        ResolverQueryLogConfigId: 'c',
        ResourceId: VPC,
      })),
    }),
    CreateLogGroup: () => (isGroupThere ? 'ResourceAlreadyExistsException' : {}),
    DescribeLogGroups: () => ({ logGroups: [{ logGroupName: GROUP, arn: `${ARN}:*`, retentionInDays }] }),
    PutRetentionPolicy: () => ({}),
    CreateResolverQueryLogConfig: () => ({ ResolverQueryLogConfig: config }),
    AssociateResolverQueryLogConfig: () => {
      links.push({ Id: 'new', Status: 'ACTIVE' });
      return { ResolverQueryLogConfigAssociation: { Id: 'new' } };
    },
  });
  Object.assign(process.env, stub.environment);
  return runCommand(enableResolverLogCommand(), ['--vpc', VPC, ...more]);
}

describe('a VPC that is associated already', () => {
  it.each(['ACTIVE', 'CREATING'])('and %s stays as it is', async (Status) => {
    const { code, stdout } = await enable({ Status }, 7);
    expect(code).toBe(0);
    expect(stdout).toMatch(/vpc-1 is logged .* there/);
    expect(asked('AssociateResolverQueryLogConfig')).toEqual([]);
  });

  it('and DELETING is associated anew', async () => {
    expect((await enable({ Status: 'DELETING' }, 7)).code).toBe(0);
    expect(asked('AssociateResolverQueryLogConfig')).toHaveLength(1);
  });

  it.each(['FAILED', 'ACTION_NEEDED'])('and %s is told with the reason and the remedy', async (Status) => {
    const { code, stderr } = await enable({ Status, ErrorMessage: 'the group is gone' }, 7);
    expect(code).toBe(1);
    expect(stderr).toContain(`${VPC} into ${GROUP} is ${Status}: the group is gone`);
    expect(stderr).toContain(
      'aws route53resolver disassociate-resolver-query-log-config --resolver-query-log-config-id c --resource-id vpc-1',
    );
    expect(asked('AssociateResolverQueryLogConfig')).toEqual([]);
  });
});

describe('--retention-days', () => {
  const NAMED = ['--retention-days', '3'];

  it.each([
    {
      name: 'a new group gets 7 unless asked for others',
      isNew: true,
      before: undefined,
      args: [],
      put: [7],
    },
    { name: 'a new group gets it', isNew: true, before: undefined, args: NAMED, put: [3] },
    {
      name: 'a group that keeps events for ever gets it',
      isNew: false,
      before: undefined,
      args: NAMED,
      put: [3],
    },
    { name: 'but loses nothing unasked', isNew: false, before: undefined, args: [], put: [] },
    { name: 'a group that has another keeps that', isNew: false, before: 30, args: NAMED, put: [] },
  ])('$name', async ({ isNew, before, args, put }) => {
    isGroupThere = !isNew;
    const { code, stderr } = await enable(undefined, before, ...args);
    expect(code).toBe(0);
    expect(asked('PutRetentionPolicy').map(({ input }) => input.retentionInDays)).toEqual(put);
    const isTold = before === undefined && put.length === 0;
    expect(stderr.includes('put-retention-policy')).toBe(isTold);
  });

  it('takes what CloudWatch Logs takes, as the template does', async () => {
    const template = readFileSync('template.yaml', 'utf8');
    const listed = /ResolverLogRetentionDays:\n(?: {4}.*\n)*? {4}AllowedValues: \[(.*)\]/.exec(template)?.[1];
    const { code, stderr } = await enable(undefined, 7, '--retention-days', '10');
    expect(code).toBe(2);
    expect(stderr).toContain(`Allowed choices are ${listed}.`);
    expect(stub?.calls).toEqual([]);
  });
});
