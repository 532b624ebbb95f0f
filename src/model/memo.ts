import { ownText } from './own-text.ts';

// Longer texts are somebody's attack or accident: worth no memory.
const MAX_KEY_LENGTH = 512;

/**
 * Calls `make` once for each key that is asked for again and again. What it remembers lives as long as the function
 * does, in two generations of `limit` keys: when the young one is full the old one is forgotten, but for what was asked
 * for since. So memory follows what is in use, also where pods and names come and go.
 */
export function memoise<K, V extends object>(make: (key: K) => V, limit: number): (key: K) => V {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  return (key) => {
    const hit = young.get(key);
    if (hit !== undefined) return hit;
    if (typeof key === 'string' && key.length > MAX_KEY_LENGTH) return make(key);
    const own = typeof key === 'string' ? (ownText(key) as K & string) : key;
    const value = old.get(own) ?? make(own);
    if (young.size >= limit) {
      old = young;
      young = new Map();
    }
    young.set(own, value);
    return value;
  };
}
