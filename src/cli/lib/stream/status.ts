import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import type { Aws } from '../aws/clients.ts';
import { readSnapshotAges, type SnapshotAge } from '../state/index.ts';
import { readStream, type StreamOptions, streamName } from './delivery-stream.ts';
import { findFunction } from './function.ts';
import { lambdaIn, savedBlock } from './processing.ts';
import { isGranted, roleName } from './role-grant.ts';
import { streamTags } from './update.ts';

/** How a stream processes its records, and whether it can. */
export type StreamStatus = {
  readonly stream: string;
  /** `ACTIVE`, `CREATING`, ... */
  readonly status: string;
  readonly version: string;
  readonly endpoint: string | undefined;
  readonly role: string | undefined;
  readonly processing: ProcessingConfiguration;
  /** ARN of the function that the stream calls. */
  readonly function: string | undefined;
  readonly functionExists: boolean | undefined;
  readonly roleMayCallFunction: boolean | undefined;
  readonly errorLogGroup: string | undefined;
  readonly backupBucket: string | undefined;
  /** Snapshots of the function's shared memory; undefined without one, or where they cannot be listed. */
  readonly snapshots: readonly SnapshotAge[] | undefined;
  /** The processing block from before `attach`. */
  readonly before: ProcessingConfiguration | undefined;
};

/** Reads a stream, the function that it calls, and the role's permission. */
export async function readStatus(aws: Aws, options: StreamOptions): Promise<StreamStatus> {
  const stream = await readStream(aws, await streamName(aws, options));
  const { http } = stream;
  const processing = http?.processing ?? { Enabled: false };
  const called = lambdaIn(processing);
  const found = called === undefined ? undefined : await findFunction(aws, called);
  return {
    stream: stream.name,
    status: stream.status,
    version: stream.versionId,
    endpoint: http?.url,
    role: http === undefined ? undefined : roleName(http.roleArn),
    processing,
    function: called,
    functionExists: called === undefined ? undefined : found !== undefined,
    roleMayCallFunction:
      http === undefined || found === undefined ? undefined : await isGranted(aws, http.roleArn, found.arn),
    errorLogGroup: http?.errorLogGroup,
    backupBucket: http?.backupBucketArn,
    // The bucket may be of another account.
    snapshots: found && (await readSnapshotAges(aws, found.variables).catch(() => undefined)),
    before: savedBlock(await streamTags(aws, stream.name)),
  };
}
