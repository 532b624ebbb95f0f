import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand } from '../lib/aws/command.ts';
import { STACK_GRANT } from '../lib/aws/stack.ts';
import {
  type FunctionOptions,
  findFunction,
  functionId,
  READ_FUNCTION_GRANT,
} from '../lib/stream/function.ts';
import { detached, lambdaIn, savedBlock, undoKeys, unqualified } from '../lib/stream/processing.ts';
import { revoke, WRITE_ROLE_GRANT } from '../lib/stream/role-grant.ts';
import {
  changeable,
  READ_STREAM_GRANT,
  readStream,
  type StreamOptions,
  streamName,
} from '../lib/stream/stream.ts';
import { streamTags, UPDATE_STREAM_GRANT, updateProcessing } from '../lib/stream/update.ts';
import { diffOf, numberFrom, print, printJson, progress, waitFor } from '../terminal.ts';

type Options = StreamOptions &
  FunctionOptions & { readonly dryRun?: boolean; readonly json?: boolean; readonly settleSeconds: string };

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** `eks-dns detach`: takes the function off the stream and leaves the stream as it was before `attach`. */
export function detachCommand(): Command {
  const grants = [STACK_GRANT, READ_STREAM_GRANT, UPDATE_STREAM_GRANT, READ_FUNCTION_GRANT, WRITE_ROLE_GRANT];
  return awsCommand(
    'detach',
    'take the function off the stream (before the function is deleted)',
    grants,
    detach,
  )
    .option('--stream <name>', 'the delivery stream, by name or ARN')
    .option('--stream-stack <name>', "else Dynatrace's stack that made it (dynatrace-log-delivery-stream)")
    .option('--function <name>', 'the function, by name or ARN')
    .option('--stack <name>', "else this project's stack (eks-dns-firehose)")
    .option(
      '--settle-seconds <n>',
      'wait until Firehose has let go of the function',
      numberFrom(0, 3600),
      '300',
    )
    .option('--dry-run', 'show the change, make none')
    .option('--json', 'print the outcome as JSON');
}

/** Works for a function that is gone already: an ARN is enough, and a bare name is looked for in the stream itself. */
async function functionArn(aws: Aws, options: Options, inStream: string | undefined): Promise<string> {
  const id = await functionId(aws, options);
  if (id.startsWith('arn:')) return unqualified(id);
  const found = await findFunction(aws, id);
  if (found !== undefined) return found.arn;
  return inStream !== undefined && unqualified(inStream).endsWith(`:function:${id}`)
    ? unqualified(inStream)
    : id;
}

async function detach(options: Options, aws: Aws): Promise<void> {
  const name = await streamName(aws, options);
  const stream = await readStream(aws, name);
  const http = changeable(stream);
  const arn = await functionArn(aws, options, lambdaIn(http.processing));
  const tags = await streamTags(aws, name);
  const saved = savedBlock(tags);
  const after = detached(http.processing, arn, saved);
  const outcome = {
    stream: name,
    function: arn,
    changed: after !== undefined,
    dryRun: options.dryRun === true,
    before: http.processing,
    after: after ?? http.processing,
  };
  if (options.dryRun === true) {
    if (options.json === true) return printJson(outcome);
    const diff = diffOf(
      `stream ${name}: ProcessingConfiguration`,
      json(http.processing),
      json(outcome.after),
    );
    return print(diff === '' ? 'nothing would change' : diff);
  }
  if (after !== undefined) {
    progress(`changing the processing of stream "${name}"`);
    await updateProcessing(aws, name, (now) => detached(now.processing, arn, saved));
    await settle(Number(options.settleSeconds));
  }
  // Another function on the stream may hang on what was kept, and on a policy of the same name.
  const isFree = lambdaIn(outcome.after) === undefined;
  const revoked = isFree && (await clearUp(aws, { name, tags, roleArn: http.roleArn, functionArn: arn }));
  if (options.json === true) return printJson({ ...outcome, revoked });
  print(
    after === undefined
      ? `nothing to do: stream "${name}" does not call ${arn}`
      : `stream "${name}" delivers without the function again; the function can be deleted now`,
  );
}

/** A batch that meets neither the function nor the right to call it ends in the backup bucket: first let the change land. */
async function settle(seconds: number): Promise<void> {
  const limits = { timeoutMs: seconds * 1000, intervalMs: 30_000 };
  await waitFor('waiting until Firehose has let go of the function', async () => undefined, limits);
}

type Leftovers = {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly roleArn: string;
  readonly functionArn: string;
};

/** Takes away what `attach` left on the stream and on its role; true when the role had our policy. */
async function clearUp(aws: Aws, { name, tags, roleArn, functionArn }: Leftovers): Promise<boolean> {
  const TagKeys = [...undoKeys([...tags.keys()])];
  if (TagKeys.length > 0)
    await (await aws.firehose()).untagDeliveryStream({ DeliveryStreamName: name, TagKeys });
  return functionArn.startsWith('arn:') && (await revoke(aws, roleArn, functionArn));
}
