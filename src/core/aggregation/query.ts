import type { QuestionCategory } from '../model/settings.ts';

/** A query that may share its record with others. Its texts are copies: events are valid for a moment only. */
export type Query = {
  /** Number of its Firehose record in the batch, and of its event in that record. */
  readonly record: number;
  readonly index: number;
  readonly timeMs: number;
  /** Number that is equal for equal client, log group, log source, class and logged attributes. */
  readonly clientKey: number;
  readonly name: string;
  readonly type: string;
  readonly code: string | undefined;
  readonly category: QuestionCategory;
  /** The intended name of a search expansion, else the name. */
  readonly target: string;
  /** What follows the target in a search expansion: `svc.cluster.local`; undefined for the name itself. */
  readonly suffix: string | undefined;
  readonly durationNs: number | undefined;
};

/**
 * Queries that become one record. For each of `types` they hold the same: the name itself (unless none of them is one),
 * and an NXDOMAIN for each of `suffixes`.
 */
export type QueryGroup = {
  /** The query whose record stands for all. */
  readonly carrier: Query;
  readonly members: readonly Query[];
  readonly types: readonly string[];
  readonly suffixes: readonly string[];
};

/** The order of the batch. */
export const byPlace = (a: Query, b: Query): number => a.record - b.record || a.index - b.index;

/** The order of time; of the batch, where times are equal. */
export const byTime = (a: Query, b: Query): number => a.timeMs - b.timeMs || byPlace(a, b);

/** A group of one. */
export const aloneInGroup = (query: Query): QueryGroup => ({
  carrier: query,
  members: [query],
  types: [query.type],
  suffixes: [],
});
