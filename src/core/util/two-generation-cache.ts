import { detachString } from './detach-string.ts';

// Longer texts are somebody's attack or accident: worth no memory.
const MAX_KEY_LENGTH = 512;

// A generation lives for so many calls per key that it may hold.
const CALLS_PER_KEY = 16;

/**
 * Calls `make` once for each key that is asked for again and again. What it remembers lives as long as the function
 * does, in two generations of `limit` keys: when the young one is full, or has been asked often enough, the old one is
 * forgotten, but for what was asked for since. So memory follows what is in use, also where pods and names come and go.
 */
export function createTwoGenerationCache<K, V extends object>(
  make: (key: K) => V,
  limit: number,
): (key: K) => V {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  let calls = 0;
  return (key) => {
    calls++;
    const hit = young.get(key);
    if (hit !== undefined) return hit;
    if (typeof key === 'string' && key.length > MAX_KEY_LENGTH) return make(key);
    const own = typeof key === 'string' ? (detachString(key) as K & string) : key;
    const value = old.get(own) ?? make(own);
    if (young.size >= limit || calls > limit * CALLS_PER_KEY) {
      old = young;
      young = new Map();
      calls = 0;
    }
    young.set(own, value);
    return value;
  };
}
