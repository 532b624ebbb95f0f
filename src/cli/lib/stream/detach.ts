import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { progress, waitFor } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import {
  changeable,
  type HttpDestination,
  readStream,
  type StreamOptions,
  streamName,
} from './delivery-stream.ts';
import { type FunctionOptions, findFunction, functionId } from './function.ts';
import { backupTagKeys, detached, lambdaIn, savedBlock, unqualified } from './processing.ts';
import { revoke } from './role-grant.ts';
import { streamTags, updateProcessing } from './update.ts';

/** How to remove the function from the stream. */
export type DetachPlan = {
  readonly streamName: string;
  readonly http: HttpDestination;
  /** ARN of the function; its bare name if neither the function nor the stream knows the ARN. */
  readonly functionArn: string;
  readonly tags: ReadonlyMap<string, string>;
  /** The processing block without the function; equal to the current block if the function is not in it. */
  readonly processing: ProcessingConfiguration;
  readonly needsUpdate: boolean;
};

/** Reads stream and function and works out what has to change. Also works if the function no longer exists. */
export async function planDetach(aws: Aws, options: StreamOptions & FunctionOptions): Promise<DetachPlan> {
  const stream = await readStream(aws, await streamName(aws, options));
  const http = changeable(stream);
  const functionArn = await arnOf(aws, options, lambdaIn(http.processing));
  const tags = await streamTags(aws, stream.name);
  const after = detached(http.processing, functionArn, savedBlock(tags));
  return {
    streamName: stream.name,
    http,
    functionArn,
    tags,
    processing: after ?? http.processing,
    needsUpdate: after !== undefined,
  };
}

/** The function's ARN; for the name of a deleted function, the ARN in the stream. */
async function arnOf(aws: Aws, options: FunctionOptions, inStream: string | undefined): Promise<string> {
  const id = await functionId(aws, options);
  if (id.startsWith('arn:')) return unqualified(id);
  const found = await findFunction(aws, id);
  if (found !== undefined) return found.arn;
  return inStream !== undefined && unqualified(inStream).endsWith(`:function:${id}`)
    ? unqualified(inStream)
    : id;
}

/** Makes the planned change and removes tags and policy of `attach`; true if the role had our policy. */
export async function detach(aws: Aws, plan: DetachPlan, settleSeconds: number): Promise<boolean> {
  const { streamName: name, functionArn, tags } = plan;
  if (plan.needsUpdate) {
    progress(`changing the processing of stream "${name}"`);
    await updateProcessing(aws, name, (http) => detached(http.processing, functionArn, savedBlock(tags)));
    await settle(settleSeconds);
  }
  // If another function is attached, the tags and a policy of the same name may belong to it.
  return lambdaIn(plan.processing) === undefined && (await cleanUp(aws, plan));
}

/** Waits for the change to take effect: a batch whose function may no longer be called goes to the backup bucket. */
async function settle(seconds: number): Promise<void> {
  const limits = { timeoutMs: seconds * 1000, intervalMs: 30_000 };
  await waitFor('waiting until Firehose stops invoking the function', async () => undefined, limits);
}

async function cleanUp(
  aws: Aws,
  { streamName: name, tags, http, functionArn }: DetachPlan,
): Promise<boolean> {
  const TagKeys = [...backupTagKeys([...tags.keys()])];
  if (TagKeys.length > 0)
    await (await aws.firehose()).untagDeliveryStream({ DeliveryStreamName: name, TagKeys });
  return functionArn.startsWith('arn:') && (await revoke(aws, http.roleArn, functionArn));
}
