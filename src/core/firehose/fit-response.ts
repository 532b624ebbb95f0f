import { gunzipSync } from 'node:zlib';
import { MAX_RECORD_BYTES } from '../model/batch-limits.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { DegradeStep } from '../model/summary.ts';
import { isGzip } from '../util/is-gzip.ts';
import { gzipSmallest, padded, trimPadding } from './gzip.ts';

// {"recordId":"","result":"ProcessingFailed","data":""}, rounded up.
const PUNCTUATION_BYTES = 64;

const base64Bytes = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/** Bytes of an outcome's new data, padding included. */
const dataBytes = ({ data, paddingBytes = 0 }: Outcome): number =>
  data === undefined ? 0 : data.length + paddingBytes;

/** Bytes that a record adds to the response where it goes back unchanged. */
export const originalBytes = ({ recordId, data }: InputRecord): number =>
  recordId.length + PUNCTUATION_BYTES + data.length;

/** Bytes that an outcome adds to the response: base64 data, record id and JSON punctuation. */
export const outcomeBytes = (outcome: Outcome): number =>
  outcome.data === undefined
    ? originalBytes(outcome.input)
    : outcome.input.recordId.length + PUNCTUATION_BYTES + base64Bytes(dataBytes(outcome));

/** What new data adds to the response over the original, without padding, which goes first where there is no room. */
export const growthOf = ({ input, data }: Outcome): number =>
  data === undefined ? 0 : base64Bytes(data.length) - input.data.length;

/**
 * Degrades outcomes until the response fits `budgetBytes`, then adds the padding that remains. `degraded` is called for
 * every step taken, for the metrics. The largest records are degraded first, in these steps:
 * 1. `unpadded`: padding is removed.
 * 2. `recompressed`: gzip data is compressed at a higher level.
 * 3. `original`: the original data is returned.
 * A record over `MAX_RECORD_BYTES` is degraded in the same steps.
 */
export const fitResponse = (
  outcomes: readonly Outcome[],
  budgetBytes: number,
  degraded: (step: DegradeStep) => void,
): Outcome[] =>
  degradeToFit(outcomes, budgetBytes, degraded).map((outcome) => {
    const { data, paddingBytes = 0 } = outcome;
    if (data === undefined || paddingBytes === 0) return outcome;
    return { ...outcome, data: padded({ data, paddingBytes }), paddingBytes: 0 };
  });

function degradeToFit(
  outcomes: readonly Outcome[],
  budgetBytes: number,
  degraded: (step: DegradeStep) => void,
): Outcome[] {
  const fitted = outcomes.map((outcome) =>
    dataBytes(outcome) > MAX_RECORD_BYTES ? fitRecord(outcome, degraded) : outcome,
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

/** Indexes of the outcomes with new data, largest first. */
function bySize(outcomes: readonly Outcome[]): number[] {
  const sizes = outcomes.map(dataBytes);
  const size = (index: number): number => sizes[index] ?? 0;
  return [...outcomes.keys()].filter((index) => size(index) > 0).sort((a, b) => size(b) - size(a));
}

/** Degrades one outcome until it is within `MAX_RECORD_BYTES`. */
function fitRecord(outcome: Outcome, degraded: (step: DegradeStep) => void): Outcome {
  for (const [name, step] of LOSSLESS_STEPS) {
    const smaller = step(outcome, dataBytes(outcome) - MAX_RECORD_BYTES);
    if (smaller === undefined || dataBytes(smaller) > MAX_RECORD_BYTES) continue;
    degraded(name);
    return smaller;
  }
  degraded('original');
  return restore(outcome);
}

/** `excessBytes` may count base64 bytes. They are more than data bytes, so removing that many data bytes is enough. */
function unpad(outcome: Outcome, excessBytes: number): Outcome | undefined {
  const { data, paddingBytes = 0 } = outcome;
  if (data === undefined || paddingBytes === 0) return undefined;
  return { ...outcome, ...trimPadding({ data, paddingBytes }, excessBytes) };
}

function recompress(outcome: Outcome): Outcome | undefined {
  const { data } = outcome;
  if (data === undefined || !isGzip(data)) return undefined;
  return { ...outcome, data: gzipSmallest(gunzipSync(data)), paddingBytes: 0 };
}

const restore = ({ input, result }: Outcome): Outcome => ({ input, result, data: undefined });

/** A smaller outcome; undefined when the step does not apply. */
type Step = (outcome: Outcome, excessBytes: number) => Outcome | undefined;

type Steps = readonly (readonly [DegradeStep, Step])[];

const LOSSLESS_STEPS: Steps = [
  ['unpadded', unpad],
  ['recompressed', recompress],
];

/** Steps in the order in which they are taken: the last one loses the normalised records. */
const STEPS: Steps = [...LOSSLESS_STEPS, ['original', restore]];
