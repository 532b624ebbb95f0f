/** Clock and timers, as a port: tests pass a clock of their own. */
export type Clock = {
  /** Milliseconds since a fixed moment; monotonic. */
  readonly nowMs: () => number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
};

/** The clock and timers of Node. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
