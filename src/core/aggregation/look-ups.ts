// One look-up of a resolver is many queries: with `ndots:5`, a name with each search suffix and the name itself, for A and
// AAAA. https://man7.org/linux/man-pages/man5/resolv.conf.5.html
import { aloneInGroup, byTime, type Query, type QueryGroup } from './query.ts';

/** Longest time from the first query of a look-up to its last: the default time-out of a resolver's attempt, 5 s. */
const MAX_LOOK_UP_MS = 5000;

// A record lists types and suffixes, so both are bounded. Real look-ups have two types and up to six suffixes.
const MAX_TYPES = 8;
const MAX_TYPE_CHARS = 16;
const MAX_SUFFIXES = 32;
const MAX_SUFFIX_CHARS = 512;

/** The queries of one look-up for one record type, by suffix; the name itself has none. */
type TypeQueries = Map<string | undefined, Query>;

type LookUp = {
  readonly startMs: number;
  readonly byType: Map<string, TypeQueries>;
  readonly suffixes: Set<string>;
  suffixChars: number;
  /** A query that is too long for a list needs none while it is alone. */
  isClosed: boolean;
};

/**
 * Groups queries of the same client by look-up: same target, within 5 s, no type and name twice. `scopeOf` keeps queries apart that must not share a record.
 */
export function groupByLookUp(
  queries: readonly Query[],
  scopeOf: (query: Query) => number,
): readonly QueryGroup[] {
  const byTarget = new Map<string, Query[]>();
  for (const query of queries) {
    // The target is last, because it may hold any character.
    const key = `${scopeOf(query)} ${query.clientKey} ${query.target}`;
    const list = byTarget.get(key);
    if (list === undefined) byTarget.set(key, [query]);
    else list.push(query);
  }
  return [...byTarget.values()].flatMap((list) =>
    list.length === 1 ? list.map(aloneInGroup) : lookUpsIn(list).flatMap(groupsOf),
  );
}

/** The look-ups of one name by one client. Look-ups of the same name at the same time are told apart by their repeats. */
function lookUpsIn(queries: Query[]): readonly LookUp[] {
  const lookUps: LookUp[] = [];
  // First look-up that is still open, and for each type and suffix the first that has no such query.
  let open = 0;
  const next = new Map<string, number>();
  for (const query of queries.sort(byTime)) {
    while ((lookUps[open]?.startMs ?? Number.POSITIVE_INFINITY) < query.timeMs - MAX_LOOK_UP_MS) open++;
    const slot = `${query.type} ${query.suffix ?? ''}`;
    const at = Math.max(open, next.get(slot) ?? 0);
    // The first that is open; where its lists are full, the last, which was started for the same reason.
    const found = [at, Math.max(at, lookUps.length - 1)].find((i) => add(lookUps[i], query));
    if (found !== undefined) {
      next.set(slot, found + 1);
      continue;
    }
    const started: LookUp = {
      startMs: query.timeMs,
      byType: new Map(),
      suffixes: new Set(),
      suffixChars: 0,
      isClosed: false,
    };
    add(started, query);
    next.set(slot, lookUps.push(started));
  }
  return lookUps;
}

/** Adds a query; returns false where there is no look-up, or its record would list too much. */
function add(lookUp: LookUp | undefined, query: Query): boolean {
  if (lookUp === undefined) return false;
  const { byType, suffixes } = lookUp;
  const { type, suffix } = query;
  const isFirst = byType.size === 0;
  const isNewType = !byType.has(type);
  const isNewSuffix = suffix !== undefined && !suffixes.has(suffix);
  const suffixChars = lookUp.suffixChars + (isNewSuffix ? suffix.length : 0);
  const isTooMuch =
    (isNewType && (byType.size === MAX_TYPES || type.length > MAX_TYPE_CHARS)) ||
    (isNewSuffix && (suffixes.size === MAX_SUFFIXES || suffixChars > MAX_SUFFIX_CHARS));
  if (lookUp.isClosed || (isTooMuch && !isFirst)) return false;
  const ofType: TypeQueries = byType.get(type) ?? new Map();
  ofType.set(suffix, query);
  byType.set(type, ofType);
  if (isNewSuffix) suffixes.add(suffix);
  lookUp.suffixChars = suffixChars;
  lookUp.isClosed = isTooMuch;
  return true;
}

/**
 * The groups of a look-up: types with the same suffixes and the same result share one, so that every query follows from
 * its lists.
 */
function groupsOf({ byType }: LookUp): readonly QueryGroup[] {
  const parts = new Map<string, TypeQueries[]>();
  for (const ofType of byType.values()) {
    const own = ofType.get(undefined);
    const suffixes = [...ofType.keys()].filter((suffix) => suffix !== undefined).sort();
    const key = JSON.stringify([own !== undefined, own?.code, suffixes]);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [ofType]);
    else part.push(ofType);
  }
  return [...parts.values()].map(groupOf);
}

function groupOf(part: readonly TypeQueries[]): QueryGroup {
  const members = part.flatMap((ofType) => [...ofType.values()]);
  const owns = part.flatMap((ofType) => ofType.get(undefined) ?? []);
  const [carrier] = (owns.length > 0 ? owns : members).toSorted(byTime);
  if (carrier === undefined) throw new Error('a part of a look-up has a query');
  const suffixes = [...(part[0]?.keys() ?? [])].filter((suffix) => suffix !== undefined);
  // One search expansion alone says its suffix by its name.
  const isListed = owns.length > 0 || suffixes.length > 1;
  return {
    carrier,
    members,
    types: part.flatMap((ofType) => [...ofType.values()].slice(0, 1).map(({ type }) => type)),
    suffixes: isListed ? suffixes : [],
  };
}
