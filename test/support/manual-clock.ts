// Clocks for tests: one that moves only when a test moves it, and one on which every wait ends at once.
import type { Clock } from '../../src/inventory/clock.ts';

/** A clock that moves only by `advance`. */
export type ManualClock = Clock & {
  /** Moves on by `ms` and calls the timers that are due by then, in order of their time. */
  readonly advance: (ms: number) => void;
  /** Number of timers that have neither run nor been cancelled. */
  readonly waiting: () => number;
};

/** Starts at 0. */
export function createManualClock(): ManualClock {
  let nowMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  return {
    nowMs: () => nowMs,
    after: (delayMs, callback) => {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined || next.dueMs > endMs) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.callback();
      }
      nowMs = endMs;
    },
    waiting: () => timers.size,
  };
}

/** A clock that jumps to the end of each wait. */
export function createJumpingClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    after: (delayMs, callback) => {
      let isCancelled = false;
      setImmediate(() => {
        if (isCancelled) return;
        nowMs += delayMs;
        callback();
      });
      return () => {
        isCancelled = true;
      };
    },
  };
}
