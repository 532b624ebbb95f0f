// The directory's memory: clusters with their pods and nodes over time, and instances. Pure: no clock, no I/O.
import type { CacheValidity, Cluster, Directory, OwnerLookup, Pod } from '../core/model/directory.ts';
import { canonicalAddress } from './ec2/address.ts';
import type { InstanceIndex } from './ec2/instance-index.ts';
import { AMBIGUOUS, type Holding, narrow, ownerOf, type Tenure } from './ip-ownership/interval.ts';
import { createTenureTable, type TenureTable } from './ip-ownership/table.ts';
import { tellingPods } from './ip-ownership/unreachable-nodes.ts';

/** A cluster and what is known of it. */
export type ClusterTables = {
  readonly cluster: Cluster;
  readonly pods: TenureTable;
  readonly nodes: TenureTable;
};

/** Empty tables for a cluster. */
export function createClusterTables(cluster: Cluster): ClusterTables {
  const pods = createTenureTable();
  return { cluster, pods, nodes: tellingPods(createTenureTable(), pods) };
}

/** A live view: it answers from what the tables and the index hold at the time of asking. */
export function createOwnerIndex(all: readonly ClusterTables[], instances: InstanceIndex): Directory {
  const byName = new Map(all.map((tables) => [tables.cluster.name, tables]));
  const tablesOf = (clusters: readonly Cluster[]) =>
    clusters.map(({ name }) => byName.get(name)).filter((tables) => tables !== undefined);

  const holdingsOf = (clusters: readonly Cluster[], ip: string): Holdings => {
    const found: { pods: Holding | undefined; nodes: Holding | undefined }[] = [];
    for (const { name } of clusters) {
      const tables = byName.get(name);
      const pods = tables?.pods.at(ip);
      const nodes = tables?.nodes.at(ip);
      if (pods !== undefined || nodes !== undefined) found.push({ pods, nodes });
    }
    return found;
  };

  const podTenure = ({ cluster, namespace, name }: Pod) =>
    byName.get(cluster.name)?.pods.named(`${namespace}/${name}`);

  return {
    clusters: all.map(({ cluster }) => cluster),
    historyOf: (clusters, ip): History => {
      const holdings = holdingsOf(clusters, ip);
      const canonical = holdings.length > 0 ? ip : canonicalAddress(ip);
      const isCanonical = canonical === undefined || canonical === ip;
      return {
        holdings: isCanonical ? holdings : holdingsOf(clusters, canonical),
        isInOneCluster: clusters.length === 1,
      };
    },
    ownerAt: (history, atMs) => ownerAmong((history as History).holdings, atMs),
    validityAt: (history, atMs) => {
      const steady = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
      for (const { pods, nodes } of (history as History).holdings) {
        narrow(steady, pods, atMs);
        narrow(steady, nodes, atMs);
      }
      return { ...steady, cacheValidity: lastingOf(history as History) };
    },
    topologyRevision: () => all.reduce((sum, { nodes }) => sum + nodes.changes(), instances.changes()),
    podNamed: (clusters, namespace, name) => {
      const key = `${namespace}/${name}`;
      const found = tablesOf(clusters).flatMap(({ pods }) => pods.named(key) ?? []);
      const holder = found.length === 1 ? found[0]?.holder : undefined;
      return holder?.kind === 'pod' ? holder.pod : undefined;
    },
    podIps: (pod) => podTenure(pod)?.ips ?? [],
    nodeNamed: (cluster, name) => nodeIn(byName.get(cluster.name)?.nodes.named(name)),
    nodeOf: (pod) => {
      if (pod.nodeName === undefined) return undefined;
      let tenure = podTenure(pod);
      while (tenure?.holder.kind === 'pod' && tenure.holder.pod !== pod) tenure = tenure.earlier;
      return nodeIn(byName.get(pod.cluster.name)?.nodes.named(pod.nodeName, tenure?.startMs));
    },
    nodeOfInstance: (instanceId) => {
      for (const { nodes } of all) {
        const node = nodeIn(nodes.named(instanceId));
        if (node !== undefined) return node;
      }
      return undefined;
    },
    instance: (id) => instances.byId(id),
    instanceAt: (vpcId, ip) => instances.byIp(vpcId, ip),
  };
}

const nodeIn = (tenure: Tenure | undefined) =>
  tenure?.holder.kind === 'node' ? tenure.holder.node : undefined;

/** Who holds, or held, an address: in each cluster that knows it. */
type Holdings = readonly { readonly pods: Holding | undefined; readonly nodes: Holding | undefined }[];

/** What `historyOf` has found. */
type History = { readonly holdings: Holdings; readonly isInOneCluster: boolean };

/** What an answer depends on that a later sync can but confirm: of an only owner, who is alive. */
function lastingOf({ holdings: [found], isInOneCluster }: History): CacheValidity | undefined {
  // In another cluster, or as a node, somebody else may come to have the address; nodes are watched as places.
  if (found?.pods === undefined || found.nodes !== undefined || !isInOneCluster) return undefined;
  const [only, ...others] = found.pods.tenures;
  return others.length === 0 && only?.isOver === false && only.lostMs === Number.POSITIVE_INFINITY
    ? found.pods
    : undefined;
}

function ownerAmong(holdings: Holdings, atMs: number): OwnerLookup | undefined {
  let found: OwnerLookup | undefined;
  for (const { pods, nodes } of holdings) {
    const owner = ownerOf(pods, nodes, atMs);
    // Clusters of different VPCs may use the same addresses; the record does not tell which is meant.
    if (owner !== undefined && found !== undefined) return AMBIGUOUS;
    found ??= owner;
  }
  return found;
}
