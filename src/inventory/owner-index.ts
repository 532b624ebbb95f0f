// The directory over all clusters and EC2 instances. It has no clock and does no I/O.
import type {
  AddressHistory,
  CacheValidity,
  Cluster,
  Directory,
  Instance,
  Lifetime,
  OwnerLookup,
  Pod,
} from '../core/model/directory.ts';
import { canonicalAddress } from './address.ts';
import type { InstanceLookup } from './ec2/instance-index.ts';
import type { ClusterTables } from './ip-ownership/index.ts';
import { CLOCK_SKEW_MS, type IpOwnership, possibleUntil } from './ip-ownership/interval.ts';
import { type AddressOwnerships, AMBIGUOUS, intersect, ownerAt } from './ip-ownership/owner-at.ts';
import type { IpOwnershipTable } from './ip-ownership/table.ts';

/** Ownerships of one address in one cluster. */
type ClusterOwnerships = {
  readonly pods: AddressOwnerships | undefined;
  readonly nodes: AddressOwnerships | undefined;
};

/** The content of an `AddressHistory`. */
type OwnershipHistory = {
  /** One entry per cluster in which the address has ownerships. */
  readonly clusters: readonly ClusterOwnerships[];
  readonly isOneClusterSearched: boolean;
};

// Outside of this file an address history is opaque.
const toOpaque = (history: OwnershipHistory): AddressHistory => history as unknown as AddressHistory;
const fromOpaque = (history: AddressHistory): OwnershipHistory => history as unknown as OwnershipHistory;

/** A cluster that a reader tells of, with the instances of its VPC. */
export type ToldCluster = { readonly tables: ClusterTables; readonly instances: InstanceLookup };

/**
 * A live view of the tables and the index: each answer reflects their state at the time of the call. `told` are the
 * clusters that are known from readers of other accounts, which count for questions about their account only.
 */
export function createOwnerIndex(
  own: readonly ClusterTables[],
  instances: InstanceLookup,
  told: readonly ToldCluster[] = [],
): Directory {
  const all = [...own, ...told.map(({ tables }) => tables)];
  const toldBy = (accountId: string | undefined): readonly ToldCluster[] =>
    accountId === undefined || told.length === 0
      ? NOBODY
      : told.filter(({ tables }) => tables.cluster.accountId === accountId);
  // By object: clusters of different accounts or regions may have the same name.
  const byCluster = new Map(all.map((tables) => [tables.cluster, tables]));
  const tablesOf = (clusters: readonly Cluster[]) =>
    clusters.map((cluster) => byCluster.get(cluster)).filter((tables) => tables !== undefined);

  const ownershipsOf = (clusters: readonly Cluster[], ip: string): readonly ClusterOwnerships[] => {
    const found: ClusterOwnerships[] = [];
    for (const cluster of clusters) {
      const tables = byCluster.get(cluster);
      const pods = tables?.pods.byIp(ip);
      const nodes = tables?.nodes.byIp(ip);
      if (pods !== undefined || nodes !== undefined) found.push({ pods, nodes });
    }
    return found;
  };

  const newestOwnershipOf = ({ cluster, namespace, name }: Pod) =>
    byCluster.get(cluster)?.pods.byName(`${namespace}/${name}`);

  return {
    clusters: all.map(({ cluster }) => cluster),
    historyOf: (clusters, ip) => {
      // Logged addresses are nearly always canonical, and the conversion is slow.
      const asLogged = ownershipsOf(clusters, ip);
      const canonical = asLogged.length > 0 ? ip : canonicalAddress(ip);
      const isCanonical = canonical === undefined || canonical === ip;
      return toOpaque({
        clusters: isCanonical ? asLogged : ownershipsOf(clusters, canonical),
        isOneClusterSearched: clusters.length === 1,
      });
    },
    ownerAt: (history, atMs) => ownerInAny(fromOpaque(history).clusters, atMs),
    validityAt: (history, atMs) => {
      const validity = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
      for (const { pods, nodes } of fromOpaque(history).clusters) {
        intersect(validity, pods, atMs);
        intersect(validity, nodes, atMs);
      }
      return { ...validity, cacheValidity: cacheValidityOf(fromOpaque(history)) };
    },
    topologyRevision: () =>
      all.reduce((sum, { nodes }) => sum + nodes.revision(), instances.revision()) +
      told.reduce((sum, each) => sum + each.instances.revision(), 0),
    podNamed: (clusters, namespace, name) => {
      const key = `${namespace}/${name}`;
      const found = tablesOf(clusters).flatMap(({ pods }) => pods.byName(key) ?? []);
      const owner = found.length === 1 ? found[0]?.owner : undefined;
      return owner?.kind === 'pod' ? owner.pod : undefined;
    },
    lifetimesOf: (clusters, namespace, name) =>
      tablesOf(clusters).flatMap(({ pods }) => lifetimes(pods, `${namespace}/${name}`)),
    podIps: (pod) => newestOwnershipOf(pod)?.ips ?? [],
    nodeNamed: (cluster, name) => nodeOwning(byCluster.get(cluster)?.nodes.byName(name)),
    nodeOf: (pod) => {
      if (pod.nodeName === undefined) return undefined;
      let ownership = newestOwnershipOf(pod);
      while (ownership?.owner.kind === 'pod' && ownership.owner.pod !== pod) {
        ownership = ownership.previousByName;
      }
      return nodeOwning(byCluster.get(pod.cluster)?.nodes.byName(pod.nodeName, ownership?.startMs));
    },
    nodeOfInstance: (instanceId, accountId) => {
      for (const { nodes } of [...own, ...toldBy(accountId).map(({ tables }) => tables)]) {
        const node = nodeOwning(nodes.byName(instanceId));
        if (node !== undefined) return node;
      }
      return undefined;
    },
    instance: (id, accountId) => instances.byId(id) ?? firstOf(toldBy(accountId), (each) => each.byId(id)),
    instanceAt: (vpcId, ip, accountId) =>
      instances.byIp(vpcId, ip) ?? firstOf(toldBy(accountId), (each) => each.byIp(vpcId, ip)),
  };
}

const NOBODY: readonly ToldCluster[] = [];

function firstOf(
  told: readonly ToldCluster[],
  find: (instances: InstanceLookup) => Instance | undefined,
): Instance | undefined {
  for (const { instances } of told) {
    const found = find(instances);
    if (found !== undefined) return found;
  }
  return undefined;
}

function lifetimes(pods: IpOwnershipTable, name: string): readonly Lifetime[] {
  const found: Lifetime[] = [];
  const syncedMs = pods.syncedMs() ?? Number.NEGATIVE_INFINITY;
  let ownership = pods.byName(name);
  for (; ownership !== undefined; ownership = ownership.previousByName) {
    // A pod that has not ended lives on, although only its last sighting is certain.
    const toMs = ownership.hasEnded ? possibleUntil(ownership, syncedMs) : Number.POSITIVE_INFINITY;
    found.push({ fromMs: ownership.startMs - CLOCK_SKEW_MS, toMs });
  }
  return found;
}

const nodeOwning = (ownership: IpOwnership | undefined) =>
  ownership?.owner.kind === 'node' ? ownership.owner.node : undefined;

/** Defined when only one owner ever had the address and it is alive: later syncs can only confirm such an answer. */
function cacheValidityOf(history: OwnershipHistory): CacheValidity | undefined {
  const [found] = history.clusters;
  // Changes of other clusters and of nodes do not count in `pods`. A node that gets the address later counts in
  // `topologyRevision`.
  if (found?.pods === undefined || found.nodes !== undefined || !history.isOneClusterSearched)
    return undefined;
  const [only, ...others] = found.pods.ownerships;
  return others.length === 0 && only?.hasEnded === false ? found.pods : undefined;
}

function ownerInAny(clusters: readonly ClusterOwnerships[], atMs: number): OwnerLookup | undefined {
  let found: OwnerLookup | undefined;
  for (const { pods, nodes } of clusters) {
    const owner = ownerAt(pods, nodes, atMs);
    // Clusters in different VPCs may use the same addresses, and the record does not name the cluster.
    if (owner !== undefined && found !== undefined) return AMBIGUOUS;
    found ??= owner;
  }
  return found;
}
