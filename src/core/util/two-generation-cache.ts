import { detachString } from './detach-string.ts';

// Longer keys are not cached; they are abnormal or hostile.
const MAX_KEY_LENGTH = 512;

// A generation is replaced after `limit` times this many calls, so that unused keys are dropped even if it never fills.
const CALLS_PER_KEY = 16;

/**
 * Caches the results of `make` in two generations of at most `limit` keys. When the current generation is full, or has
 * been read often enough, it becomes the previous one, and the previous one is dropped except for the keys used since.
 * Memory therefore follows the keys in use, even though pods and names change all the time.
 */
export function createTwoGenerationCache<K, V extends object>(
  make: (key: K) => V,
  limit: number,
): (key: K) => V {
  let current = new Map<K, V>();
  let previous = new Map<K, V>();
  let calls = 0;
  return (key) => {
    calls++;
    const hit = current.get(key);
    if (hit !== undefined) return hit;
    if (typeof key === 'string' && key.length > MAX_KEY_LENGTH) return make(key);
    const detached = typeof key === 'string' ? (detachString(key) as K & string) : key;
    const value = previous.get(detached) ?? make(detached);
    if (current.size >= limit || calls > limit * CALLS_PER_KEY) {
      previous = current;
      current = new Map();
      calls = 0;
    }
    current.set(detached, value);
    return value;
  };
}
