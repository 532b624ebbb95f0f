/** Counts by key, in bounded memory: when it is full, the rarest keys are forgotten. */
export type Counter = {
  add(key: string, count: number): void;
  /** Keys with their counts, the most frequent first. */
  top(limit: number): readonly (readonly [key: string, count: number])[];
  has(key: string): boolean;
  /** Number of keys that are known. */
  size(): number;
  /** Whether keys were forgotten, so that counts are lower bounds. */
  isCut(): boolean;
};

/** Creates a counter of at most `max` keys. Forgets half of them at a time: the average cost of a key is constant. */
export function createCounter(max: number): Counter {
  let counts = new Map<string, number>();
  let isCut = false;
  const sorted = () => [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return {
    add: (key, count) => {
      counts.set(key, (counts.get(key) ?? 0) + count);
      if (counts.size <= max) return;
      counts = new Map(sorted().slice(0, max >> 1));
      isCut = true;
    },
    top: (limit) => sorted().slice(0, limit),
    has: (key) => counts.has(key),
    size: () => counts.size,
    isCut: () => isCut,
  };
}
