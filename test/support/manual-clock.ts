// Clocks for tests: one that stands still until it is moved, and one on which every wait is over at once.
import type { Clock } from '../../src/model/clock.ts';

/** A clock that only `advance` moves. */
export type ManualClock = Clock & {
  /** Moves on by `ms` and calls what falls due on the way, in the order of time. */
  readonly advance: (ms: number) => void;
  /** Timers that have neither run nor been cancelled. */
  readonly waiting: () => number;
};

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
