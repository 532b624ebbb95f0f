// Longer texts are somebody's attack or accident: worth no memory.
const MAX_KEY_LENGTH = 512;

/**
 * Calls `make` once for each key. What it remembers lives as long as the function does; at `limit` keys it forgets all
 * and starts over, which costs one slow batch instead of memory without end.
 */
export function memoise<K, V extends object>(make: (key: K) => V, limit: number): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const hit = known.get(key);
    if (hit !== undefined) return hit;
    if (typeof key === 'string' && key.length > MAX_KEY_LENGTH) return make(key);
    if (known.size >= limit) known.clear();
    const own = typeof key === 'string' ? (ownText(key) as K & string) : key;
    const made = make(own);
    known.set(own, made);
    return made;
  };
}

/** A copy that does not keep the text alive that it was cut from: V8's slices point into the whole envelope. */
const ownText = (text: string): string => ` ${text}`.slice(1);
