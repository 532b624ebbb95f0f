// Which queries of a batch share a record (`AGGREGATE`). Every query of the input follows from the records: no group holds
// what its lists do not say.
import type { MergedQueries } from '../model/merged-queries.ts';
import { LOOK_UP, type Settings } from '../model/settings.ts';
import { groupByLookUp } from './look-ups.ts';
import { aloneInGroup, type Query, type QueryGroup } from './query.ts';
import { joinRepeats } from './repeats.ts';

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
export function createAggregator({ aggregate }: Pick<Settings, 'aggregate'>): Aggregator | undefined {
  if (aggregate.size === 0) return undefined;
  const categories = new Set([...aggregate].filter((item) => item !== LOOK_UP));
  return (queries, alone) => {
    const scopeOf = ({ record }: Query): number => (alone.has(record) ? record : EVERY_RECORD);
    const groups = aggregate.has(LOOK_UP) ? groupByLookUp(queries, scopeOf) : queries.map(aloneInGroup);
    return planOf(joinRepeats(groups, categories, scopeOf));
  };
}

const EVERY_RECORD = -1;

/** The plan in which each list of equal groups is one record, that of its first. */
function planOf(joined: readonly (readonly QueryGroup[])[]): BatchPlan {
  const roles = new Map<number, Map<number, Role>>();
  const linked = new Set<number>();
  const setRole = ({ record, index }: Query, role: Role): void => {
    const ofRecord = roles.get(record) ?? new Map<number, Role>();
    ofRecord.set(index, role);
    roles.set(record, ofRecord);
  };
  for (const equal of joined) {
    const [first] = equal;
    const members = equal.flatMap((group) => group.members);
    if (first === undefined || members.length === 1) continue;
    const { carrier } = first;
    for (const member of members) {
      setRole(member, member === carrier ? mergedOf(first, equal, members) : MERGED);
      if (member.record !== carrier.record) linked.add(member.record).add(carrier.record);
    }
  }
  return { roles, linked };
}

function mergedOf(
  { types, suffixes }: QueryGroup,
  equal: readonly QueryGroup[],
  members: readonly Query[],
): MergedQueries {
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = 0;
  for (const { timeMs } of members) {
    firstMs = Math.min(firstMs, timeMs);
    lastMs = Math.max(lastMs, timeMs);
  }
  let durationNs: number | undefined;
  if (equal.length > 1) {
    for (const { carrier } of equal) {
      if (carrier.durationNs !== undefined) durationNs = Math.max(durationNs ?? 0, carrier.durationNs);
    }
  }
  return { count: members.length, types, suffixes, firstMs, lastMs, durationNs };
}
