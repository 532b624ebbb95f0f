/** Time as the code that waits sees it: tests put a clock of their own in its place. */
export type Clock = {
  /** Milliseconds since some fixed moment; never goes back. */
  readonly nowMs: () => number;
  /** Calls `callback` once, `delayMs` from now, unless the returned function is called before. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
};

/** The clock and the timers of this process. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
