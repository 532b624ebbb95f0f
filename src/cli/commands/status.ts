import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand } from '../lib/aws/command.ts';
import { STACK_GRANT } from '../lib/aws/stack.ts';
import { findFunction, READ_FUNCTION_GRANT } from '../lib/stream/function.ts';
import { lambdaIn, savedBlock } from '../lib/stream/processing.ts';
import { isGranted, READ_POLICY_GRANT, READ_ROLE_GRANT, roleName } from '../lib/stream/role-grant.ts';
import { READ_STREAM_GRANT, readStream, type StreamOptions, streamName } from '../lib/stream/stream.ts';
import { streamTags } from '../lib/stream/update.ts';
import { print, printJson, table } from '../terminal.ts';

type Options = StreamOptions & { readonly json?: boolean };

/** `eks-dns status`: what a stream does with its records, and whether it can. */
export function statusCommand(): Command {
  const grants = [STACK_GRANT, READ_STREAM_GRANT, READ_FUNCTION_GRANT, READ_ROLE_GRANT, READ_POLICY_GRANT];
  return awsCommand('status', 'show what a stream does with its records', grants, status)
    .option('--stream <name>', 'the delivery stream, by name or ARN')
    .option('--stream-stack <name>', "else Dynatrace's stack that made it (dynatrace-log-delivery-stream)")
    .option('--json', 'print the state as JSON');
}

async function status(options: Options, aws: Aws): Promise<void> {
  const stream = await readStream(aws, await streamName(aws, options));
  const { http } = stream;
  const processing = http?.processing ?? { Enabled: false };
  const called = lambdaIn(processing);
  const found = called === undefined ? undefined : await findFunction(aws, called);
  const granted =
    http === undefined || found === undefined ? undefined : await isGranted(aws, http.roleArn, found.arn);
  const state = {
    stream: stream.name,
    status: stream.status,
    version: stream.versionId,
    endpoint: http?.url,
    role: http === undefined ? undefined : roleName(http.roleArn),
    processing,
    function: called,
    functionExists: called === undefined ? undefined : found !== undefined,
    roleMayCallFunction: granted,
    errorLogGroup: http?.errorLogGroup,
    backupBucket: http?.backupBucketArn,
    before: savedBlock(await streamTags(aws, stream.name)),
  };
  if (options.json === true) return printJson(state);
  const word = (value: boolean | undefined) => (value === undefined ? '-' : value ? 'yes' : 'NO');
  print(
    table(
      ['stream', `${state.stream} (${state.status}, version ${state.version})`],
      [
        ['delivers to', state.endpoint ?? 'no HTTP endpoint'],
        ['processing', processing.Enabled === true ? 'on' : 'off'],
        ...(processing.Processors ?? []).map(({ Type, Parameters }) => [
          `  ${Type}`,
          (Parameters ?? []).map((one) => `${one.ParameterName}=${one.ParameterValue}`).join('\n'),
        ]),
        ['function exists', word(state.functionExists)],
        ['its role may call it', word(granted)],
        ['error log', state.errorLogGroup ?? 'off'],
        ['backup', state.backupBucket ?? '-'],
        ['before attach', state.before === undefined ? '-' : JSON.stringify(state.before)],
      ],
    ),
  );
}
