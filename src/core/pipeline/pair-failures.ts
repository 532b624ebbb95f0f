// CoreDNS prints why a query failed in a line of its own, without client and id, next to the line of the query:
//   [INFO] 10.0.1.23:40212 - 7 "A IN api.example.com. udp 33 false 512" SERVFAIL qr,rd 33 2.0s
//   [ERROR] plugin/errors: 2 api.example.com. A: read udp 10.0.1.5:39345->10.0.0.2:53: i/o timeout
// The reason is added to the event of the query, so that one record tells which pod lost its look-up, and why.
import type { Attributes, DnsEvent } from '../model/dns-event.ts';
import type { EventList } from './read-events.ts';

/** Why a query failed: what its error line adds to the event of the query. */
export type Failure = { readonly upstream: string | undefined; readonly attributes: Attributes };

/** The failures of queries by the index of the query. */
export type FailuresByIndex = ReadonlyMap<number, Failure>;

/**
 * CoreDNS prints both lines one after the other; a client asks again after seconds. Other clients that ask for the same
 * name within this time make the pair ambiguous.
 */
const WINDOW_MS = 250;

const ADDED: ReadonlySet<string> = new Set(['event.outcome', 'event.reason', 'log.logger']);
const NONE: FailuresByIndex = new Map();

type Line = {
  readonly index: number;
  readonly timeMs: number;
  /** Whether the line has a time of its own; all lines without one have the time at which their record arrived. */
  readonly isTimed: boolean;
  readonly code: string | undefined;
};
type ErrorLine = Line & { readonly failure: Failure };
type Group = { readonly errors: ErrorLine[]; readonly queries: Line[] };

/**
 * Finds the error line of each failed query of a Firehose record: of the same CoreDNS pod, name and type, at the same
 * time; where lines have no time, next to it. Where a query has several or an error line does, they are left alone.
 */
export function pairFailures(events: EventList): FailuresByIndex {
  if (events.errors.length === 0) return NONE;
  const groups = groupErrors(events);
  if (groups.size === 0) return NONE;
  for (let index = 0; index < events.length; index++) {
    const event = events.at(index);
    if (typeof event !== 'object' || !isFailedQuery(event)) continue;
    groups.get(keyOf(event))?.queries.push(lineOf(event, index));
  }
  const failures = new Map<number, Failure>();
  for (const { errors, queries } of groups.values()) addPairs(failures, errors, queries);
  return failures;
}

/** An event with the failure of its query. */
export const withFailure = (event: DnsEvent, { upstream, attributes }: Failure): DnsEvent => ({
  ...event,
  upstream: event.upstream ?? upstream,
  extra: [...event.extra, ...attributes],
});

function groupErrors(events: EventList): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const index of events.errors) {
    const event = events.at(index);
    if (typeof event !== 'object' || !isNamedFailure(event)) continue;
    const key = keyOf(event);
    const group = groups.get(key) ?? { errors: [], queries: [] };
    const attributes = event.extra.filter(([name]) => ADDED.has(name));
    group.errors.push({ ...lineOf(event, index), failure: { upstream: event.upstream, attributes } });
    groups.set(key, group);
  }
  return groups;
}

/** A line of `plugin/errors` about one query; its summaries have no name, and `plugin/loop` stops CoreDNS. */
const isNamedFailure = ({ name, type, extra }: DnsEvent): boolean =>
  name !== undefined &&
  type !== undefined &&
  extra.some(([attribute, value]) => attribute === 'log.logger' && value === 'plugin/errors');

const isFailedQuery = ({ source, isError, responseCode, responseSeen }: DnsEvent): boolean =>
  source === 'coredns' &&
  !isError &&
  (!responseSeen || (responseCode !== 'NOERROR' && responseCode !== 'NXDOMAIN'));

/** What a query and its error have in common. What proves the lines is part of it: one does not speak for the other. */
const keyOf = ({ name, type, producer, proof }: DnsEvent): string =>
  [producer?.namespace, producer?.pod, producer?.container, proof, type, name].join('\n');

const lineOf = ({ timeMs, timeIsCertain, responseCode }: DnsEvent, index: number): Line => ({
  index,
  timeMs,
  isTimed: timeIsCertain,
  code: responseCode,
});

function addPairs(failures: Map<number, Failure>, errors: ErrorLine[], queries: Line[]): void {
  const byTime = (a: Line, b: Line): number => a.timeMs - b.timeMs;
  errors.sort(byTime);
  queries.sort(byTime);
  for (const error of errors) {
    const query = onlyOneNear(queries, error.timeMs);
    if (query === undefined || onlyOneNear(errors, query.timeMs) !== error) continue;
    const isSameCode = query.code === undefined || error.code === undefined || query.code === error.code;
    const areNear = (query.isTimed && error.isTimed) || Math.abs(query.index - error.index) === 1;
    if (isSameCode && areNear) failures.set(query.index, error.failure);
  }
}

/** The only line within the window around a time; `lines` are in order of time. */
function onlyOneNear<T extends Line>(lines: readonly T[], timeMs: number): T | undefined {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.timeMs ?? 0) < timeMs - WINDOW_MS) low = middle + 1;
    else high = middle;
  }
  const isNear = (line: T | undefined): boolean => line !== undefined && line.timeMs <= timeMs + WINDOW_MS;
  return isNear(lines[low]) && !isNear(lines[low + 1]) ? lines[low] : undefined;
}
