// The order in which ended ownerships leave memory.
import type { IpOwnership } from './interval.ts';

/** Positions in front of the head that may stay unused before the array is compacted. */
const MAX_UNUSED = 1024;

/** Ended ownerships in the order in which their end was noticed. */
export type EvictionQueue = {
  /** Appends an ownership, unless it is queued already. */
  readonly put: (ownership: IpOwnership) => void;
  readonly size: () => number;
  /** Removes and returns the oldest ended ownership when `isDue`; undefined when none is due. */
  readonly take: (isDue: (ownership: IpOwnership) => boolean) => IpOwnership | undefined;
};

/** An empty queue. */
export function createEvictionQueue(): EvictionQueue {
  let queue: (IpOwnership | undefined)[] = [];
  let head = 0;
  return {
    put: (ownership) => {
      if (!ownership.isQueuedForEviction) queue.push(ownership);
      ownership.isQueuedForEviction = true;
    },
    size: () => queue.length - head,
    take: (isDue) => {
      for (; head < queue.length; head += 1) {
        const oldest = queue[head];
        if (oldest?.hasEnded && !isDue(oldest)) return undefined;
        if (head > MAX_UNUSED && head * 2 > queue.length) {
          queue = queue.slice(head);
          head = 0;
        }
        if (oldest === undefined) continue;
        oldest.isQueuedForEviction = false;
        queue[head] = undefined;
        // Seen alive again since: it is queued anew when it ends again.
        if (!oldest.hasEnded) continue;
        return oldest;
      }
      return undefined;
    },
  };
}
