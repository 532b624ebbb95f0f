/** Reproducible random numbers. */
export type Random = {
  /** Integer from 0 to `below` - 1. */
  int(below: number): number;
  /** Number from 0 up to, but not including, 1. */
  fraction(): number;
  pick<T>(list: readonly T[]): T;
  /** `length` characters of `alphabet`. */
  text(alphabet: string, length: number): string;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  bytes(length: number): Buffer;
};

/** Mulberry32 with a seed: small, fast, and uniform enough for test data. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const int = (below: number): number => next() % below;
  const text = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[int(alphabet.length)]).join('');
  return {
    int,
    fraction: () => next() / 2 ** 32,
    pick: (list) => list[int(list.length)] as (typeof list)[number],
    text,
    hex: (digits) => text('0123456789abcdef', digits),
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(256))),
  };
}
