// The directory's memory: clusters with their pods and nodes over time, and instances. Pure: no clock, no I/O.
import type { Cluster, Directory, Owner, Pod } from '../model/directory.ts';
import { canonicalAddress } from './address.ts';
import type { InstanceIndex } from './instance-index.ts';
import { AMBIGUOUS, type Holding, narrow, ownerOf } from './tenure.ts';
import { createTenureTable, type TenureTable } from './tenure-table.ts';

/** A cluster and what is known of it. */
export type ClusterTables = {
  readonly cluster: Cluster;
  readonly pods: TenureTable;
  readonly nodes: TenureTable;
};

/** Empty tables for a cluster. */
export const createClusterTables = (cluster: Cluster): ClusterTables => ({
  cluster,
  pods: createTenureTable(),
  nodes: createTenureTable(),
});

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
    historyOf: (clusters, ip) => {
      const holdings = holdingsOf(clusters, ip);
      const canonical = holdings.length > 0 ? ip : canonicalAddress(ip);
      return canonical === undefined || canonical === ip ? holdings : holdingsOf(clusters, canonical);
    },
    ownerAt: (history, atMs) => ownerAmong(history as Holdings, atMs),
    steadyAround: (history, atMs) => {
      const steady = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, isLasting: false };
      let tenures = 0;
      for (const { pods, nodes } of history as Holdings) {
        narrow(steady, pods, atMs);
        narrow(steady, nodes, atMs);
        tenures += (pods?.tenures.length ?? 0) + (nodes?.tenures.length ?? 0);
      }
      // A later sync confirms the only owner there is; of two it might bring the other one into play.
      steady.isLasting = tenures === 1;
      return steady;
    },
    revision: () =>
      all.reduce((sum, { pods, nodes }) => sum + pods.changes() + nodes.changes(), instances.changes()),
    placesRevision: () => all.reduce((sum, { nodes }) => sum + nodes.changes(), instances.changes()),
    podNamed: (clusters, namespace, name) => {
      const key = `${namespace}/${name}`;
      const found = tablesOf(clusters).flatMap(({ pods }) => pods.named(key) ?? []);
      const holder = found.length === 1 ? found[0]?.holder : undefined;
      return holder?.kind === 'pod' ? holder.pod : undefined;
    },
    podIps: (pod) => podTenure(pod)?.ips ?? [],
    nodeNamed: (cluster, name) => {
      const holder = byName.get(cluster.name)?.nodes.named(name)?.holder;
      return holder?.kind === 'node' ? holder.node : undefined;
    },
    nodeOfInstance: (instanceId) => {
      for (const { nodes } of all) {
        const holder = nodes.named(instanceId)?.holder;
        if (holder?.kind === 'node') return holder.node;
      }
      return undefined;
    },
    instance: (id) => instances.byId(id),
    instanceAt: (vpcId, ip) => instances.byIp(vpcId, ip),
  };
}

/** Who holds, or held, an address: in each cluster that knows it. */
type Holdings = readonly { readonly pods: Holding | undefined; readonly nodes: Holding | undefined }[];

function ownerAmong(holdings: Holdings, atMs: number): Owner | undefined {
  let found: Owner | undefined;
  for (const { pods, nodes } of holdings) {
    const owner = ownerOf(pods, nodes, atMs);
    // Clusters of different VPCs may use the same addresses; the record does not tell which is meant.
    if (owner !== undefined && found !== undefined) return AMBIGUOUS;
    found ??= owner;
  }
  return found;
}
