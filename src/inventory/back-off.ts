// Exponential back-off for one external source.

const MIN_MS = 5000;
const MAX_MS = 300_000;

/** State of one source: its consecutive failures and the time of the next attempt. */
export type BackOff = {
  /** False during back-off. */
  readonly isDue: (nowMs: number) => boolean;
  /** Ends the back-off and clears `lastError`. */
  readonly succeeded: () => void;
  /** Records a failure; `waitMs` is the minimum delay that the source requested (`Retry-After`). */
  readonly failed: (nowMs: number, reason: string, waitMs?: number) => void;
  /** Reason of the last failure since the last success. */
  readonly lastError: () => string | undefined;
};

/**
 * A delay that doubles from 5 s to 5 min. Half of it is random, so that concurrent functions do not retry in step.
 */
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
      const delayMs = Math.min(MAX_MS, MIN_MS * 2 ** failures) * (0.5 + random() / 2);
      failures += 1;
      dueMs = nowMs + Math.max(delayMs, waitMs);
      lastError = reason;
    },
    lastError: () => lastError,
  };
}
