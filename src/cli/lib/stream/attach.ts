import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { progress } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { refuseLoop } from '../log-groups/filters.ts';
import {
  changeable,
  type HttpDestination,
  readStream,
  type StreamOptions,
  streamName,
} from './delivery-stream.ts';
import { type DnsFunction, type FunctionOptions, usableFunction } from './function.ts';
import { attached, type BufferingHints, backupTags, calls } from './processing.ts';
import { grant, grantName, isGranted, roleName } from './role-grant.ts';
import { updateProcessing } from './update.ts';

/** A checked change: the stream can be changed, the function exists, and attaching it creates no feedback loop. */
export type AttachPlan = {
  readonly streamName: string;
  readonly http: HttpDestination;
  readonly dnsFunction: DnsFunction;
  /** The processing block with the function; equal to the current block if the function is already attached. */
  readonly processing: ProcessingConfiguration;
  readonly needsUpdate: boolean;
  /** Whether the stream's role lacks the permission to call the function. */
  readonly needsGrant: boolean;
};

/** Reads stream, function and role, and works out what has to change; throws if attaching is unsafe. */
export async function planAttach(
  aws: Aws,
  options: StreamOptions & FunctionOptions & BufferingHints,
): Promise<AttachPlan> {
  const stream = await readStream(aws, await streamName(aws, options));
  const http = changeable(stream);
  const dnsFunction = await usableFunction(aws, options);
  await refuseLoop(aws, dnsFunction, stream);
  const after = attached(http.processing, dnsFunction.arn, options);
  return {
    streamName: stream.name,
    http,
    dnsFunction,
    processing: after ?? http.processing,
    needsUpdate: after !== undefined,
    needsGrant: !(await isGranted(aws, http.roleArn, dnsFunction.arn)),
  };
}

/** Makes the planned change; waits `settleSeconds` after a new permission, so that IAM can propagate it. */
export async function attach(
  aws: Aws,
  { streamName: name, http, dnsFunction, needsGrant, needsUpdate }: AttachPlan,
  hints: BufferingHints,
  settleSeconds: number,
): Promise<void> {
  if (needsGrant) {
    progress(`adding the inline policy ${grantName(dnsFunction.arn)} to role ${roleName(http.roleArn)}`);
    await grant(aws, http.roleArn, dnsFunction.arn);
    // If the role cannot call the function yet, Firehose sends whole batches to the backup bucket.
    progress(`waiting ${settleSeconds} s for the IAM policy to propagate`);
    await sleep(settleSeconds * 1000);
  }
  if (needsUpdate) await updateStream(aws, name, dnsFunction, hints);
}

async function updateStream(
  aws: Aws,
  name: string,
  { arn }: DnsFunction,
  hints: BufferingHints,
): Promise<void> {
  progress(`changing the processing of stream "${name}"`);
  const before = await updateProcessing(aws, name, (http) => attached(http.processing, arn, hints));
  const block = before?.http?.processing;
  // If only the hints changed, the tags still hold the block from before the first `attach`.
  if (block === undefined || calls(block, arn)) return;
  await (await aws.firehose()).tagDeliveryStream({ DeliveryStreamName: name, Tags: backupTags(block) });
}
