import { gunzipSync } from 'node:zlib';
import type { Outcome } from '../model/firehose-record.ts';
import type { DegradeStep } from '../model/summary.ts';
import { gzipSmallest, padded, trimPadding } from './gzip.ts';

/** What Firehose takes for one record after base64, bytes (1,000 KiB, https://docs.aws.amazon.com/firehose/latest/dev/limits.html). */
export const MAX_RECORD_BYTES = 1_024_000;

// {"recordId":"","result":"ProcessingFailed","data":""}, and a little air
const PUNCTUATION_BYTES = 64;

const base64Bytes = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/** Bytes of an outcome's new data, padding included. */
const dataBytes = ({ data, paddingBytes = 0 }: Outcome): number =>
  data === undefined ? 0 : data.length + paddingBytes;

/** Bytes that an outcome adds to the response: base64, id and punctuation. */
export const outcomeBytes = (outcome: Outcome): number =>
  outcome.input.recordId.length +
  PUNCTUATION_BYTES +
  (outcome.data === undefined ? outcome.input.data.length : base64Bytes(dataBytes(outcome)));

/** Makes the outcomes fit (`fitTo`), and puts in the padding that there is room for. */
export const fitResponse = (
  outcomes: readonly Outcome[],
  budgetBytes: number,
  degraded: (step: DegradeStep) => void,
): Outcome[] =>
  fitTo(outcomes, budgetBytes, degraded).map((outcome) => {
    const { data, paddingBytes = 0 } = outcome;
    if (data === undefined || paddingBytes === 0) return outcome;
    return { ...outcome, data: padded({ data, paddingBytes }), paddingBytes: 0 };
  });

/**
 * Makes the outcomes fit: while the response is over `budgetBytes`, padding is taken out, then the largest changed record
 * is compressed as small as it gets, and at last goes back with its original bytes. A record over Firehose's own limit
 * goes the same way. `degraded` is called for every step taken.
 */
function fitTo(
  outcomes: readonly Outcome[],
  budgetBytes: number,
  degraded: (step: DegradeStep) => void,
): Outcome[] {
  const fitted = outcomes.map((outcome) =>
    dataBytes(outcome) > MAX_RECORD_BYTES ? shrink(outcome, degraded) : outcome,
  );
  let excess = fitted.reduce((sum, outcome) => sum + outcomeBytes(outcome), 0) - budgetBytes;
  for (const [name, step] of STEPS) {
    for (const index of bySize(fitted)) {
      if (excess <= 0) return fitted;
      const before = fitted[index];
      const after = before && step(before, excess);
      if (before === undefined || after === undefined) continue;
      const saved = outcomeBytes(before) - outcomeBytes(after);
      if (saved <= 0) continue;
      fitted[index] = after;
      excess -= saved;
      degraded(name);
    }
  }
  return fitted;
}

/** Positions of the outcomes we changed, largest first. */
function bySize(outcomes: readonly Outcome[]): number[] {
  const sizes = outcomes.map(dataBytes);
  const size = (index: number): number => sizes[index] ?? 0;
  return [...outcomes.keys()].filter((index) => size(index) > 0).sort((a, b) => size(b) - size(a));
}

function shrink(outcome: Outcome, degraded: (step: DegradeStep) => void): Outcome {
  for (const [name, step] of GENTLE_STEPS) {
    const smaller = step(outcome, dataBytes(outcome) - MAX_RECORD_BYTES);
    if (smaller === undefined || dataBytes(smaller) > MAX_RECORD_BYTES) continue;
    degraded(name);
    return smaller;
  }
  degraded('original');
  return restore(outcome);
}

/** Takes out what is too much, in base64 as in bytes: then it is surely enough. */
function unpad(outcome: Outcome, excess: number): Outcome | undefined {
  const { data, paddingBytes = 0 } = outcome;
  if (data === undefined || paddingBytes === 0) return undefined;
  return { ...outcome, ...trimPadding({ data, paddingBytes }, excess) };
}

function recompress(outcome: Outcome): Outcome | undefined {
  const { data } = outcome;
  if (data === undefined || data[0] !== 0x1f || data[1] !== 0x8b) return undefined;
  return { ...outcome, data: gzipSmallest(gunzipSync(data)), paddingBytes: 0 };
}

const restore = ({ input, result }: Outcome): Outcome => ({ input, result, data: undefined });

type Step = (outcome: Outcome, excessBytes: number) => Outcome | undefined;

type Steps = readonly (readonly [DegradeStep, Step])[];

const GENTLE_STEPS: Steps = [
  ['unpadded', unpad],
  ['recompressed', recompress],
];

/** From the cheapest for the reader to the dearest. */
const STEPS: Steps = [...GENTLE_STEPS, ['original', restore]];
