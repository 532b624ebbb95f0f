import { beforeEach, describe, expect, it } from '@jest/globals';
import { attachCommand } from '../../src/cli/commands/attach.ts';
import { subscribeCommand } from '../../src/cli/commands/subscribe.ts';
import { unsubscribeCommand } from '../../src/cli/commands/unsubscribe.ts';
import { runCommand } from '../support/run-command.ts';
import { type FaultProxy, startFaultProxy } from './support/fault-proxy.ts';
import { aws, describeStream, makeFunction, makeRole, makeStream, reset } from './support/moto.ts';

const STREAM = 'dynatrace';
const GROUP = '/aws/containerinsights/shop/application';
let role = '';

const subscribe = (group: string, ...more: string[]) =>
  runCommand(subscribeCommand(), ['--stream', STREAM, '--role-arn', role, '--log-group', group, ...more]);

const filters = async (logGroupName: string) =>
  (await aws.logs.describeSubscriptionFilters({ logGroupName })).subscriptionFilters ?? [];

beforeEach(async () => {
  await reset();
  await makeStream(STREAM);
  role = await makeRole('logs', 'logs.amazonaws.com');
  await aws.logs.createLogGroup({ logGroupName: GROUP });
});

describe('subscribe', () => {
  it('subscribes a group, once', async () => {
    expect((await subscribe(GROUP)).code).toBe(0);
    expect(await filters(GROUP)).toMatchObject([
      {
        filterName: 'eks-dns-firehose',
        filterPattern: '{ $.kubernetes.container_name = "coredns" }',
        roleArn: role,
        destinationArn: (await describeStream(STREAM))?.DeliveryStreamARN,
      },
    ]);
    expect((await subscribe(GROUP)).stdout).toContain('already subscribed');
    expect((await filters(GROUP)).length).toBe(1);
  });

  it('changes the pattern of its own filter, but not another filter to the same stream', async () => {
    await subscribe(GROUP);
    await subscribe(GROUP, '--filter-pattern', 'coredns');
    expect(await filters(GROUP)).toMatchObject([{ filterPattern: 'coredns' }]);
    await subscribe(GROUP);
    expect(await filters(GROUP)).toMatchObject([{ filterPattern: 'coredns' }]);
    const second = await subscribe(GROUP, '--filter-name', 'mine');
    expect(second.stdout).toContain('already subscribed by filter "eks-dns-firehose"');
    expect((await filters(GROUP)).length).toBe(1);
  });

  it('accepts several groups and makes no change with --dry-run', async () => {
    await aws.logs.createLogGroup({ logGroupName: '/two' });
    const { stdout } = await subscribe(`${GROUP},/two`, '--dry-run', '--json');
    expect(JSON.parse(stdout).changes).toMatchObject([{ action: 'add' }, { action: 'add' }]);
    expect(await filters('/two')).toEqual([]);
  });

  it('refuses the log group of the function that the stream calls', async () => {
    await makeFunction('dns');
    const target = ['--stream', STREAM, '--function', 'dns', '--settle-seconds', '0'];
    await runCommand(attachCommand(), target);
    await aws.logs.createLogGroup({ logGroupName: '/aws/lambda/dns' });
    const { code, stderr } = await subscribe(`${GROUP},/aws/lambda/dns`);
    expect(code).toBe(3);
    expect(stderr).toContain('every batch would cause the next');
    expect(await filters(GROUP)).toEqual([]);
  });

  it('makes attach refuse a function whose own log group is subscribed', async () => {
    await makeFunction('dns');
    await aws.logs.createLogGroup({ logGroupName: '/aws/lambda/dns' });
    await subscribe('/aws/lambda/dns');
    const target = ['--stream', STREAM, '--function', 'dns', '--settle-seconds', '0'];
    const { code, stderr } = await runCommand(attachCommand(), target);
    expect(code).toBe(3);
    expect(stderr).toContain('unsubscribe --log-group /aws/lambda/dns --filter-name eks-dns-firehose');
  });

  it('refuses a missing group, and names a missing option', async () => {
    expect((await subscribe('/nowhere')).stderr).toContain('there is no log group "/nowhere"');
    const none = await runCommand(subscribeCommand(), ['--stream', STREAM]);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('--log-group <name> is missing') });
  });

  it('lists the existing filters if AWS allows no more', async () => {
    const other = (await describeStream(STREAM))?.DeliveryStreamARN?.replace(STREAM, 'other') ?? '';
    await makeStream('other');
    const destinationArn = other;
    await aws.logs.putSubscriptionFilter({
      logGroupName: GROUP,
      filterName: 'theirs',
      filterPattern: '',
      destinationArn,
      roleArn: role,
    });
    const fault = 'LimitExceededException';
    const proxy: FaultProxy = await startFaultProxy(process.env.MOTO_URL ?? '', [
      { operation: 'PutSubscriptionFilter', times: 99, fault },
    ]);
    process.env.AWS_ENDPOINT_URL = proxy.url;
    const { code, stderr } = await subscribe(GROUP);
    process.env.AWS_ENDPOINT_URL = process.env.MOTO_URL;
    await proxy.close();
    expect(code).toBe(3);
    expect(stderr).toContain(`theirs -> ${other}`);
  });
});

describe('unsubscribe', () => {
  it('removes its own filter and keeps all others', async () => {
    await subscribe(GROUP, '--filter-name', 'theirs');
    const none = await runCommand(unsubscribeCommand(), ['--log-group', `${GROUP},/nowhere`, '--json']);
    expect(JSON.parse(none.stdout).changes).toMatchObject([{ action: 'none' }, { action: 'none' }]);
    expect((await filters(GROUP)).length).toBe(1);
    const ours = ['--log-group', GROUP, '--filter-name', 'theirs'];
    await runCommand(unsubscribeCommand(), [...ours, '--dry-run']);
    expect((await filters(GROUP)).length).toBe(1);
    await runCommand(unsubscribeCommand(), ours);
    expect(await filters(GROUP)).toEqual([]);
  });
});
