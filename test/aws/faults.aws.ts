import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { attachCommand } from '../../src/cli/commands/attach.ts';
import { runCommand } from '../support/run-command.ts';
import { type FaultProxy, startFaultProxy } from './support/fault-proxy.ts';
import { aws, describeStream, makeFunction, makeStream, reset } from './support/moto.ts';

const STREAM = 'dynatrace';
const moto = process.env.MOTO_URL ?? '';
let proxy: FaultProxy | undefined;

const attach = () =>
  runCommand(attachCommand(), ['--stream', STREAM, '--function', 'dns', '--settle-seconds', '0']);

async function behind(rules: Parameters<typeof startFaultProxy>[1]): Promise<FaultProxy> {
  proxy = await startFaultProxy(moto, rules);
  process.env.AWS_ENDPOINT_URL = proxy.url;
  return proxy;
}

beforeEach(async () => {
  await reset();
  await makeStream(STREAM);
  await makeFunction('dns');
});

afterEach(async () => {
  process.env.AWS_ENDPOINT_URL = moto;
  await proxy?.close();
});

const processing = async () =>
  (await describeStream(STREAM))?.Destinations?.[0]?.HttpEndpointDestinationDescription
    ?.ProcessingConfiguration;

it('reads the stream again after a concurrent change, and keeps that change', async () => {
  const GUNZIP = {
    Type: 'Decompression' as const,
    Parameters: [{ ParameterName: 'CompressionFormat' as const, ParameterValue: 'GZIP' }],
  };
  const changeConcurrently = () =>
    aws.firehose.updateDestination({
      DeliveryStreamName: STREAM,
      CurrentDeliveryStreamVersionId: '1',
      DestinationId: 'destinationId-000000000001',
      HttpEndpointDestinationUpdate: { ProcessingConfiguration: { Enabled: true, Processors: [GUNZIP] } },
    });
  await behind([{ operation: 'UpdateDestination', times: 1, before: changeConcurrently }]);
  const { code, stderr } = await attach();
  expect(stderr).toContain('was changed by another client');
  expect(code).toBe(0);
  expect((await processing())?.Processors?.map(({ Type }) => Type)).toEqual(['Decompression', 'Lambda']);
});

it('stops after five concurrent changes, with an error', async () => {
  const fault = 'ConcurrentModificationException';
  const { seen } = await behind([{ operation: 'UpdateDestination', times: 99, fault }]);
  expect(await attach()).toMatchObject({ code: 1, stderr: expect.stringContaining('5 times in a row') });
  expect(seen.filter((operation) => operation === 'UpdateDestination').length).toBe(5);
});

it('retries after throttling', async () => {
  await behind([
    { operation: 'DescribeDeliveryStream', times: 2, fault: 'ThrottlingException' },
    { operation: 'UpdateDestination', times: 2, fault: 'ThrottlingException' },
  ]);
  expect((await attach()).code).toBe(0);
  expect((await processing())?.Enabled).toBe(true);
});

it('shows how to print the required permissions', async () => {
  await behind([{ operation: 'UpdateDestination', times: 1, fault: 'AccessDeniedException' }]);
  const { code, stderr } = await attach();
  expect(code).toBe(1);
  expect(stderr).toContain('eks-dns attach --print-policy');
});
