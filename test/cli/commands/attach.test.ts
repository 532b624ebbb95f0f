import { expect, it } from '@jest/globals';
import { attachCommand } from '../../../src/cli/commands/attach.ts';
import { runCommand } from '../../support/run-command.ts';
import { callsStubPerTest } from '../support/calls-stub.ts';

const STREAM = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/dynatrace';
const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:dns';
const LOG_GROUP = '/custom/dns';

const startStub = callsStubPerTest();

/** Attaches a function whose log group has a filter to this destination; undefined = there is no such group. */
async function attach(destinationArn: string | undefined, ...more: string[]) {
  const stub = await startStub({
    DescribeDeliveryStream: () => ({
      DeliveryStreamDescription: {
        DeliveryStreamARN: STREAM,
        DeliveryStreamStatus: 'ACTIVE',
        Destinations: [
          {
            DestinationId: 'd',
            HttpEndpointDestinationDescription: { RoleARN: 'arn:aws:iam::111122223333:role/delivery' },
          },
        ],
      },
    }),
    GetFunctionConfiguration: () => ({
      FunctionArn: FUNCTION,
      FunctionName: 'dns',
      Timeout: 60,
      LoggingConfig: { LogGroup: LOG_GROUP },
    }),
    DescribeSubscriptionFilters: ({ logGroupName }) =>
      destinationArn === undefined || logGroupName !== LOG_GROUP
        ? 'ResourceNotFoundException'
        : { subscriptionFilters: [{ filterName: 'all', destinationArn }] },
    ListRolePolicies: () => ({ PolicyNames: [] }),
    ListAttachedRolePolicies: () => ({ AttachedPolicies: [] }),
    PutRolePolicy: () => ({}),
    UpdateDestination: () => ({}),
    TagDeliveryStream: () => ({}),
  });
  const args = ['--stream', 'dynatrace', '--function', 'dns', '--settle-seconds', '0', ...more];
  const { code, stderr } = await runCommand(attachCommand(), args);
  const changes = stub.calls
    .map(({ operation }) => operation)
    .filter((operation) => /^(Put|Update|Tag)/.test(operation));
  return { code, stderr, changes };
}

it.each([
  { name: 'refuses a function whose own log group is subscribed to the stream', more: [] },
  { name: 'also refuses it in a dry run', more: ['--dry-run'] },
])('$name', async ({ more }) => {
  const { code, stderr, changes } = await attach(STREAM, ...more);
  expect({ code, changes }).toEqual({ code: 3, changes: [] });
  expect(stderr).toContain(`"${LOG_GROUP}" is subscribed to this stream by filter "all"`);
  expect(stderr).toContain(`eks-dns unsubscribe --log-group ${LOG_GROUP} --filter-name all`);
});

it.each([
  { name: 'whose log group has a filter to another stream', destinationArn: `${STREAM}-other` },
  { name: 'without a log group', destinationArn: undefined },
])('attaches a function $name', async ({ destinationArn }) => {
  const { code, changes } = await attach(destinationArn);
  expect({ code, changes }).toEqual({
    code: 0,
    changes: ['PutRolePolicy', 'UpdateDestination', 'TagDeliveryStream'],
  });
});

it('prints the permission to read filters', async () => {
  const { stdout } = await runCommand(attachCommand(), ['--print-policy']);
  expect(stdout).toContain('"logs:DescribeSubscriptionFilters"');
});

it('warns about a stream that delivers to no address of Dynatrace', async () => {
  const { code, stderr } = await attach('arn:of:others');
  expect(code).toBe(0);
  expect(stderr).toContain('warning: stream "dynatrace" delivers to ; this is no address of Dynatrace');
});
