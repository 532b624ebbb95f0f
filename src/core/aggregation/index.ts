// Which queries of a batch share a record (`AGGREGATE`). Every query of the input follows from the records: no group holds
// what its lists do not say.
import type { MergedQueries } from '../model/merged-queries.ts';
import type { Settings } from '../model/settings.ts';
import { groupByLookUp } from './look-ups.ts';
import type { Query, QueryGroup } from './query.ts';

/** Stands for an event whose query is counted in the record of another. */
export const MERGED = 'merged';

/** What happens to an event: its record stands for several, or it has none; absent: it is written as without `AGGREGATE`. */
export type Role = MergedQueries | typeof MERGED;

/** The roles of a Firehose record's events, by number. */
export type RecordRoles = ReadonlyMap<number, Role>;

/** The roles of a batch. */
export type BatchPlan = {
  /** By number of the Firehose record; absent: no event has a role. */
  readonly roles: ReadonlyMap<number, RecordRoles>;
  /** Firehose records that share a group with another: what one of them says is true only if the others are written. */
  readonly linked: ReadonlySet<number>;
};

/** Plans a batch. Queries of the records `alone` share records among themselves only. The same input gives the same plan. */
export type Aggregator = (queries: readonly Query[], alone: ReadonlySet<number>) => BatchPlan;

/** Creates the aggregator; undefined when `AGGREGATE` is not set. */
export const createAggregator = ({ aggregate }: Pick<Settings, 'aggregate'>): Aggregator | undefined =>
  aggregate === 'none' ? undefined : planLookUps;

const EVERY_RECORD = -1;

const planLookUps: Aggregator = (queries, alone) => {
  const roles = new Map<number, Map<number, Role>>();
  const linked = new Set<number>();
  const setRole = ({ record, index }: Query, role: Role): void => {
    const ofRecord = roles.get(record) ?? new Map<number, Role>();
    ofRecord.set(index, role);
    roles.set(record, ofRecord);
  };
  for (const group of groupByLookUp(queries, ({ record }) => (alone.has(record) ? record : EVERY_RECORD))) {
    const { carrier, members } = group;
    for (const member of members) {
      setRole(member, member === carrier ? mergedOf(group) : MERGED);
      if (member.record !== carrier.record) linked.add(member.record).add(carrier.record);
    }
  }
  return { roles, linked };
};

function mergedOf({ members, types, suffixes }: QueryGroup): MergedQueries {
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = 0;
  for (const { timeMs } of members) {
    firstMs = Math.min(firstMs, timeMs);
    lastMs = Math.max(lastMs, timeMs);
  }
  return { count: members.length, types, suffixes, firstMs, lastMs };
}
