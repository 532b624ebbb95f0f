// From the names of a log to lists, and what the lists refuse.
import { CILIUM, type CiliumPolicy } from './cilium.ts';
import { DNS_FIREWALL, type VpcList } from './dns-firewall.ts';
import { type FoldRule, foldNames, type ListedName } from './fold.ts';
import {
  MAX_NAMES_PER_ZONE,
  type SeenLog,
  type SeenName,
  type SeenWorkload,
  type SeenZone,
} from './names.ts';
import { isWithin, labelCount, type Zone, type ZoneOf } from './zones.ts';

/** How lists are made from names. */
export type ListOptions = {
  /** Least number of names below one parent for a wildcard. */
  readonly fold: number;
  /** Domains that are written as wildcards whatever their width, and whatever signals they carry. */
  readonly wildcards: readonly string[];
  /** The label by which policies select the pods of a workload. */
  readonly selectorLabel: string;
  /** The VPC of records that name none. */
  readonly vpc: string | undefined;
};

/** A name that is on no list, and why: a signal on it, or on its domain. */
export type LeftOut = { readonly name: string; readonly reason: string; readonly queries: number };

/** A domain whose names are written one by one, although there are many: it looks like a slow tunnel. */
export type SlowTunnel = { readonly domain: string; readonly names: number; readonly queries: number };

/** Everything that is written. */
export type AllowList = {
  readonly policies: readonly CiliumPolicy[];
  readonly vpcs: readonly VpcList[];
  readonly leftOut: readonly LeftOut[];
  readonly slowTunnels: readonly SlowTunnel[];
};

/** Makes the lists. */
export function buildAllowList(log: SeenLog, zoneOf: ZoneOf, options: ListOptions): AllowList {
  const leftOut: LeftOut[] = [];
  const isOut = new Set<SeenName>();
  for (const entry of log.names.values()) {
    const reason = reasonAgainst(entry, options.wildcards);
    if (reason === undefined) continue;
    isOut.add(entry);
    leftOut.push({ name: entry.name, reason, queries: entry.queries });
  }
  const slow = [...log.zones].filter(([, zone]) => isLikeSlowTunnel(zone));
  const rule: FoldRule = {
    atLeast: options.fold,
    told: options.wildcards,
    // A wildcard must not cover a name that is left out, or the next names of a slow tunnel.
    unfolded: new Set([
      ...slow.map(([domain]) => domain),
      ...[...isOut].map(({ name, zone }) => zone.domain ?? name),
    ]),
  };
  const allowed = (names: Iterable<SeenName>): SeenName[] => [...names].filter((entry) => !isOut.has(entry));
  return {
    policies: [...log.workloads.values()].map((workload) => policyOf(workload, isOut, zoneOf, rule, options)),
    vpcs: [...vpcScopes(log, options.vpc)].map(([vpcId, names]) => ({
      vpcId: vpcId === '' ? undefined : vpcId,
      list: foldNames(allowed(names), DNS_FIREWALL, rule),
    })),
    leftOut: leftOut.sort((one, other) => other.queries - one.queries),
    slowTunnels: slow
      .filter(([, { dataSignals }]) => dataSignals.size === 0)
      .map(([domain, { names, queries }]) => ({ domain, names, queries })),
  };
}

/** Why a name is on no list; undefined if it is on one. */
export function reasonAgainst(
  { name, signals, zone }: SeenName,
  told: readonly string[],
): string | undefined {
  if (told.some((domain) => isWithin(name, domain))) return undefined;
  if (signals.size > 0) return [...signals].sort().join(', ');
  if (zone.dataSignals.size > 0)
    return `names below ${zone.domain ?? name} carry ${[...zone.dataSignals].sort().join(', ')}`;
  if (zone.overflow > 0 && zone.kind === 'external')
    return `more than ${MAX_NAMES_PER_ZONE} names below ${zone.domain ?? name}`;
  return undefined;
}

// As slow-tunnels.dql: many names below one domain, most of them asked once.
const SLOW_TUNNEL_NAMES = 100;
const SLOW_TUNNEL_NEW_SHARE = 0.4;

const isLikeSlowTunnel = ({ kind, names, queries }: SeenZone): boolean =>
  kind === 'external' && names >= SLOW_TUNNEL_NAMES && names / queries >= SLOW_TUNNEL_NEW_SHARE;

/** The names by VPC: of its own records, and of those that could be its. */
export function vpcScopes(log: SeenLog, vpc: string | undefined): Map<string, Set<SeenName>> {
  const scopes = new Map([...log.vpcs].map(([id, names]) => [id, new Set(names.keys())]));
  const everywhere = [...scopes.keys()];
  for (const [cluster, names] of log.withoutVpc) {
    const known = [...(log.vpcsOfCluster.get(cluster) ?? [])];
    const ids =
      known.length > 0 ? known : vpc !== undefined ? [vpc] : everywhere.length > 0 ? everywhere : [''];
    for (const id of ids) {
      const scope = scopes.get(id) ?? new Set();
      for (const entry of names.keys()) scope.add(entry);
      scopes.set(id, scope);
    }
  }
  return scopes;
}

function policyOf(
  workload: SeenWorkload,
  isOut: ReadonlySet<SeenName>,
  zoneOf: ZoneOf,
  rule: FoldRule,
  { selectorLabel }: ListOptions,
): CiliumPolicy {
  const names = [...workload.names].filter(([entry]) => !isOut.has(entry));
  const asked = names.map(([entry]) => entry);
  const outside = names
    .filter(([{ name, zone }, { isAddress }]) => isAddress && zone.kind !== 'cluster' && name.includes('.'))
    .map(([entry]) => entry);
  const [label, ...others] = workload.labels;
  const isAssumed = label === undefined || others.length > 0;
  return {
    key: workload.key,
    cluster: workload.cluster,
    namespace: workload.namespace,
    kind: workload.kind,
    workload: workload.workload,
    selector: { key: selectorLabel, value: isAssumed ? workload.workload : label, isAssumed },
    isInferred: workload.isInferred,
    dns: foldNames([...asked, ...expansionsOf(asked, zoneOf)], CILIUM, rule),
    fqdns: foldNames(outside, CILIUM, rule),
  };
}

// `options ndots:5`, which Kubernetes sets: names with fewer dots are tried with every search suffix first.
const NDOTS = 5;

/**
 * The search expansions of names, of which records may lack some (`DROP=search-expansion`): without them the policy would
 * refuse the first attempts of every look-up. All of them are folded to one pattern per number of labels.
 */
function* expansionsOf(names: readonly SeenName[], zoneOf: ZoneOf): Generator<ListedName> {
  const zones = new Map<string, Zone>([['cluster.local', zoneOf('x.cluster.local')]]);
  for (const { zone } of names)
    if (zone.fold === 'always' && zone.domain !== undefined) zones.set(zone.domain, zone);
  const depths = new Set(
    names.flatMap(({ name, zone }) =>
      zone.fold === 'always' || labelCount(name) > NDOTS ? [] : [labelCount(name)],
    ),
  );
  for (const zone of zones.values()) {
    // In the cluster also behind `<namespace>.svc` and `svc`.
    const extra = zone.kind === 'cluster' ? [0, 1, 2] : [0];
    for (const depth of depths)
      for (const more of extra) yield { name: `${'x.'.repeat(depth + more)}${zone.domain}`, zone };
  }
}
