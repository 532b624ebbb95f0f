// The members of a record that a report uses, with types that hold whatever the record contains.
import type { JsonRecord } from '../io/firehose-response.ts';

/** Longest text that is kept of a member. */
const MAX_CHARS = 1024;

/** A member as text; undefined if it is absent, empty or no text. */
export function textOf(record: JsonRecord, name: string): string | undefined {
  const value = record[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_CHARS) : undefined;
}

/** The texts of a list member, at most 32. */
export function textsOf(record: JsonRecord, name: string): readonly string[] {
  const value = record[name];
  if (!Array.isArray(value)) return [];
  return value.slice(0, 32).flatMap((one) => (typeof one === 'string' ? [one.slice(0, MAX_CHARS)] : []));
}

/** A member as a number; undefined if it is none, or negative. */
export function numberOf(record: JsonRecord, name: string): number | undefined {
  const value = record[name];
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : undefined;
}

/** How many queries a record stands for (`AGGREGATE`). */
export const queriesOf = (record: JsonRecord): number =>
  Math.max(1, numberOf(record, 'dns.query.count') ?? 1);

/**
 * Those of them that were for the record's own name: with `AGGREGATE=lookup` the others are the search expansions that were
 * tried before, each with the result NXDOMAIN.
 */
export function ownQueriesOf(record: JsonRecord): number {
  const suffixes = textsOf(record, 'dns.query.suffixes').length;
  const isExpansion = textOf(record, 'dns.question.intended_name') !== undefined;
  return isExpansion ? queriesOf(record) : queriesOf(record) / (suffixes + 1);
}

/** Label of queries that CoreDNS forwarded: its clients' queries are counted in its own log. */
export const FORWARDED = 'CoreDNS';

/** Label of clients of which neither pod nor node nor instance is known. */
export const UNATTRIBUTED = 'unattributed';

/** Who asked: `payments/checkout`, `node ip-10-0-1-2`, `instance i-0abc`, `CoreDNS`, `unattributed`. */
export function clientOf(record: JsonRecord): string {
  const kind = textOf(record, 'dns.client.kind');
  if (kind === 'coredns') return FORWARDED;
  const pod = textOf(record, 'k8s.pod.name');
  if (pod !== undefined)
    return `${textOf(record, 'k8s.namespace.name') ?? ''}/${textOf(record, 'k8s.workload.name') ?? pod}`;
  const node = textOf(record, 'k8s.node.name');
  if (node !== undefined) return `node ${node.replace(/\.(?:[a-z0-9-]+\.compute|ec2)\.internal$/, '')}`;
  const instance = textOf(record, 'host.id');
  return instance === undefined ? UNATTRIBUTED : `instance ${instance}`;
}
