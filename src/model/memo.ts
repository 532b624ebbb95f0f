/**
 * Calls `make` once for each key. What it remembers lives as long as the function does; at `limit` keys it forgets all
 * and starts over, which costs one slow batch instead of memory without end.
 */
export function memoise<K, V extends object | string>(make: (key: K) => V, limit: number): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const hit = known.get(key);
    if (hit !== undefined) return hit;
    if (known.size >= limit) known.clear();
    const made = make(key);
    known.set(key, made);
    return made;
  };
}
