import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { EXIT, fail, progress, waitFor } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isAwsError } from '../aws/command.ts';
import { changeable, type HttpDestination, readStream, type Stream } from './delivery-stream.ts';

/** Permission to change a stream's destination and tags. */
export const UPDATE_STREAM_GRANT: Grant = {
  actions: ['firehose:UpdateDestination', 'firehose:TagDeliveryStream', 'firehose:UntagDeliveryStream'],
  on: 'arn:aws:firehose:*:*:deliverystream/*',
};

/** Attempts, if other changes of the stream keep interfering. */
const ROUNDS = 5;

/** Time until Firehose must have accepted a new role policy: IAM propagates policies with a delay. */
const IAM_PROPAGATION_MS = 60_000;

/** Computes the new processing block from the current destination; undefined = nothing to change. */
export type Plan = (http: HttpDestination) => ProcessingConfiguration | undefined;

const isConflict = (error: unknown): boolean => isAwsError(error, 'ConcurrentModificationException');

const isNotYetAllowed = (error: unknown): boolean =>
  isAwsError(error, 'InvalidArgumentException') &&
  /role|assume|authori[sz]ed|permission/i.test(String(error));

async function tryOnce(
  aws: Aws,
  stream: Stream,
  block: ProcessingConfiguration,
): Promise<'done' | 'conflict'> {
  const client = await aws.firehose();
  const attempt = async (): Promise<'done' | 'conflict' | undefined> => {
    try {
      // Only this member: omitted members keep their values, most importantly the endpoint's access key.
      await client.updateDestination({
        DeliveryStreamName: stream.name,
        CurrentDeliveryStreamVersionId: stream.versionId,
        DestinationId: changeable(stream).id,
        HttpEndpointDestinationUpdate: { ProcessingConfiguration: block },
      });
      return 'done';
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      if (isNotYetAllowed(error)) return undefined;
      throw error;
    }
  };
  const limits = { timeoutMs: IAM_PROPAGATION_MS, intervalMs: 5000 };
  const outcome = await waitFor('waiting for the IAM policy to propagate', attempt, limits);
  if (outcome !== undefined) return outcome;
  throw fail(
    `Firehose does not accept the delivery role of stream "${stream.name}"`,
    '`eks-dns status` shows whether the role may call the function; run this again in a few minutes',
  );
}

/**
 * Changes the stream's processing block to the result of `plan`. On a concurrent change, the stream is read and planned
 * again. Resolves to the stream before the change; undefined if nothing had to change.
 */
export async function updateProcessing(aws: Aws, name: string, plan: Plan): Promise<Stream | undefined> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const stream = await readStream(aws, name);
    const block = plan(changeable(stream));
    if (block === undefined) return undefined;
    if ((await tryOnce(aws, stream, block)) === 'done') return stream;
    progress(`stream "${name}" was changed by another client; reading it again`);
  }
  throw fail(
    `stream "${name}" was changed by another client ${ROUNDS} times in a row`,
    'wait until the other change is done, then run this again',
    EXIT.failed,
  );
}

/** A stream's tags by key. */
export async function streamTags(aws: Aws, name: string): Promise<ReadonlyMap<string, string>> {
  const { Tags } = await (await aws.firehose()).listTagsForDeliveryStream({
    DeliveryStreamName: name,
    Limit: 50,
  });
  return new Map((Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}
