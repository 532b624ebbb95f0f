import { beforeEach, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { attachCommand } from '../../src/cli/commands/attach.ts';
import { detachCommand } from '../../src/cli/commands/detach.ts';
import { doctorCommand } from '../../src/cli/commands/doctor.ts';
import { enableResolverLogCommand } from '../../src/cli/commands/enable-resolver-log.ts';
import { statusCommand } from '../../src/cli/commands/status.ts';
import { subscribeCommand } from '../../src/cli/commands/subscribe.ts';
import { unsubscribeCommand } from '../../src/cli/commands/unsubscribe.ts';
import { runCommand } from '../support/run-command.ts';
import { startFaultProxy } from './support/fault-proxy.ts';
import { aws, describeStream, makeFunction, makeRole, makeStream, makeVpc, reset } from './support/moto.ts';

const GROUP = '/aws/containerinsights/shop/application';
const TARGET = ['--stream', 'dynatrace', '--function', 'dns'];
let role = '';
let vpc = '';

/** Runs a command behind a proxy that records the IAM actions of its calls. */
async function actionsOf(command: Command, args: readonly string[]): Promise<readonly string[]> {
  const proxy = await startFaultProxy(process.env.MOTO_URL ?? '', []);
  process.env.AWS_ENDPOINT_URL = proxy.url;
  await runCommand(command, args);
  process.env.AWS_ENDPOINT_URL = process.env.MOTO_URL;
  await proxy.close();
  return [...new Set(proxy.actions)].sort();
}

async function printedBy(command: Command): Promise<ReadonlySet<string>> {
  const { stdout } = await runCommand(command, ['--print-policy']);
  const { Statement } = JSON.parse(stdout) as { Statement: { Action: string[]; Resource: string }[] };
  for (const { Resource } of Statement) expect(typeof Resource).toBe('string');
  return new Set(Statement.flatMap(({ Action }) => Action));
}

beforeEach(async () => {
  await reset();
  await makeStream('dynatrace');
  const functionArn = await makeFunction('dns');
  role = await makeRole('logs', 'logs.amazonaws.com');
  vpc = await makeVpc();
  await aws.logs.createLogGroup({ logGroupName: GROUP });
  const Outputs = {
    FunctionArn: { Value: functionArn },
    FirehoseArn: { Value: (await describeStream('dynatrace'))?.DeliveryStreamARN },
  };
  const TemplateBody = JSON.stringify({ Resources: { G: { Type: 'AWS::Logs::LogGroup' } }, Outputs });
  await aws.cloudformation.createStack({ StackName: 'both', TemplateBody });
});

const byStack = ['--stream-stack', 'both', '--stack', 'both', '--settle-seconds', '0'];
const subscription = () => ['--stream', 'dynatrace', '--role-arn', role, '--log-group', GROUP];

it.each<{ name: string; make: () => Command; args: () => readonly string[]; calls: readonly string[] }>([
  {
    name: 'attach',
    make: attachCommand,
    args: () => byStack,
    calls: ['logs:DescribeSubscriptionFilters', 'firehose:UpdateDestination', 'iam:PutRolePolicy'],
  },
  {
    name: 'detach',
    make: detachCommand,
    args: () => byStack,
    calls: ['firehose:UpdateDestination', 'iam:DeleteRolePolicy'],
  },
  {
    name: 'status',
    make: statusCommand,
    args: () => ['--stream-stack', 'both'],
    calls: ['iam:ListRolePolicies'],
  },
  { name: 'subscribe', make: subscribeCommand, args: subscription, calls: ['logs:PutSubscriptionFilter'] },
  {
    name: 'unsubscribe',
    make: unsubscribeCommand,
    args: () => ['--log-group', GROUP],
    calls: ['logs:DeleteSubscriptionFilter'],
  },
  {
    name: 'enable-resolver-log',
    make: enableResolverLogCommand,
    args: () => ['--vpc', vpc],
    calls: ['route53resolver:AssociateResolverQueryLogConfig'],
  },
  {
    name: 'doctor',
    make: doctorCommand,
    args: () => [...byStack.slice(0, 4), '--vpc', vpc, '--log-group', GROUP],
    calls: ['cloudwatch:GetMetricData'],
  },
])('$name calls nothing that its printed policy does not allow', async ({ name, make, args, calls }) => {
  // Commands that remove or read something need it to exist.
  if (name !== 'attach') await runCommand(attachCommand(), [...TARGET, '--settle-seconds', '0']);
  if (name === 'unsubscribe') await runCommand(subscribeCommand(), subscription());
  const used = await actionsOf(make(), args());
  expect(used).toEqual(expect.arrayContaining([...calls]));
  const allowed = await printedBy(make());
  expect(used.filter((action) => !allowed.has(action))).toEqual([]);
});
