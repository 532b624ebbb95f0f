// Joins CoreDNS and Resolver records: CoreDNS records contain the pod, Resolver records the answer.
import * as z from 'zod';
import { CLIENT_SCOPES, LOG_SOURCES } from '../../../core/model/log-sources.ts';
import { parseJson } from '../io/json.ts';

// Route 53 logs the time of the query in whole seconds; CoreDNS logs after its response.
const BEFORE_MS = 2000;
const AFTER_MS = 1000;

// Sources that see the client, and sources that see the answer. Public zones see neither.
const JOINED_SOURCES = LOG_SOURCES.filter(({ clientScope }) => clientScope !== 'none').map(
  ({ name }) => name,
);

const text = z.string().optional();
const record = z.object({
  timestamp: z.iso.datetime({ offset: true }),
  'log.source': z.enum(JOINED_SOURCES),
  'dns.question.name': z.string(),
  'dns.question.type': z.string(),
  'dns.response_code': text,
  'dns.answers.data': z.array(z.string()).optional(),
  'dns.resolver.ip': text,
  'dns.resolver.instance_id': text,
  duration: z.number().optional(),
  'client.ip': text,
  'dns.client.kind': text,
  'dns.client.attribution': text,
  'k8s.cluster.name': text,
  'k8s.namespace.name': text,
  'k8s.pod.name': text,
  'k8s.workload.kind': text,
  'k8s.workload.name': text,
  'host.id': text,
  'aws.route53.firewall.action': text,
});

/** The members of a normalised record that the join uses. */
export type DnsRecord = z.infer<typeof record>;

/** Reads a line of NDJSON; undefined unless it is a CoreDNS or Resolver record with a question. */
export function readRecord(line: string): DnsRecord | undefined {
  return record.safeParse(parseJson(line)).data;
}

/**
 * How a requester was found. `exact`: a query for the same name to the same CoreDNS within the window; `direct`: the
 * client of the VPC resolver is not CoreDNS. The others are candidates: `cache`: a later query to the same CoreDNS
 * while the answer was cached; `instance`: a query to a CoreDNS on the client's instance; `name`: only question and
 * window match.
 */
type Match = 'exact' | 'direct' | 'cache' | 'instance' | 'name';

const ORDER: readonly Match[] = ['direct', 'exact', 'instance', 'cache', 'name'];

/** The pod that sent a query; only an address if the pod is unknown. */
export type Requester = {
  readonly match: Match;
  readonly isCandidate: boolean;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  /** `deployment/web` */
  readonly workload: string | undefined;
  readonly clientIp: string | undefined;
  /** Attribution of the address to the pod: `exact`, `inferred`, ... */
  readonly attribution: string | undefined;
  /** Number of queries. */
  readonly count: number;
};

/** An answer from outside the cluster, and its requesters. */
export type Correlation = {
  readonly timestamp: string;
  readonly name: string;
  readonly type: string;
  readonly responseCode: string | undefined;
  readonly answers: readonly string[];
  readonly firewallAction: string | undefined;
  readonly resolverIp: string | undefined;
  readonly requesters: readonly Requester[];
};

type Lookup = { readonly record: DnsRecord; readonly startMs: number; readonly endMs: number };

/** Look-ups of one name and type, ordered by start time. */
type Lookups = { readonly list: Lookup[]; longestMs: number };

/** Finds the requesters of every Resolver record, in order of time; `cacheMs` is the TTL of CoreDNS's `cache`. */
export function correlate(records: readonly DnsRecord[], cacheMs: number): Correlation[] {
  const lookups = indexLookups(records);
  return records
    .filter((candidate) => CLIENT_SCOPES[candidate['log.source']] === 'vpc')
    .sort((one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp))
    .map((answer) => ({
      timestamp: answer.timestamp,
      name: answer['dns.question.name'],
      type: answer['dns.question.type'],
      responseCode: answer['dns.response_code'],
      answers: answer['dns.answers.data'] ?? [],
      firewallAction: answer['aws.route53.firewall.action'],
      resolverIp: answer['dns.resolver.ip'],
      requesters: requestersOf(answer, lookups.get(questionOf(answer)), cacheMs),
    }));
}

/** CoreDNS records by question. */
function indexLookups(records: readonly DnsRecord[]): ReadonlyMap<string, Lookups> {
  const lookups = new Map<string, Lookups>();
  for (const one of records) {
    if (CLIENT_SCOPES[one['log.source']] !== 'log-group' || one['client.ip'] === undefined) continue;
    const tookMs = (one.duration ?? 0) / 1e6;
    const endMs = Date.parse(one.timestamp);
    const same = lookups.get(questionOf(one)) ?? { list: [], longestMs: 0 };
    same.list.push({ record: one, startMs: endMs - tookMs, endMs });
    same.longestMs = Math.max(same.longestMs, tookMs);
    lookups.set(questionOf(one), same);
  }
  for (const { list } of lookups.values()) list.sort((one, other) => one.startMs - other.startMs);
  return lookups;
}

function questionOf(one: DnsRecord): string {
  return `${one['dns.question.name']} ${one['dns.question.type']}`;
}

/** Client kinds that can be CoreDNS: its packets can have the node's address as source. */
const MAY_BE_COREDNS: ReadonlySet<string | undefined> = new Set(['coredns', 'node', 'unknown']);

function requestersOf(answer: DnsRecord, lookups: Lookups | undefined, cacheMs: number): Requester[] {
  if (!MAY_BE_COREDNS.has(answer['dns.client.kind'])) return [requesterOf(answer, 'direct', 1)];
  if (lookups === undefined) return [];
  const atMs = Date.parse(answer.timestamp);
  const found = new Map<string, Requester>();
  const { list, longestMs } = lookups;
  for (let at = firstFrom(list, atMs - AFTER_MS - longestMs); at < list.length; at++) {
    const lookup = list[at] as Lookup;
    if (lookup.startMs > atMs + Math.max(BEFORE_MS, cacheMs + AFTER_MS)) break;
    const match = matchOf(answer, atMs, lookup, cacheMs);
    if (match === undefined) continue;
    const { record: query } = lookup;
    const client = query['k8s.pod.name'] ?? query['client.ip'];
    const key = `${query['k8s.cluster.name']} ${query['k8s.namespace.name']} ${client}`;
    const known = found.get(key);
    const isBetter = known === undefined || ORDER.indexOf(match) < ORDER.indexOf(known.match);
    const count = (known?.count ?? 0) + 1;
    found.set(key, isBetter ? requesterOf(query, match, count) : { ...known, count });
  }
  return [...found.values()].sort((one, other) => ORDER.indexOf(one.match) - ORDER.indexOf(other.match));
}

/** Index of the first look-up that started at `fromMs` or later. */
function firstFrom(list: readonly Lookup[], fromMs: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as Lookup).startMs < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function matchOf(answer: DnsRecord, atMs: number, lookup: Lookup, cacheMs: number): Match | undefined {
  const isConcurrent = lookup.startMs - BEFORE_MS <= atMs && atMs <= lookup.endMs + AFTER_MS;
  const isLater = !isConcurrent && atMs < lookup.startMs && lookup.startMs <= atMs + cacheMs + AFTER_MS;
  if (!isConcurrent && !isLater) return undefined;
  const ips = [answer['dns.resolver.ip'], lookup.record['dns.resolver.ip']];
  if (!ips.includes(undefined)) return ips[0] === ips[1] ? (isConcurrent ? 'exact' : 'cache') : undefined;
  const instance = answer['dns.resolver.instance_id'] ?? answer['host.id'];
  const instances = [instance, lookup.record['dns.resolver.instance_id']];
  if (!isConcurrent) return undefined;
  if (instances.includes(undefined)) return 'name';
  return instances[0] === instances[1] ? 'instance' : undefined;
}

function requesterOf(query: DnsRecord, match: Match, count: number): Requester {
  const kind = query['k8s.workload.kind'];
  const workload = query['k8s.workload.name'];
  return {
    match,
    isCandidate: match !== 'exact' && match !== 'direct',
    cluster: query['k8s.cluster.name'],
    namespace: query['k8s.namespace.name'],
    pod: query['k8s.pod.name'],
    workload: workload === undefined ? undefined : [kind, workload].filter(Boolean).join('/'),
    clientIp: query['client.ip'],
    attribution: query['dns.client.attribution'],
    count,
  };
}
