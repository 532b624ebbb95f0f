// Waiting for what arrives some time: polls until it is there, until a deadline, or until the user interrupts.
import { type Clock, SYSTEM_CLOCK } from '../../../inventory/clock.ts';

/** A clock whose `nowMs` is epoch ms. */
export const WALL_CLOCK: Clock = { ...SYSTEM_CLOCK, nowMs: Date.now };

/** The clock of a probe, and the signal that ends it early; its reason is thrown. */
export type Waiting = { readonly clock: Clock; readonly signal: AbortSignal };

/** Waits; throws the signal's reason at once when it is aborted. */
function pause({ clock, signal }: Waiting, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Calls `look` until it resolves to a value other than undefined; undefined at `deadlineMs`. It always looks once more at the
 * deadline. `intervalMs` may grow with the time that has passed.
 */
export async function lookUntil<T>(
  waiting: Waiting,
  deadlineMs: number,
  intervalMs: (passedMs: number) => number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const { clock, signal } = waiting;
  const startMs = clock.nowMs();
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    const nowMs = clock.nowMs();
    if (nowMs >= deadlineMs) return undefined;
    await pause(waiting, Math.min(intervalMs(nowMs - startMs), deadlineMs - nowMs));
  }
}
