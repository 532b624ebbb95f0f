/** What the record of one event stands for, where others were merged into it; printed as `dns.query.*`. */
export type MergedQueries = {
  /** Number of queries, that of the record's own event included. */
  readonly count: number;
  /** Record types that were queried; for each of them, every name. */
  readonly types: readonly string[];
  /** Search suffixes that were tried with the result NXDOMAIN. */
  readonly suffixes: readonly string[];
  /** Times of the first and the last query, epoch ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Largest duration of equal queries; undefined: that of the record's own event. */
  readonly durationNs: number | undefined;
};
