// Unreachable nodes. The API still lists their pods as `Running` for minutes, so a listing does not confirm these pods.
import type { IpOwnershipTable } from './table.ts';

/** A table of nodes that also updates the table of pods when a node becomes unreachable, recovers or is deleted. */
export function propagateNodeStatus(nodes: IpOwnershipTable, pods: IpOwnershipTable): IpOwnershipTable {
  /** Keys of unreachable nodes by name. */
  const unreachable = new Map<string, string>();
  return {
    ...nodes,
    observe: (observation, atMs) => {
      nodes.observe(observation, atMs);
      const [name = ''] = observation.names;
      if (observation.unreachableSinceMs !== undefined) {
        unreachable.set(name, observation.key);
        pods.markNodeUnreachable(name, observation.unreachableSinceMs);
        return;
      }
      // A new node with the same name does not prove that the pods of the unreachable one are alive.
      if (unreachable.get(name) === observation.key) pods.markNodeReachable(name);
      unreachable.delete(name);
    },
    remove: (observation, noticedMs) => {
      const [name = ''] = observation.names;
      const lastSeenMs = Math.min(nodes.syncedMs() ?? noticedMs, noticedMs);
      nodes.remove(observation, noticedMs);
      pods.markNodeUnreachable(name, observation.unreachableSinceMs ?? lastSeenMs);
      unreachable.delete(name);
    },
  };
}
