// What may be forgotten, the oldest first.
import type { Tenure } from './interval.ts';

/** Ended tenures in the order in which their end was noticed. */
export function createEndedQueue() {
  let queue: (Tenure | undefined)[] = [];
  let head = 0;
  return {
    put: (tenure: Tenure): void => {
      if (!tenure.isQueued) queue.push(tenure);
      tenure.isQueued = true;
    },
    size: (): number => queue.length - head,
    /** The oldest that has ended, when `isDue`. */
    take: (isDue: (tenure: Tenure) => boolean): Tenure | undefined => {
      for (; head < queue.length; head += 1) {
        const oldest = queue[head];
        if (oldest?.isOver && !isDue(oldest)) return undefined;
        if (head > 1024 && head * 2 > queue.length) {
          queue = queue.slice(head);
          head = 0;
        }
        if (oldest === undefined) continue;
        oldest.isQueued = false;
        queue[head] = undefined;
        // Reopened meanwhile: it comes back once it has ended again.
        if (!oldest.isOver) continue;
        return oldest;
      }
      return undefined;
    },
  };
}
