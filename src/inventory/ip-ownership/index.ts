// IP ownership in one cluster: a table of pods and a table of nodes.
import type { Cluster } from '../../core/model/directory.ts';
import { createNodeHealth, type NodeHealth } from './node-health.ts';
import { createIpOwnershipTable, type IpOwnershipTable } from './table.ts';

/** A cluster with its pods and nodes. */
export type ClusterTables = Omit<NodeHealth, 'clear'> & {
  readonly cluster: Cluster;
  readonly pods: IpOwnershipTable;
  /** Forgets all pods, nodes and Leases. */
  readonly clear: () => void;
};

/** Empty tables for a cluster. */
export function createClusterTables(cluster: Cluster): ClusterTables {
  const pods = createIpOwnershipTable();
  const health = createNodeHealth(createIpOwnershipTable(), pods);
  const clear = (): void => {
    pods.clear();
    health.nodes.clear();
    health.clear();
  };
  return { ...health, cluster, pods, clear };
}
