// The time that a read of the store may take.
import type { Clock } from '../clock.ts';

/** A store that does not answer must leave time to ask the API server. */
const MAX_READ_MS = 1500;

/** A signal that is aborted with `signal`, and when a read takes too long; `cancel` ends the wait for both. */
export function readLimit(signal: AbortSignal, timing: Clock) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const cancelTimer = timing.after(MAX_READ_MS, abort);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    cancel: () => {
      cancelTimer();
      signal.removeEventListener('abort', abort);
    },
  };
}
