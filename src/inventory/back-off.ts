// One outside source's failures: when to ask again, and what went wrong last.

const FIRST_MS = 5000;
const LAST_MS = 300_000;

/** Failures of one source in a row. */
export type BackOff = {
  /** False while the source is left in peace. */
  readonly isDue: (nowMs: number) => boolean;
  readonly succeeded: () => void;
  /** `waitMs`: the source's own wish (`Retry-After`). */
  readonly failed: (nowMs: number, reason: string, waitMs?: number) => void;
  readonly lastError: () => string | undefined;
};

/** Doubles from 5 s to 5 min, half of it at random, so that functions do not come back all at once. */
export function createBackOff(random: () => number = Math.random): BackOff {
  let failures = 0;
  let dueMs = Number.NEGATIVE_INFINITY;
  let lastError: string | undefined;
  return {
    isDue: (nowMs) => nowMs >= dueMs,
    succeeded: () => {
      failures = 0;
      dueMs = Number.NEGATIVE_INFINITY;
      lastError = undefined;
    },
    failed: (nowMs, reason, waitMs = 0) => {
      const backOffMs = Math.min(LAST_MS, FIRST_MS * 2 ** failures) * (0.5 + random() / 2);
      failures += 1;
      dueMs = nowMs + Math.max(backOffMs, waitMs);
      lastError = reason;
    },
    lastError: () => lastError,
  };
}
