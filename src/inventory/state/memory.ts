// The snapshot of one cluster in the store: when it is read and written, and what a failing store costs.
import type { StateHealth } from '../../core/model/ports.ts';
import { type BackOff, createBackOff } from '../back-off.ts';
import type { Clock } from '../clock.ts';
import { describeError } from '../describe-error.ts';
import { type DecodeOptions, decodeSnapshot } from '../snapshot/decode.ts';
import { encodeSnapshot } from '../snapshot/encode.ts';
import { momentOf, type ReadSnapshot, SNAPSHOT_LIMITS, type Snapshot } from '../snapshot/snapshot.ts';
import { untilAborted } from '../until-aborted.ts';
import { readLimit } from './read-limit.ts';
import type { StateStore } from './store.ts';

/** Copies that handle batches write a snapshot that is older than this, and list nothing while it is younger. */
export const OLD_AFTER_MS = 90_000;

/** Copies that handle batches write up to this much later, so that not all of them write at once. */
const JITTER_MS = 20_000;

/** The memory of one cluster. No method rejects. */
export type ClusterMemory = {
  /** Starts an invocation: resets the counters of `health`. */
  readonly begin: () => void;
  /**
   * The snapshot where it is later than `sinceMs`; undefined where there is none, it is unchanged, or it cannot be read.
   * `isUrgent`: also during back-off.
   */
  readonly recall: (request: RecallRequest, signal: AbortSignal) => Promise<ReadSnapshot | undefined>;
  /** The moment of the snapshot in the store, as far as known. */
  readonly storedMs: () => number | undefined;
  /** Writes a snapshot, unless another copy was first, or it is not later than the stored one. */
  readonly keep: (key: string, snapshot: Snapshot, nowMs: number, signal: AbortSignal) => Promise<void>;
  /** Whether a copy that handles batches has to write. */
  readonly isOld: (nowMs: number) => boolean;
  readonly health: (nowMs: number) => StateHealth;
};

/** What to read, and what for. */
export type RecallRequest = DecodeOptions & {
  readonly key: string;
  /** A snapshot of this moment or an earlier one is of no use. */
  readonly sinceMs: number;
  /** A snapshot from before this moment is too old. */
  readonly horizonMs: number;
  readonly isUrgent: boolean;
  /** What a snapshot waits for before it is decoded, so that only one at a time takes its memory. */
  readonly turn?: Promise<unknown>;
};

/** The memory of a cluster in `store`; `timing` limits the time of a read. */
export function createClusterMemory(
  store: StateStore,
  timing: Clock,
  random: () => number = Math.random,
): ClusterMemory {
  const reading = createBackOff(random);
  const writing = createBackOff(random);
  /** The version in the store and its moment; a moment of undefined: it could not be used. */
  let stored:
    | { readonly etag: string; readonly momentMs: number | undefined; readonly isSkipped: boolean }
    | undefined;
  let isKnown = false;
  let errors = 0;
  let oldAfterMs = OLD_AFTER_MS + random() * JITTER_MS;
  /** Why the version `stored` is of no use. */
  let refusal: string | undefined;

  const failed = (backOff: BackOff, nowMs: number, what: string, error: unknown): void => {
    errors += 1;
    backOff.failed(nowMs, `${what}: ${describeError(error)}`);
  };

  const read = async (request: RecallRequest, signal: AbortSignal): Promise<ReadSnapshot | undefined> => {
    const { key, sinceMs, horizonMs } = request;
    // A version that was of no use may have become useful: the API server has forgotten what happened since the last sync.
    const isUseful = stored?.isSkipped === true && (stored.momentMs ?? Number.NEGATIVE_INFINITY) > sinceMs;
    const known = isUseful ? undefined : stored?.etag;
    const found = await store.read(key, known, SNAPSHOT_LIMITS.storedBytes, signal);
    isKnown = true;
    if (found.kind === 'unchanged') return undefined;
    refusal = undefined;
    stored = undefined;
    if (found.kind === 'missing') return undefined;
    await request.turn;
    const decoded = decodeSnapshot(found.body, request);
    const momentMs = decoded.ok ? momentOf(decoded.snapshot) : decoded.momentMs;
    const isTooOld = momentMs !== undefined && momentMs < horizonMs;
    const unusable = decoded.ok ? undefined : decoded.fault;
    const fault = isTooOld ? 'it is too old' : unusable;
    stored = { etag: found.etag, momentMs, isSkipped: !decoded.ok && fault === undefined };
    if (fault !== undefined) {
      refusal = `the snapshot is ignored: ${fault}`;
      errors += 1;
      return undefined;
    }
    return decoded.ok ? decoded.snapshot : undefined;
  };

  const isOld = (nowMs: number): boolean =>
    isKnown && nowMs - (stored?.momentMs ?? Number.NEGATIVE_INFINITY) > oldAfterMs;

  return {
    begin: () => {
      errors = 0;
    },
    recall: async (request, signal) => {
      if (!request.isUrgent && !reading.isDue(request.nowMs)) return undefined;
      const limit = readLimit(signal, timing);
      try {
        const snapshot = await untilAborted(read(request, limit.signal), limit.signal);
        reading.succeeded();
        return snapshot;
      } catch (error) {
        isKnown = false;
        const cause = limit.signal.aborted ? 'no answer in time' : error;
        failed(reading, request.nowMs, 'read', cause);
        return undefined;
      } finally {
        limit.cancel();
        store.disconnect();
      }
    },
    storedMs: () => stored?.momentMs,
    keep: async (key, snapshot, nowMs, signal) => {
      if (!isKnown || momentOf(snapshot) <= (stored?.momentMs ?? Number.NEGATIVE_INFINITY)) return;
      if (!writing.isDue(nowMs) || signal.aborted) return;
      try {
        const write = async () => {
          const body = await encodeSnapshot(snapshot);
          return store.write(key, body, stored?.etag, signal);
        };
        const result = await untilAborted(write(), signal);
        writing.succeeded();
        // Where another copy was first, the next read shows its version.
        isKnown = result.kind === 'written';
        if (result.kind === 'lost') return;
        stored = { etag: result.etag, momentMs: momentOf(snapshot), isSkipped: false };
        refusal = undefined;
        oldAfterMs = OLD_AFTER_MS + random() * JITTER_MS;
      } catch (error) {
        // It may have arrived all the same.
        isKnown = false;
        failed(writing, nowMs, 'write', signal.aborted ? 'no answer in time' : error);
      } finally {
        store.disconnect();
      }
    },
    isOld,
    health: (nowMs) => ({
      ageMs: stored?.momentMs === undefined ? undefined : Math.max(0, nowMs - stored.momentMs),
      errors,
      lastError: reading.lastError() ?? writing.lastError() ?? refusal,
    }),
  };
}
