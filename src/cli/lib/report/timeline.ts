/** Counts over time by key, in buckets that grow with the range, so that there are never more than `MAX_BUCKETS`. */
export type Timeline = {
  add(timeMs: number, key: string, count: number): void;
  /** Buckets in order of time, empty ones included: their start (epoch ms) and the counts by key. */
  buckets(): readonly Bucket[];
  widthMs(): number;
};

/** One bucket. */
export type Bucket = { readonly startMs: number; readonly counts: ReadonlyMap<string, number> };

const MAX_BUCKETS = 180;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Each is a multiple of the one before.
const WIDTHS = [
  1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_419_200, 29_030_400,
].map((seconds) => seconds * SECOND);

/** Times that a log can have; others are a mistake, and would make all other buckets one. */
const MAX_RANGE_MS = 400 * DAY;

/** Creates a timeline. Times more than 400 days from the first one are ignored. */
export function createTimeline(): Timeline {
  let level = 0;
  let counts = new Map<number, Map<string, number>>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const width = (): number => WIDTHS[level] ?? DAY;
  const indexOf = (timeMs: number): number => Math.floor(timeMs / width());

  const put = (target: Map<number, Map<string, number>>, index: number, key: string, count: number): void => {
    const bucket = target.get(index) ?? new Map<string, number>();
    bucket.set(key, (bucket.get(key) ?? 0) + count);
    target.set(index, bucket);
  };

  const widen = (): void => {
    const before = width();
    level++;
    const merged = new Map<number, Map<string, number>>();
    for (const [index, bucket] of counts)
      for (const [key, count] of bucket) put(merged, indexOf(index * before), key, count);
    counts = merged;
  };

  return {
    add: (timeMs, key, count) => {
      if (counts.size > 0 && Math.abs(timeMs - first) > MAX_RANGE_MS) return;
      first = Math.min(first, timeMs);
      last = Math.max(last, timeMs);
      while (indexOf(last) - indexOf(first) >= MAX_BUCKETS && level < WIDTHS.length - 1) widen();
      put(counts, indexOf(timeMs), key, count);
    },
    buckets: () => {
      if (counts.size === 0) return [];
      const from = indexOf(first);
      return Array.from({ length: indexOf(last) - from + 1 }, (_, i) => ({
        startMs: (from + i) * width(),
        counts: counts.get(from + i) ?? new Map<string, number>(),
      }));
    },
    widthMs: width,
  };
}
