import { expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { streamName } from '../../../../src/cli/lib/stream/delivery-stream.ts';
import { callsStubPerTest } from '../../support/calls-stub.ts';

const startStub = callsStubPerTest();

const LOGS = 'https://abc12345.da.dynatrace.com/api/aws/firehose/v1/logs';
const METRICS = 'https://abc12345.da.dynatrace.com/api/aws/firehose/v1/metrics';

/** Finds the stream of a stack with these nested stacks and streams, without the output `FirehoseArn`. */
async function find(
  stacks: Readonly<Record<string, readonly string[]>>,
  urls: Readonly<Record<string, string>>,
) {
  await startStub({
    DescribeStacks: () => ({ Stacks: [{ Outputs: [{ OutputKey: 'Other', OutputValue: 'x' }] }] }),
    ListStackResources: ({ StackName, NextToken }) => {
      // One resource per page.
      const all = stacks[String(StackName)] ?? [];
      const at = Number(NextToken ?? 0);
      const id = all[at] ?? '';
      const type = id.startsWith('stack-')
        ? 'AWS::CloudFormation::Stack'
        : 'AWS::KinesisFirehose::DeliveryStream';
      return {
        StackResourceSummaries: [{ ResourceType: type, PhysicalResourceId: id }],
        ...(at + 1 < all.length && { NextToken: String(at + 1) }),
      };
    },
    DescribeDeliveryStream: ({ DeliveryStreamName }) => ({
      DeliveryStreamDescription: {
        Destinations: [
          {
            HttpEndpointDestinationDescription: {
              EndpointConfiguration: { Url: urls[String(DeliveryStreamName)] },
            },
          },
        ],
      },
    }),
  });
  return streamName(openAws(undefined), { streamStack: 'connection' });
}

it('finds the only stream of a stack without an output for it', async () => {
  expect(await find({ connection: ['logs-stream'] }, {})).toBe('logs-stream');
});

it('finds the stream of an AWS connection that delivers logs, in a nested stack', async () => {
  const stacks = { connection: ['m', 'stack-a'], 'stack-a': ['stack-b', 'n'], 'stack-b': ['logs-stream'] };
  expect(await find(stacks, { m: METRICS, n: METRICS, 'logs-stream': LOGS })).toBe('logs-stream');
});

it('ends for stacks that name each other', async () => {
  const stacks = { connection: ['stack-a'], 'stack-a': ['stack-a', 'stack-a', 's'] };
  await expect(find(stacks, { s: METRICS })).rejects.toThrow('no delivery stream that delivers logs');
});

it('asks which where several deliver logs', async () => {
  await expect(find({ connection: ['a', 'b'] }, { a: LOGS, b: LOGS })).rejects.toThrow(
    'several streams that deliver logs to Dynatrace: a, b',
  );
});
