import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { EXIT, fail, progress, waitFor } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isFault } from '../aws/command.ts';
import { changeable, type HttpDestination, readStream, type Stream } from './stream.ts';

/** Right to change a stream's destination. */
export const UPDATE_STREAM_GRANT: Grant = {
  actions: ['firehose:UpdateDestination', 'firehose:TagDeliveryStream', 'firehose:UntagDeliveryStream'],
  on: 'arn:aws:firehose:*:*:deliverystream/*',
};

/** Somebody who changes the stream all the time is not outrun. */
const ROUNDS = 5;

/** Firehose takes a new role policy only when IAM has spread it. */
const IAM_SPREADS_MS = 60_000;

/** A change of the processing block, worked out anew from what is there; undefined = nothing to change. */
export type Plan = (http: HttpDestination) => ProcessingConfiguration | undefined;

const isConflict = (error: unknown): boolean => isFault(error, 'ConcurrentModificationException');

const isNotYetAllowed = (error: unknown): boolean =>
  isFault(error, 'InvalidArgumentException') && /role|assume|authori[sz]ed|permission/i.test(String(error));

async function tryOnce(aws: Aws, stream: Stream, block: ProcessingConfiguration): Promise<'done' | 'moved'> {
  const client = await aws.firehose();
  const attempt = async (): Promise<'done' | 'moved' | undefined> => {
    try {
      // Only this member: all that is left out keeps its value, the endpoint's access key above all.
      await client.updateDestination({
        DeliveryStreamName: stream.name,
        CurrentDeliveryStreamVersionId: stream.versionId,
        DestinationId: changeable(stream).id,
        HttpEndpointDestinationUpdate: { ProcessingConfiguration: block },
      });
      return 'done';
    } catch (error) {
      if (isConflict(error)) return 'moved';
      if (isNotYetAllowed(error)) return undefined;
      throw error;
    }
  };
  const limits = { timeoutMs: IAM_SPREADS_MS, intervalMs: 5000 };
  const outcome = await waitFor('waiting until IAM has spread the new right', attempt, limits);
  if (outcome !== undefined) return outcome;
  throw fail(
    `Firehose does not accept the delivery role of stream "${stream.name}"`,
    '`eks-dns status` shows whether the role may call the function; run this again in some minutes',
  );
}

/**
 * Changes the stream's processing block as `plan` says. When somebody else changes the stream at the same time, it is
 * read and planned anew. Resolves to the stream as it was before the change, undefined when nothing had to change.
 */
export async function updateProcessing(aws: Aws, name: string, plan: Plan): Promise<Stream | undefined> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const stream = await readStream(aws, name);
    const block = plan(changeable(stream));
    if (block === undefined) return undefined;
    if ((await tryOnce(aws, stream, block)) === 'done') return stream;
    progress(`stream "${name}" was changed by somebody else meanwhile; reading it again`);
  }
  throw fail(
    `stream "${name}" was changed by somebody else ${ROUNDS} times in a row`,
    'wait until the other change is over, then run this again',
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
