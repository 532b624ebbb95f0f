// What a record may become: bytes of a rewritten record, and of its gzip.
import { gzip } from '../firehose/gzip.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import { type BatchSummary, eventCounts, restoreEventCounts } from '../model/summary.ts';
import type { Reduction, Rewritten } from './rewrite-events.ts';
import { createMetadataRemover } from './without-metadata.ts';
import type { BatchContext } from './writer-context.ts';

/**
 * Most inflated bytes per gzip byte of a rewritten record, unless its input has more. Firehose cuts requests at 1 MiB of
 * gzip, and Dynatrace refuses one over 10 MB; whether it counts inflated bytes is unknown.
 */
const MAX_RATIO = 9;

/** The record with gzip of `bytes` as its data, padded to its ratio; `inputRatio` is that of the input. */
export const gzippedRecord = (input: InputRecord, bytes: Buffer, inputRatio = 0): Outcome => ({
  input,
  result: 'Ok',
  ...gzip(bytes, Math.ceil(bytes.length / Math.max(MAX_RATIO, inputRatio))),
});

// A field repeats a part of its line, every character of which has at most seven bytes; about ten fields do. Beyond that
// an event has its pod's metadata (8 kB, each character likewise) and some hundred bytes.
const MAX_GROWTH = 100;
const MAX_EVENT_BYTES = 65_536;

/** Whether a record cannot become larger than `maxBytes`, whatever is in it. */
export const isSurelyWithin = (maxBytes: number, bytes: number, events: number): boolean =>
  bytes * MAX_GROWTH + events * MAX_EVENT_BYTES < maxBytes;

const STEPS = ['withoutMetadata', 'lean'] as const;

/**
 * Rewrites a record; if it becomes too large, again without the labels and annotations of its pods, then also without the
 * fields of the set `lean` of `OMIT`. Counts in the summary only what is returned.
 */
export function rewriteWithin(
  { summary }: BatchContext,
  isSmall: boolean,
  rewrite: (summary: BatchSummary, reduction?: Reduction) => Rewritten,
): Rewritten {
  if (isSmall) return rewrite(summary);
  const before = eventCounts(summary);
  const whole = rewrite(summary);
  if (!whole.isTooLarge) return whole;
  restoreEventCounts(summary, before);
  const clientOf = createMetadataRemover();
  for (const step of whole.hasMetadata ? STEPS : STEPS.slice(1)) {
    const reduced = rewrite(summary, { clientOf, isLean: step === 'lean' });
    if (!reduced.isTooLarge) {
      summary.degraded[step]++;
      return reduced;
    }
    restoreEventCounts(summary, before);
  }
  summary.degraded.original++;
  return whole;
}
