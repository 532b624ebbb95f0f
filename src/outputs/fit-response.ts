import { gunzipSync } from 'node:zlib';
import type { Outcome } from '../model/outcome.ts';
import type { DegradeStep } from '../model/summary.ts';
import { gzipSmallest } from './gzip.ts';

/** What Firehose takes for one record after base64, bytes (1,000 KiB, https://docs.aws.amazon.com/firehose/latest/dev/limits.html). */
export const MAX_RECORD_BYTES = 1_024_000;

// {"recordId":"","result":"ProcessingFailed","data":""}, and a little air
const PUNCTUATION_BYTES = 64;

const base64Bytes = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/** Bytes that an outcome adds to the response: base64, id and punctuation. */
export const outcomeBytes = ({ input, data }: Outcome): number =>
  input.recordId.length +
  PUNCTUATION_BYTES +
  (data === undefined ? input.data.length : base64Bytes(data.length));

/**
 * Makes the outcomes fit: while the response is over `budgetBytes`, the largest changed record is compressed as small
 * as it gets, and at last goes back with its original bytes. A record over Firehose's own limit goes the same way.
 * `degraded` is called for every step taken.
 */
export function fitResponse(
  outcomes: readonly Outcome[],
  budgetBytes: number,
  degraded: (step: DegradeStep) => void,
): Outcome[] {
  const fitted = outcomes.map((outcome) =>
    (outcome.data?.length ?? 0) > MAX_RECORD_BYTES ? shrink(outcome, degraded) : outcome,
  );
  let total = fitted.reduce((sum, outcome) => sum + outcomeBytes(outcome), 0);
  if (total <= budgetBytes) return fitted;
  for (const step of [recompress, restore]) {
    for (const index of bySize(fitted)) {
      if (total <= budgetBytes) return fitted;
      const before = fitted[index];
      const after = before && step(before, degraded);
      if (before === undefined || after === undefined || outcomeBytes(after) >= outcomeBytes(before))
        continue;
      fitted[index] = after;
      total += outcomeBytes(after) - outcomeBytes(before);
    }
  }
  return fitted;
}

/** Positions of the outcomes we changed, largest first. */
function bySize(outcomes: readonly Outcome[]): number[] {
  const size = (index: number): number => outcomes[index]?.data?.length ?? 0;
  return [...outcomes.keys()].filter((index) => size(index) > 0).sort((a, b) => size(b) - size(a));
}

type Degraded = (step: DegradeStep) => void;

function shrink(outcome: Outcome, degraded: Degraded): Outcome {
  const smaller = recompress(outcome, degraded);
  return smaller !== undefined && (smaller.data?.length ?? 0) <= MAX_RECORD_BYTES
    ? smaller
    : (restore(outcome, degraded) ?? outcome);
}

function recompress(outcome: Outcome, degraded: Degraded): Outcome | undefined {
  const { data } = outcome;
  if (data === undefined || data[0] !== 0x1f || data[1] !== 0x8b) return undefined;
  degraded('recompressed');
  return { ...outcome, data: gzipSmallest(gunzipSync(data)) };
}

function restore(outcome: Outcome, degraded: Degraded): Outcome | undefined {
  if (outcome.data === undefined) return undefined;
  degraded('original');
  return { ...outcome, data: undefined };
}
