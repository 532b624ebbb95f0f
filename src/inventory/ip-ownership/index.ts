// IP ownership in one cluster: a table of pods and a table of nodes.
import type { Cluster } from '../../core/model/directory.ts';
import { createIpOwnershipTable, type IpOwnershipTable } from './table.ts';
import { propagateNodeStatus } from './unreachable-nodes.ts';

/** A cluster with its pods and nodes. */
export type ClusterTables = {
  readonly cluster: Cluster;
  readonly pods: IpOwnershipTable;
  readonly nodes: IpOwnershipTable;
};

/** Empty tables for a cluster. */
export function createClusterTables(cluster: Cluster): ClusterTables {
  const pods = createIpOwnershipTable();
  return { cluster, pods, nodes: propagateNodeStatus(createIpOwnershipTable(), pods) };
}
