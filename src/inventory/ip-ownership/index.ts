// IP ownership in one cluster: a table of pods and a table of nodes.
import type { Cluster } from '../../core/model/directory.ts';
import { createNodeHealth, type NodeHealth, type SavedHealth } from './node-health.ts';
import type { SavedTable } from './saved.ts';
import { createIpOwnershipTable, type IpOwnershipTable } from './table.ts';

/** The content of the tables of a cluster, for other copies of the function. */
export type SavedTables = {
  readonly pods: SavedTable;
  /** Undefined where the nodes could not be read. */
  readonly nodes: SavedTable | undefined;
  readonly health: SavedHealth;
};

/** A cluster with its pods and nodes. */
export type ClusterTables = Omit<NodeHealth, 'clear' | 'saveHealth' | 'restoreHealth'> & {
  readonly cluster: Cluster;
  readonly pods: IpOwnershipTable;
  /** Forgets all pods, nodes and Leases. */
  readonly clear: () => void;
  /** The content; undefined before the first complete sync of the pods. See `IpOwnershipTable.save`. */
  readonly save: () => SavedTables | undefined;
  /** Takes over a later complete sync; nodes only where theirs is later too. */
  readonly restore: (saved: SavedTables) => void;
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
  const save = (): SavedTables | undefined => {
    const saved = pods.save();
    return saved && { pods: saved, nodes: health.nodes.save(), health: health.saveHealth() };
  };
  const restore = (saved: SavedTables): void => {
    pods.restore(saved.pods);
    if (
      saved.nodes !== undefined &&
      saved.nodes.syncedMs > (health.nodes.syncedMs() ?? Number.NEGATIVE_INFINITY)
    ) {
      health.nodes.restore(saved.nodes);
      health.restoreHealth(saved.health);
    }
    health.apply();
  };
  const { nodes, observeLeases, apply } = health;
  return { nodes, observeLeases, apply, cluster, pods, clear, save, restore };
}
