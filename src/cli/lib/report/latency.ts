/** Durations in buckets of 5 %, so that percentiles of any number of them need little memory. */
export type Latency = {
  add(durationNs: number, count: number): void;
  /** The value in ms below which `share` of the durations are; undefined without any. */
  percentileMs(share: number): number | undefined;
};

const STEP = 1.05;

/** Creates an empty distribution. */
export function createLatency(): Latency {
  const buckets = new Map<number, number>();
  let total = 0;
  return {
    add: (durationNs, count) => {
      const bucket = Math.round(Math.log(Math.max(durationNs, 1)) / Math.log(STEP));
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
      total += count;
    },
    percentileMs: (share) => {
      let rest = share * total;
      for (const [bucket, count] of [...buckets].sort(([one], [other]) => one - other)) {
        rest -= count;
        if (rest <= 0) return STEP ** bucket / 1e6;
      }
      return undefined;
    },
  };
}
