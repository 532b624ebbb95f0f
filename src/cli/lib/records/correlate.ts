import * as z from 'zod';

// Route 53 stamps whole seconds at submission; CoreDNS logs after it has answered.
const BEFORE_MS = 2000;
const AFTER_MS = 1000;

const text = z.string().optional();
const record = z.object({
  timestamp: z.iso.datetime({ offset: true }),
  'log.source': z.enum(['coredns', 'aws.vpcdnsquerylogs']),
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
  'aws.resource.id': text,
  'aws.route53.firewall.action': text,
});

/** What correlating needs of a normalized record (design section 4). */
export type DnsRecord = z.infer<typeof record>;

/** Reads a line of NDJSON; undefined for anything but a CoreDNS or Resolver record with a question. */
export function readRecord(line: string): DnsRecord | undefined {
  try {
    return record.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/**
 * How an asker was found. `exact`: the same CoreDNS asked for the same name within the window; `direct`: who asked
 * the VPC resolver is no CoreDNS. The rest are candidates: `cache`: the same CoreDNS, later, while it still had the answer;
 * `instance`: a CoreDNS on the instance that asked; `name`: no more than the question and the window fit.
 */
type Match = 'exact' | 'direct' | 'cache' | 'instance' | 'name';

const ORDER: readonly Match[] = ['direct', 'exact', 'instance', 'cache', 'name'];

/** A pod, or an address that no pod is known for. */
export type Asker = {
  readonly match: Match;
  readonly isCandidate: boolean;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  /** `deployment/web` */
  readonly workload: string | undefined;
  readonly clientIp: string | undefined;
  /** How sure it is that this pod had the address. */
  readonly attribution: string | undefined;
  /** How often it asked. */
  readonly count: number;
};

/** An answer that came from outside the cluster, and who had asked for it. */
export type Correlation = {
  readonly timestamp: string;
  readonly name: string;
  readonly type: string;
  readonly responseCode: string | undefined;
  readonly answers: readonly string[];
  readonly firewallAction: string | undefined;
  readonly resolverIp: string | undefined;
  readonly askers: readonly Asker[];
};

type Lookup = { readonly record: DnsRecord; readonly startMs: number; readonly endMs: number };

/** Questions of one name and type in order of their start. */
type Lookups = { readonly list: Lookup[]; longestMs: number };

/** Finds for every Resolver record, in order of time, the pods that asked for it; `cacheMs` is CoreDNS's `cache`. */
export function correlate(records: readonly DnsRecord[], cacheMs: number): Correlation[] {
  const lookups = indexLookups(records);
  return records
    .filter((candidate) => candidate['log.source'] === 'aws.vpcdnsquerylogs')
    .sort((one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp))
    .map((answer) => ({
      timestamp: answer.timestamp,
      name: answer['dns.question.name'],
      type: answer['dns.question.type'],
      responseCode: answer['dns.response_code'],
      answers: answer['dns.answers.data'] ?? [],
      firewallAction: answer['aws.route53.firewall.action'],
      resolverIp: answer['dns.resolver.ip'],
      askers: askersOf(answer, lookups.get(questionOf(answer)), cacheMs),
    }));
}

/** CoreDNS records by question. */
function indexLookups(records: readonly DnsRecord[]): ReadonlyMap<string, Lookups> {
  const lookups = new Map<string, Lookups>();
  for (const one of records) {
    if (one['log.source'] !== 'coredns' || one['client.ip'] === undefined) continue;
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

/** The kinds of client behind which a CoreDNS may be: its packets can leave under the node's address. */
const MAY_BE_COREDNS: ReadonlySet<string | undefined> = new Set(['coredns', 'node', 'unknown']);

function askersOf(answer: DnsRecord, lookups: Lookups | undefined, cacheMs: number): Asker[] {
  if (!MAY_BE_COREDNS.has(answer['dns.client.kind'])) return [askerOf(answer, 'direct', 1)];
  if (lookups === undefined) return [];
  const atMs = Date.parse(answer.timestamp);
  const found = new Map<string, Asker>();
  const { list, longestMs } = lookups;
  for (let at = firstFrom(list, atMs - AFTER_MS - longestMs); at < list.length; at++) {
    const lookup = list[at] as Lookup;
    if (lookup.startMs > atMs + Math.max(BEFORE_MS, cacheMs + AFTER_MS)) break;
    const match = matchOf(answer, atMs, lookup, cacheMs);
    if (match === undefined) continue;
    const { record: asked } = lookup;
    const who = asked['k8s.pod.name'] ?? asked['client.ip'];
    const key = `${asked['k8s.cluster.name']} ${asked['k8s.namespace.name']} ${who}`;
    const known = found.get(key);
    const isBetter = known === undefined || ORDER.indexOf(match) < ORDER.indexOf(known.match);
    const count = (known?.count ?? 0) + 1;
    found.set(key, isBetter ? askerOf(asked, match, count) : { ...known, count });
  }
  return [...found.values()].sort((one, other) => ORDER.indexOf(one.match) - ORDER.indexOf(other.match));
}

/** The index of the first lookup that started at that moment or later. */
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
  const isMeanwhile = lookup.startMs - BEFORE_MS <= atMs && atMs <= lookup.endMs + AFTER_MS;
  const isLater = !isMeanwhile && atMs < lookup.startMs && lookup.startMs <= atMs + cacheMs + AFTER_MS;
  if (!isMeanwhile && !isLater) return undefined;
  const ips = [answer['dns.resolver.ip'], lookup.record['dns.resolver.ip']];
  if (!ips.includes(undefined)) return ips[0] === ips[1] ? (isMeanwhile ? 'exact' : 'cache') : undefined;
  const instance = answer['dns.resolver.instance_id'] ?? answer['aws.resource.id'];
  const instances = [instance, lookup.record['dns.resolver.instance_id']];
  if (!isMeanwhile) return undefined;
  if (instances.includes(undefined)) return 'name';
  return instances[0] === instances[1] ? 'instance' : undefined;
}

function askerOf(asked: DnsRecord, match: Match, count: number): Asker {
  const kind = asked['k8s.workload.kind'];
  const workload = asked['k8s.workload.name'];
  return {
    match,
    isCandidate: match !== 'exact' && match !== 'direct',
    cluster: asked['k8s.cluster.name'],
    namespace: asked['k8s.namespace.name'],
    pod: asked['k8s.pod.name'],
    workload: workload === undefined ? undefined : [kind, workload].filter(Boolean).join('/'),
    clientIp: asked['client.ip'],
    attribution: asked['dns.client.attribution'],
    count,
  };
}
