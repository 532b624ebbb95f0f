import { beforeEach, describe, expect, it } from '@jest/globals';
import { attachCommand } from '../../src/cli/commands/attach.ts';
import { detachCommand } from '../../src/cli/commands/detach.ts';
import { statusCommand } from '../../src/cli/commands/status.ts';
import { runCommand } from '../support/run-command.ts';
import { aws, describeStream, makeFunction, makeStream, reset } from './support/moto.ts';

const STREAM = 'dynatrace';
const TARGET = ['--stream', STREAM, '--function', 'dns'];
const attach = (...more: string[]) =>
  runCommand(attachCommand(), [...TARGET, '--settle-seconds', '0', ...more]);
const detach = (...more: string[]) =>
  runCommand(detachCommand(), [...TARGET, '--settle-seconds', '0', ...more]);

const GUNZIP = {
  Type: 'Decompression' as const,
  Parameters: [{ ParameterName: 'CompressionFormat' as const, ParameterValue: 'GZIP' }],
};

const http = async () =>
  (await describeStream(STREAM))?.Destinations?.[0]?.HttpEndpointDestinationDescription;
const processors = async () => (await http())?.ProcessingConfiguration?.Processors?.map(({ Type }) => Type);
const inlinePolicies = async () =>
  (await aws.iam.listRolePolicies({ RoleName: `${STREAM}-delivery` })).PolicyNames;

beforeEach(reset);

describe('attach', () => {
  it('adds the function and the policy, keeps everything else, and does nothing the second time', async () => {
    await makeStream(STREAM);
    await makeFunction('dns');
    const before = await http();
    const first = await attach();
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('now calls dns');
    expect(await processors()).toEqual(['Lambda']);
    expect(await inlinePolicies()).toEqual(['eks-dns-firehose-dns']);
    expect({ ...(await http()), ProcessingConfiguration: undefined }).toEqual({
      ...before,
      ProcessingConfiguration: undefined,
    });
    const version = (await describeStream(STREAM))?.VersionId;
    expect((await attach()).stdout).toContain('nothing to do');
    expect((await describeStream(STREAM))?.VersionId).toBe(version);
  });

  it('shows the change without making it with --dry-run', async () => {
    await makeStream(STREAM);
    await makeFunction('dns');
    const { stdout, code } = await attach('--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('+      "Type": "Lambda"');
    expect(stdout).toContain('inline policy eks-dns-firehose-dns');
    expect(await processors()).toBeUndefined();
    expect(await inlinePolicies()).toEqual([]);
  });

  it('is added after enabled decompression, which detach restores', async () => {
    await makeStream(STREAM, { Enabled: true, Processors: [GUNZIP] });
    await makeFunction('dns');
    await attach();
    expect(await processors()).toEqual(['Decompression', 'Lambda']);
    await detach();
    expect((await http())?.ProcessingConfiguration).toEqual({ Enabled: true, Processors: [GUNZIP] });
  });

  it('does not enable disabled decompression, which detach restores', async () => {
    await makeStream(STREAM, { Enabled: false, Processors: [GUNZIP] });
    await makeFunction('dns');
    await attach();
    expect(await processors()).toEqual(['Lambda']);
    await detach();
    expect((await http())?.ProcessingConfiguration).toEqual({ Enabled: false, Processors: [GUNZIP] });
  });

  it('refuses a stream that calls another function', async () => {
    const other = 'arn:aws:lambda:eu-west-1:111122223333:function:other';
    const Parameters = [{ ParameterName: 'LambdaArn' as const, ParameterValue: other }];
    await makeStream(STREAM, { Enabled: true, Processors: [{ Type: 'Lambda', Parameters }] });
    await makeFunction('dns');
    const { code, stderr } = await attach();
    expect(code).toBe(3);
    expect(stderr).toContain(`already calls another function: ${other}`);
    expect(stderr).toContain('fix: ');
    expect(await inlinePolicies()).toEqual([]);
  });

  it.each([
    { name: 'a missing function', stream: true, message: 'there is no function "dns"', exit: 3 },
    { name: 'a missing stream', stream: false, message: 'there is no delivery stream', exit: 1 },
  ])('refuses $name', async ({ stream, message, exit }) => {
    if (stream) await makeStream(STREAM);
    expect(await attach()).toMatchObject({ code: exit, stderr: expect.stringContaining(message) });
  });

  it('refuses a stream without an HTTP endpoint', async () => {
    await aws.firehose.createDeliveryStream({
      DeliveryStreamName: STREAM,
      S3DestinationConfiguration: {
        RoleARN: 'arn:aws:iam::111122223333:role/x',
        BucketARN: 'arn:aws:s3:::b',
      },
    });
    await makeFunction('dns');
    expect(await attach()).toMatchObject({ code: 3, stderr: expect.stringContaining('HTTP endpoint') });
  });

  it('finds stream and function by their stacks', async () => {
    await makeStream(STREAM);
    const arn = await makeFunction('dns');
    const stack = (key: string, value: string) =>
      JSON.stringify({
        Resources: { Group: { Type: 'AWS::Logs::LogGroup' } },
        Outputs: { [key]: { Value: value } },
      });
    const streamArn = (await describeStream(STREAM))?.DeliveryStreamARN ?? '';
    await aws.cloudformation.createStack({
      StackName: 'theirs',
      TemplateBody: stack('FirehoseArn', streamArn),
    });
    await aws.cloudformation.createStack({ StackName: 'ours', TemplateBody: stack('FunctionArn', arn) });
    const by = ['--stream-stack', 'theirs', '--stack', 'ours', '--settle-seconds', '0', '--json'];
    const { stdout } = await runCommand(attachCommand(), by);
    expect(JSON.parse(stdout)).toMatchObject({ stream: STREAM, function: arn, changed: true });
    const wrong = await runCommand(attachCommand(), ['--stream-stack', 'absent', '--stack', 'ours']);
    expect(wrong.stderr).toContain('there is no stack "absent"');
  });
});

describe('detach', () => {
  it('removes processor, policy and tags', async () => {
    await makeStream(STREAM);
    await makeFunction('dns');
    await attach();
    expect((await detach()).stdout).toContain('no longer calls the function');
    expect((await http())?.ProcessingConfiguration?.Enabled).toBe(false);
    expect(await inlinePolicies()).toEqual([]);
    const { Tags } = await aws.firehose.listTagsForDeliveryStream({ DeliveryStreamName: STREAM });
    expect(Tags).toEqual([]);
    expect((await detach()).stdout).toContain('nothing to do');
  });

  it('works if the function is already deleted', async () => {
    await makeStream(STREAM);
    await makeFunction('dns');
    await attach();
    await aws.lambda.deleteFunction({ FunctionName: 'dns' });
    expect((await detach()).code).toBe(0);
    expect((await http())?.ProcessingConfiguration?.Enabled).toBe(false);
    expect(await inlinePolicies()).toEqual([]);
  });
});

it('detach of a function that is not attached keeps the other function and its backup tags', async () => {
  await makeStream(STREAM, { Enabled: false, Processors: [GUNZIP] });
  await makeFunction('dns');
  await makeFunction('dns2');
  await attach();
  const { stdout } = await runCommand(detachCommand(), ['--stream', STREAM, '--function', 'dns2']);
  expect(stdout).toContain('nothing to do');
  expect(await inlinePolicies()).toEqual(['eks-dns-firehose-dns']);
  await detach();
  expect((await http())?.ProcessingConfiguration).toEqual({ Enabled: false, Processors: [GUNZIP] });
});

describe('status', () => {
  it('shows whether the function of a stream exists', async () => {
    await makeStream(STREAM);
    await makeFunction('dns');
    await attach();
    const json = async () =>
      JSON.parse((await runCommand(statusCommand(), ['--stream', STREAM, '--json'])).stdout);
    expect(await json()).toMatchObject({ functionExists: true, roleMayCallFunction: true });
    await aws.lambda.deleteFunction({ FunctionName: 'dns' });
    expect(await json()).toMatchObject({ functionExists: false });
    const { stdout } = await runCommand(statusCommand(), ['--stream', STREAM]);
    expect(stdout).toMatch(/function exists\s+NO/);
  });
});
