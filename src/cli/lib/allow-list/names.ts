// The names of a log, by workload and by VPC, with what speaks against them.
import type { JsonRecord } from '../io/firehose-response.ts';
import { DATA_SIGNALS } from '../records/signals.ts';
import { questionsOf } from './questions.ts';
import type { Zone, ZoneOf } from './zones.ts';

/** A domain with what was seen below it. */
export type SeenZone = Omit<Zone, 'fold'> & {
  /** As in `Zone`; `always` once a zone within the network has more names than are kept. */
  fold: Zone['fold'];
  /** Distinct names that are kept, and queries for names beyond `MAX_NAMES_PER_ZONE`. */
  names: number;
  queries: number;
  overflow: number;
  /** Signals of data in names: a tunnel's domain is left out as a whole. */
  readonly dataSignals: Set<string>;
};

/** A name with all that was seen of it. */
export type SeenName = {
  readonly name: string;
  readonly zone: SeenZone;
  queries: number;
  readonly signals: Set<string>;
};

/** Names of a scope: whether an address was asked for, so that a connection may follow. */
type ScopeNames = Map<SeenName, { isAddress: boolean }>;

/** A workload, and the names that its pods asked for. */
export type SeenWorkload = {
  /** Of `workloadKey`. */
  readonly key: string;
  readonly cluster: string | undefined;
  readonly namespace: string;
  readonly kind: string;
  readonly workload: string;
  /** Values of the label that selects its pods, as far as the records have it. */
  readonly labels: Set<string>;
  /** Whether all its records are only `inferred`. */
  isInferred: boolean;
  readonly names: ScopeNames;
};

/** What a log contains. */
export type SeenLog = {
  records: number;
  queries: number;
  firstMs: number;
  lastMs: number;
  /** Hours since the epoch in which a query was made. */
  readonly hours: Set<number>;
  readonly names: Map<string, SeenName>;
  readonly zones: Map<string, SeenZone>;
  readonly workloads: Map<string, SeenWorkload>;
  /** Names by VPC. */
  readonly vpcs: Map<string, ScopeNames>;
  /** The VPCs of each cluster. */
  readonly vpcsOfCluster: Map<string, Set<string>>;
  /** Names of records without a VPC, by cluster; the empty text: no cluster either. */
  readonly withoutVpc: Map<string, ScopeNames>;
  /** Whether a search expansion was seen. */
  hasExpansions: boolean;
};

/** Bounds of what is kept. A log with more names is not input for a list: a tunnel makes millions. */
export const MAX_NAMES = 500_000;
export const MAX_NAMES_PER_ZONE = 10_000;

/** How a query was asked, not for what: no reason against a name. */
const ABOUT_THE_WAY: ReadonlySet<string> = new Set(['bypasses-coredns']);

const ADDRESS_TYPES: ReadonlySet<unknown> = new Set(['A', 'AAAA', 'CNAME', 'HTTPS', 'SVCB', 'ANY']);

/** Collects records. `add` returns false when there are more names than can be kept. */
export type Collector = { readonly log: SeenLog; add(record: JsonRecord): boolean };

/** Creates a collector. `ignored`: signals that do not speak against a name; `selectorLabel`: see `SeenWorkload.labels`. */
export function createCollector(
  zoneOf: ZoneOf,
  ignored: ReadonlySet<string>,
  selectorLabel: string,
): Collector {
  const log: SeenLog = {
    records: 0,
    queries: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    hours: new Set(),
    names: new Map(),
    zones: new Map(),
    workloads: new Map(),
    vpcs: new Map(),
    vpcsOfCluster: new Map(),
    withoutVpc: new Map(),
    hasExpansions: false,
  };

  /** The entry of a name; undefined if its zone is full. */
  const seen = (name: string): SeenName | undefined => {
    const known = log.names.get(name);
    if (known !== undefined) return known;
    const zone = seenZone(log, zoneOf(name), name);
    if (zone.names >= MAX_NAMES_PER_ZONE) return undefined;
    zone.names++;
    const entry = { name, zone, queries: 0, signals: new Set<string>() };
    log.names.set(name, entry);
    return entry;
  };

  return {
    log,
    add: (record) => {
      const questions = questionsOf(record);
      if (questions.length === 0) return true;
      log.records++;
      noteTime(log, Date.parse(String(record.timestamp)));
      const signals = signalsOf(record).filter(
        (signal) => !ignored.has(signal) && !ABOUT_THE_WAY.has(signal),
      );
      const workload = workloadOf(log, record, selectorLabel);
      for (const { name, types, queries, isExpansion } of questions) {
        log.queries += queries;
        const entry = seen(name);
        const zone = entry?.zone ?? seenZone(log, zoneOf(name), name);
        zone.queries += queries;
        for (const signal of signals) if (DATA_SIGNALS.has(signal)) zone.dataSignals.add(signal);
        if (entry === undefined) {
          zone.overflow += queries;
          if (zone.kind !== 'external') zone.fold = 'always';
          continue;
        }
        entry.queries += queries;
        for (const signal of signals) entry.signals.add(signal);
        if (isExpansion) log.hasExpansions = true;
        const isAddress = !isExpansion && types.some((type) => ADDRESS_TYPES.has(type));
        if (workload !== undefined) note(workload.names, entry, isAddress);
        // CoreDNS answers for the cluster: such a query does not reach the VPC's resolver.
        if (zone.kind !== 'cluster' || record['log.source'] !== 'coredns')
          note(vpcNames(log, record), entry, isAddress);
      }
      return log.names.size <= MAX_NAMES;
    },
  };
}

function note(names: ScopeNames, entry: SeenName, isAddress: boolean): void {
  const known = names.get(entry);
  if (known === undefined) names.set(entry, { isAddress });
  else if (isAddress) known.isAddress = true;
}

function seenZone(log: SeenLog, zone: Zone, name: string): SeenZone {
  const key = zone.domain ?? name;
  const known = log.zones.get(key);
  if (known !== undefined) return known;
  const created = { ...zone, names: 0, queries: 0, overflow: 0, dataSignals: new Set<string>() };
  log.zones.set(key, created);
  return created;
}

const HOUR_MS = 3_600_000;

function noteTime(log: SeenLog, timeMs: number): void {
  if (!Number.isFinite(timeMs)) return;
  log.firstMs = Math.min(log.firstMs, timeMs);
  log.lastMs = Math.max(log.lastMs, timeMs);
  log.hours.add(Math.floor(timeMs / HOUR_MS));
}

/** The signals of a record. */
const signalsOf = (record: JsonRecord): readonly string[] => {
  const signals = record['dns.signals'];
  return Array.isArray(signals) ? signals.filter((one) => typeof one === 'string') : [];
};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** The key of a record's workload; undefined unless its client is a pod that is known (`exact`, `inferred`). */
function workloadKey(record: JsonRecord): string | undefined {
  const attribution = record['dns.client.attribution'];
  const isKnown = attribution === 'exact' || attribution === 'inferred';
  if (!isKnown || record['dns.client.kind'] !== 'pod' || text(record['k8s.pod.name']) === undefined) return;
  return JSON.stringify(
    [
      'k8s.cluster.name',
      'k8s.namespace.name',
      'k8s.workload.kind',
      text(record['k8s.workload.name']) === undefined ? 'k8s.pod.name' : 'k8s.workload.name',
    ].map((name) => record[name]),
  );
}

function workloadOf(log: SeenLog, record: JsonRecord, selectorLabel: string): SeenWorkload | undefined {
  const key = workloadKey(record);
  if (key === undefined) return undefined;
  const workload = log.workloads.get(key) ?? {
    key,
    cluster: text(record['k8s.cluster.name']),
    namespace: text(record['k8s.namespace.name']) ?? '',
    kind: text(record['k8s.workload.kind']) ?? 'pod',
    workload: text(record['k8s.workload.name']) ?? text(record['k8s.pod.name']) ?? '',
    labels: new Set<string>(),
    isInferred: true,
    names: new Map(),
  };
  log.workloads.set(key, workload);
  if (record['dns.client.attribution'] === 'exact') workload.isInferred = false;
  const label = text(record[`k8s.pod.label.${selectorLabel}`]);
  if (label !== undefined && workload.labels.size < MAX_LABELS) workload.labels.add(label);
  return workload;
}

const MAX_LABELS = 20;

const VPC_ID = /^vpc-[0-9a-z]{1,32}$/;

/** The VPC of a record; undefined if it has none, or a text that is no id. */
function vpcOf(record: JsonRecord): string | undefined {
  const vpc = text(record['aws.vpc.id']);
  return vpc !== undefined && VPC_ID.test(vpc) ? vpc : undefined;
}

function vpcNames(log: SeenLog, record: JsonRecord): ScopeNames {
  const vpc = vpcOf(record);
  const cluster = text(record['k8s.cluster.name']) ?? '';
  if (vpc !== undefined && cluster !== '') getOrAdd(log.vpcsOfCluster, cluster, () => new Set()).add(vpc);
  return vpc === undefined
    ? getOrAdd(log.withoutVpc, cluster, () => new Map())
    : getOrAdd(log.vpcs, vpc, () => new Map());
}

function getOrAdd<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
