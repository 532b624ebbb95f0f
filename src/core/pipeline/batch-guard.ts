import { growthOf, originalBytes } from '../firehose/fit-response.ts';
import type { BatchLimits, UnreadReason } from '../model/batch-limits.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { Settings } from '../model/settings.ts';

/** Decides, record by record, whether a batch goes on. What it refuses passes through unchanged. */
export type BatchGuard = {
  /** Why the next record is not read; undefined: it is. */
  readonly refuseReading: () => UnreadReason | undefined;
  /** Why the next record is not written. */
  readonly refuseWriting: () => UnreadReason | undefined;
  /** Runs the look-up. Its CPU time has a limit of its own, the look-up budget, so it is not counted as work of the batch. */
  readonly duringLookup: <T>(lookup: () => Promise<T>) => Promise<T>;
  /** Notes the size of a record that was read or written: after some of them the time is looked at again. */
  readonly worked: (bytes: number) => void;
  /** Notes what a record adds to the response. */
  readonly written: (outcome: Outcome) => void;
};

// What is left of a function's time when the work ends: for the records in progress, and the response.
const RESERVED_MS = 5000;
const RESERVED_SHARE = 0.2;

// Compressing more strongly saves about this much (measured: 6 %).
const RECOMPRESSED = 1.05;

// Asking for the CPU time costs as much as reading a small record.
const BYTES_PER_CHECK = 131_072;
const BYTES_PER_RECORD = 4096;

/**
 * Creates the guard of a batch. `cpuMs` is the CPU time of the process; `remainingMs` is what is left of the invocation.
 */
export function createBatchGuard(
  records: readonly InputRecord[],
  settings: Pick<Settings, 'responseBudgetBytes' | 'drop' | 'sample' | 'aggregate'>,
  limits: Pick<BatchLimits, 'readingCpuMs' | 'cpuMs'>,
  cpuMs: (() => number) | undefined,
  remainingMs: (() => number) | undefined,
): BatchGuard {
  let cpuStartMs = cpuMs?.() ?? 0;
  const reservedMs = Math.min(RESERVED_MS, RESERVED_SHARE * (remainingMs?.() ?? 0));
  const { responseBudgetBytes } = settings;
  // As if every record went back unchanged.
  let responseBytes = 0;
  for (const input of records) responseBytes += originalBytes(input);
  // Rewriting makes records larger, unless events are dropped or merged.
  const { drop, sample, aggregate } = settings;
  const growsOnly = drop.size === 0 && sample.size === 0 && aggregate.size === 0;
  const isFullAlready = growsOnly && responseBytes > responseBudgetBytes;

  let uncheckedBytes = BYTES_PER_CHECK;
  let lastReason: UnreadReason | undefined;

  const outOfTime = (maxCpuMs: number): UnreadReason | undefined => {
    if (uncheckedBytes >= BYTES_PER_CHECK) {
      uncheckedBytes = 0;
      lastReason = reasonNow(maxCpuMs);
    }
    return lastReason;
  };
  const reasonNow = (maxCpuMs: number): UnreadReason | undefined => {
    if (cpuMs !== undefined && cpuMs() - cpuStartMs > maxCpuMs) return 'cpu';
    return remainingMs !== undefined && remainingMs() < reservedMs ? 'deadline' : undefined;
  };
  return {
    refuseReading: () => (isFullAlready ? 'no-room' : outOfTime(limits.readingCpuMs)),
    refuseWriting: () =>
      growsOnly && responseBytes > responseBudgetBytes * RECOMPRESSED ? 'no-room' : outOfTime(limits.cpuMs),
    duringLookup: async (lookup) => {
      const beforeMs = cpuMs?.() ?? 0;
      const result = await lookup();
      cpuStartMs += (cpuMs?.() ?? 0) - beforeMs;
      // Much time may have passed.
      uncheckedBytes = BYTES_PER_CHECK;
      return result;
    },
    worked: (bytes) => {
      uncheckedBytes += bytes + BYTES_PER_RECORD;
    },
    written: (outcome) => {
      responseBytes += growthOf(outcome);
    },
  };
}
