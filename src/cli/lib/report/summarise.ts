// What a report shows of a log, collected record by record in bounded memory.
import type { JsonRecord } from '../io/firehose-response.ts';
import { type Counter, createCounter } from './counter.ts';
import { createLatency, type Latency } from './latency.ts';
import {
  clientOf,
  FORWARDED,
  numberOf,
  ownQueriesOf,
  queriesOf,
  textOf,
  textsOf,
  UNATTRIBUTED,
} from './reading.ts';
import { createSuspects, type Suspect } from './suspects.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** Queries and names of one client. */
export type ClientSummary = { queries: number; failed: number; readonly names: Counter };

/** TXT answer of a name. */
export type TextAnswer = {
  readonly name: string;
  readonly answer: string;
  isSignalled: boolean;
  count: number;
  lastMs: number;
};

/** Hits of one DNS Firewall rule action on a name. */
export type FirewallHit = {
  readonly name: string;
  readonly action: string;
  hits: number;
  lastMs: number;
  readonly clients: Set<string>;
};

/** Search expansions of a namespace. */
export type NdotsWaste = { queries: number; wasted: number; bytes: number; readonly names: Counter };

/** Queries that CoreDNS answered by one upstream; the empty text: without one, or in a FORMAT without it. */
export type UpstreamSummary = {
  queries: number;
  servfail: number;
  unanswered: number;
  readonly reasons: Counter;
  readonly latency: Latency;
};

/** Everything that a report shows. */
export type Summary = {
  records: number;
  firstMs: number;
  lastMs: number;
  readonly sources: Counter;
  readonly categories: Counter;
  readonly responseCodes: Counter;
  readonly attributions: Counter;
  readonly unattributed: Counter;
  readonly bypassing: Counter;
  readonly clusters: Counter;
  readonly clients: Map<string, ClientSummary>;
  readonly timeline: Timeline;
  readonly textAnswers: Map<string, TextAnswer>;
  readonly firewall: Map<string, FirewallHit>;
  readonly namespaces: Map<string, NdotsWaste>;
  readonly upstreams: Map<string, UpstreamSummary>;
};

/** Collects a summary. */
export type Summariser = {
  readonly summary: Summary;
  add(record: JsonRecord): void;
  /** Whether CoreDNS's own log is there, so that forwarded queries would be counted twice. */
  hasClients(): boolean;
  suspects(): { readonly suspects: readonly Suspect[]; readonly left: number };
};

// Bounds. What is beyond them is counted under `OTHERS`, or forgotten from the rare end.
const MAX_CLIENTS = 1000;
const MAX_NAMES_PER_CLIENT = 500;
const MAX_ROWS = 2000;

/** Clients, namespaces and upstreams beyond the bounds. */
export const OTHERS = 'others';

/** Key of the timeline under which queries with a signal are counted a second time. */
export const SIGNALS = '\u0000signals';

/** Bytes of a record besides its content, as in the query `ndots-waste`. */
const RECORD_BYTES = 1300;

/** Creates a summariser. */
export function createSummariser(): Summariser {
  const suspects = createSuspects();
  const summary: Summary = {
    records: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    sources: createCounter(20),
    categories: createCounter(50),
    responseCodes: createCounter(200),
    attributions: createCounter(50),
    unattributed: createCounter(MAX_ROWS),
    bypassing: createCounter(MAX_ROWS),
    clusters: createCounter(200),
    clients: new Map(),
    timeline: createTimeline(),
    textAnswers: new Map(),
    firewall: new Map(),
    namespaces: new Map(),
    upstreams: new Map(),
  };
  const hasClients = (): boolean => summary.sources.has('coredns');
  return {
    summary,
    hasClients,
    suspects: () => suspects.result(hasClients()),
    add: (record) => {
      const timeMs = Date.parse(String(record.timestamp));
      summary.records++;
      summary.firstMs = Math.min(summary.firstMs, timeMs);
      summary.lastMs = Math.max(summary.lastMs, timeMs);
      const queries = queriesOf(record);
      summary.sources.add(textOf(record, 'log.source') ?? '', queries);
      const cluster = textOf(record, 'k8s.cluster.name');
      if (cluster !== undefined) summary.clusters.add(cluster, queries);
      // Error summaries of CoreDNS have no question, and public zones no client of ours.
      if (textOf(record, 'dns.question.name') === undefined) return;
      if (record['log.source'] === 'aws.route53.public') return;
      addClient(summary, record, timeMs, queries);
      addAnswers(summary, record, timeMs, queries);
      if (record['log.source'] === 'coredns') {
        addNamespace(summary, record, queries);
        addUpstream(summary, record, ownQueriesOf(record));
      }
      suspects.add(record, timeMs);
    },
  };
}

/** The entry of a key, created if it is new; that of `OTHERS` if there are too many. */
function entryOf<Value>(map: Map<string, Value>, key: string, max: number, create: () => Value): Value {
  const known = map.get(key) ?? (map.size < max ? undefined : map.get(OTHERS));
  if (known !== undefined) return known;
  const created = create();
  map.set(map.size < max ? key : OTHERS, created);
  return created;
}

function addClient(summary: Summary, record: JsonRecord, timeMs: number, queries: number): void {
  const label = clientOf(record);
  const isFull = summary.clients.size >= MAX_CLIENTS && !summary.clients.has(label);
  const client = entryOf(summary.clients, label, MAX_CLIENTS, () => ({
    queries: 0,
    failed: 0,
    names: createCounter(MAX_NAMES_PER_CLIENT),
  }));
  client.queries += queries;
  const own = ownQueriesOf(record);
  const expansions = queries - own;
  client.names.add(textOf(record, 'dns.question.name') ?? '', own);
  const code = textOf(record, 'dns.response_code');
  if (code === 'SERVFAIL' || record['dns.response.seen'] === false) client.failed += own;
  summary.timeline.add(timeMs, isFull ? OTHERS : label, queries);
  if (textsOf(record, 'dns.signals').length > 0) summary.timeline.add(timeMs, SIGNALS, queries);
  if (label === FORWARDED) return;
  summary.categories.add(textOf(record, 'dns.question.category') ?? 'unknown', own);
  summary.responseCodes.add(code ?? 'no response', own);
  if (expansions > 0) {
    summary.categories.add('search-expansion', expansions);
    summary.responseCodes.add('NXDOMAIN', expansions);
  }
  summary.attributions.add(textOf(record, 'dns.client.attribution') ?? 'none', queries);
  if (label === UNATTRIBUTED) {
    const kind = textOf(record, 'dns.client.kind') ?? 'unknown';
    summary.unattributed.add(`${textOf(record, 'client.ip') ?? 'no address'} (${kind})`, queries);
  }
  if (textsOf(record, 'dns.signals').includes('bypasses-coredns')) summary.bypassing.add(label, queries);
}

function addAnswers(summary: Summary, record: JsonRecord, timeMs: number, queries: number): void {
  const name = textOf(record, 'dns.question.name') ?? '';
  const signals = textsOf(record, 'dns.signals');
  const types = textsOf(record, 'dns.answers.type');
  for (const [i, answer] of textsOf(record, 'dns.answers.data').entries()) {
    const key = JSON.stringify([name, answer]);
    if (types[i] !== 'TXT' || (summary.textAnswers.size >= MAX_ROWS && !summary.textAnswers.has(key)))
      continue;
    const entry = entryOf(summary.textAnswers, key, MAX_ROWS, () => ({
      name,
      answer,
      isSignalled: false,
      count: 0,
      lastMs: 0,
    }));
    entry.count += queries;
    entry.isSignalled ||= signals.includes('txt-answer');
    entry.lastMs = Math.max(entry.lastMs, timeMs);
  }
  const action = textOf(record, 'aws.route53.firewall.action');
  if (action === undefined) return;
  const key = JSON.stringify([name, action]);
  if (summary.firewall.size >= MAX_ROWS && !summary.firewall.has(key)) return;
  const hit = entryOf(summary.firewall, key, MAX_ROWS, () => ({
    name,
    action,
    hits: 0,
    lastMs: 0,
    clients: new Set<string>(),
  }));
  hit.hits += queries;
  hit.lastMs = Math.max(hit.lastMs, timeMs);
  if (hit.clients.size < 20) hit.clients.add(clientOf(record));
}

function addNamespace(summary: Summary, record: JsonRecord, queries: number): void {
  const namespace = textOf(record, 'k8s.namespace.name');
  const waste = entryOf(summary.namespaces, namespace ?? UNATTRIBUTED, MAX_CLIENTS, () => ({
    queries: 0,
    wasted: 0,
    bytes: 0,
    names: createCounter(100),
  }));
  waste.queries += queries;
  const isExpansion = textOf(record, 'dns.question.category') === 'search-expansion';
  if (isExpansion) {
    waste.bytes += (textOf(record, 'content')?.length ?? 0) + RECORD_BYTES;
    waste.names.add(textOf(record, 'dns.question.intended_name') ?? '', queries);
  }
  const expansions = isExpansion ? queries : queries - ownQueriesOf(record);
  if (!isExpansion && expansions > 0) waste.names.add(textOf(record, 'dns.question.name') ?? '', expansions);
  waste.wasted += expansions;
}

function addUpstream(summary: Summary, record: JsonRecord, queries: number): void {
  const upstream = entryOf(summary.upstreams, textOf(record, 'dns.upstream') ?? '', 200, () => ({
    queries: 0,
    servfail: 0,
    unanswered: 0,
    reasons: createCounter(50),
    latency: createLatency(),
  }));
  upstream.queries += queries;
  if (textOf(record, 'dns.response_code') === 'SERVFAIL') upstream.servfail += queries;
  if (record['dns.response.seen'] === false) upstream.unanswered += queries;
  const reason = textOf(record, 'event.reason');
  // The addresses in `read udp 10.0.0.7:4242->10.0.0.2:53: i/o timeout` differ by query.
  if (reason !== undefined)
    upstream.reasons.add(reason.replace(/\b[a-z]+ (?:udp|tcp) \S+(?:->\S+)?: /, '').slice(0, 120), queries);
  const duration = numberOf(record, 'duration');
  if (duration !== undefined) upstream.latency.add(duration, queries);
}
