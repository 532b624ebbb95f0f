// Which nodes live, from the nodes and their Leases, and what that proves about their pods. The Lease is the proof of life:
// the kubelet renews it every 10 s. The `Ready` condition becomes `Unknown` only 40 to 55 s after the node died.
// https://kubernetes.io/docs/reference/node/node-status/#heartbeats
import { CLOCK_SKEW_MS } from './interval.ts';
import type { IpOwnershipTable } from './table.ts';

/** A Lease of the namespace `kube-node-lease`; times are epoch ms. */
export type NodeLease = {
  readonly nodeName: string;
  /** uid of the Node that owns the Lease; undefined before its kubelet has set it. */
  readonly nodeUid: string | undefined;
  readonly renewedMs: number;
};

/**
 * The control plane notices the death of a node at most 55 s later (`node-monitor-grace-period` of 40 or 50 s, checked
 * every 5 s). Without a Lease, the pods of the node are proved until this long before that.
 */
export const NOTICE_MS = 60_000;

/** Leases that are older than the pods by more than this no longer count: names would disappear with every pause of theirs. */
const MAX_LEASE_LAG_MS = 60_000;

/** Nodes of a cluster and the proofs of life of their pods. */
export type NodeHealth = {
  /** The table of nodes; what it records also counts for the pods. */
  readonly nodes: IpOwnershipTable;
  /** Records a complete list of the Leases, requested at `atMs`; `forbidden` where the function may not list them. */
  readonly observeLeases: (leases: readonly NodeLease[] | 'forbidden', atMs: number) => void;
  /** Applies what is known of the nodes to all pods. Call after pods, nodes and Leases were read. */
  readonly apply: () => void;
  /** Forgets all nodes and Leases. */
  readonly clear: () => void;
  /** The present nodes and their Leases. */
  readonly saveHealth: () => SavedHealth;
  /** Replaces what is known of nodes and Leases. */
  readonly restoreHealth: (saved: SavedHealth) => void;
};

/** The present nodes and their Leases, for other copies of the function. */
export type SavedHealth = {
  readonly states: readonly (readonly [name: string, state: NodeState])[];
  readonly leases: readonly NodeLease[];
  /** Time of the last complete list of the Leases; -Infinity: never. */
  readonly leasesMs: number;
  readonly isForbidden: boolean;
};

/** The uid of a node, and its last sign of life where it is unreachable. */
export type NodeState = { readonly uid: string; readonly unreachableSinceMs: number | undefined };

/** Wraps a table of nodes so that the table of pods learns which nodes live. */
export function createNodeHealth(table: IpOwnershipTable, pods: IpOwnershipTable): NodeHealth {
  /** The present node of each name. */
  const states = new Map<string, NodeState>();
  /** The last Lease of each name. */
  let leases = new Map<string, NodeLease>();
  let leasesMs = Number.NEGATIVE_INFINITY;
  let isForbidden = false;

  const areLeasesKnown = (): boolean =>
    leasesMs > Number.NEGATIVE_INFINITY && (pods.syncedMs() ?? leasesMs) - leasesMs <= MAX_LEASE_LAG_MS;

  /** The last renewal by the node with this uid, or by any node of the name; undefined where Leases tell nothing. */
  const renewedMs = (name: string, uid: string | undefined): number | undefined => {
    const lease = areLeasesKnown() ? leases.get(name) : undefined;
    const isOfNode = uid === undefined || lease?.nodeUid === undefined || lease.nodeUid === uid;
    return isOfNode ? lease?.renewedMs : undefined;
  };

  /** Last sign of life of a node that the API lists. */
  const provedUntilMs = (name: string, { uid, unreachableSinceMs }: NodeState): number =>
    renewedMs(name, uid) ?? unreachableSinceMs ?? Number.POSITIVE_INFINITY;

  /** The node is gone by `noticedMs`; pods that start after `startedByMs` are on another one. */
  const gone = (name: string, state: NodeState | undefined, noticedMs: number, startedByMs: number): void => {
    const lastMs = renewedMs(name, state?.uid) ?? state?.unreachableSinceMs ?? noticedMs - NOTICE_MS;
    pods.nodeGone(name, lastMs, startedByMs);
    states.delete(name);
  };

  const noticedBy = (noticedMs: number): number => Math.min(table.syncedMs() ?? noticedMs, noticedMs);

  const nodes: IpOwnershipTable = {
    ...table,
    observe: (observation, atMs, heldMs) => {
      const [name = ''] = observation.names;
      const known = states.get(name);
      if (known !== undefined && known.uid !== observation.key) {
        const startMs = observation.startMs ?? Number.NEGATIVE_INFINITY;
        gone(name, known, noticedBy(atMs ?? startMs), startMs);
      }
      table.observe(observation, atMs, heldMs);
      const state = { uid: observation.key, unreachableSinceMs: observation.unreachableSinceMs };
      states.set(name, state);
      pods.nodesProved(new Map([[name, provedUntilMs(name, state)]]));
    },
    remove: (observation, noticedMs, heldMs) => {
      const [name = ''] = observation.names;
      const last = { uid: observation.key, unreachableSinceMs: observation.unreachableSinceMs };
      gone(name, last, noticedBy(noticedMs), noticedMs);
      table.remove(observation, noticedMs, heldMs);
    },
    endList: (atMs) => {
      const noticedMs = noticedBy(atMs);
      table.endList(atMs);
      for (const [name, state] of states) {
        if (table.byName(name)?.hasEnded !== false) gone(name, state, noticedMs, atMs);
      }
    },
  };

  return {
    nodes,
    observeLeases: (list, atMs) => {
      isForbidden = list === 'forbidden';
      if (list === 'forbidden') return;
      leasesMs = atMs;
      // Of nodes that are gone, the Lease is deleted too: what it proved stays known.
      const names = new Set(list.map(({ nodeName }) => nodeName));
      leases = new Map([
        ...[...leases].filter(([name]) => states.has(name) && !names.has(name)),
        ...list.map((lease) => [lease.nodeName, lease] as const),
      ]);
    },
    apply: () => {
      // A cluster with pods has nodes, and these have Leases: without any, they were not read.
      const areNodesKnown = states.size > 0 && (isForbidden || leases.size > 0);
      const nodesMs = areNodesKnown ? table.syncedMs() : undefined;
      const proved = new Map<string, number>();
      for (const [name, firstStartMs] of [...pods.nodesOfPods()]) {
        const state = states.get(name);
        const lastMs = state === undefined ? renewedMs(name, undefined) : provedUntilMs(name, state);
        if (lastMs !== undefined) proved.set(name, lastMs);
        // The node was deleted before anything was known of it: where Leases are known, nothing proves that its pods live.
        else if (nodesMs !== undefined && firstStartMs <= nodesMs - CLOCK_SKEW_MS) {
          const untilMs = areLeasesKnown() ? Number.NEGATIVE_INFINITY : nodesMs - NOTICE_MS;
          pods.nodeGone(name, untilMs, nodesMs - CLOCK_SKEW_MS);
        }
      }
      pods.nodesProved(proved);
    },
    clear: () => {
      states.clear();
      leases.clear();
      leasesMs = Number.NEGATIVE_INFINITY;
      isForbidden = false;
    },
    saveHealth: () => ({ states: [...states], leases: [...leases.values()], leasesMs, isForbidden }),
    restoreHealth: (saved) => {
      states.clear();
      for (const [name, state] of saved.states) states.set(name, state);
      if (saved.leasesMs < leasesMs) return;
      leases = new Map(saved.leases.map((lease) => [lease.nodeName, lease]));
      ({ leasesMs, isForbidden } = saved);
    },
  };
}
