// What one cluster takes from the memory of all copies, and leaves there.
import type { Cluster } from '../../core/model/directory.ts';
import type { DirectoryTask, StateHealth } from '../../core/model/ports.ts';
import type { ClusterSetting, Settings } from '../../core/model/settings.ts';
import type { SavedInstance } from '../ec2/instance-index.ts';
import type { ClusterTables } from '../ip-ownership/index.ts';
import {
  type ClusterPlace,
  caDigest,
  identityFault,
  keyOfPlace,
  selectionDigest,
} from '../snapshot/identity.ts';
import type { Snapshot, SnapshotIdentity } from '../snapshot/snapshot.ts';
import { type ClusterMemory, OLD_AFTER_MS } from '../state/memory.ts';
import type { EksCluster } from './eks.ts';
import type { NamespaceTable } from './namespaces.ts';
import type { Sync } from './sync.ts';

/** API servers remember at least this long what a watch has missed. */
const WATCHABLE_MS = 60_000;

/** The instances of a cluster's VPC, as EC2 described them. */
export type InstanceMemory = {
  readonly save: (vpcId: string) => readonly SavedInstance[];
  readonly restore: (saved: readonly SavedInstance[]) => void;
};

/** Memory of a cluster, and of its instances. */
export type SharedMemory = { readonly memory: ClusterMemory; readonly instances: InstanceMemory };

/** The parts of a cluster source. `cluster` is changed in place. */
export type SharedParts = {
  readonly setting: ClusterSetting;
  readonly settings: Settings;
  readonly cluster: { -readonly [K in keyof Cluster]: Cluster[K] };
  readonly tables: ClusterTables;
  readonly namespaces: NamespaceTable;
  readonly syncs: () => Readonly<Record<'pods' | 'nodes' | 'namespaces', Sync>>;
};

/** The state that a cluster shares with the other copies of the function. No method rejects. */
export type SharedState = {
  /** Starts an invocation; `ownAccountId` is the function's account, as far as known. */
  readonly begin: (ownAccountId: string | undefined) => void;
  /** Takes over what another copy knows, where that is later. */
  readonly recall: (
    eks: EksCluster | undefined,
    task: DirectoryTask,
    nowMs: number,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Writes what this copy knows, if it is its turn. */
  readonly keep: (eks: EksCluster, task: DirectoryTask, nowMs: number, signal: AbortSignal) => Promise<void>;
  /** Whether a watch that cannot go on may be replaced by a list: while the snapshot is young, its writer lists. */
  readonly mayListAgain: (task: DirectoryTask, nowMs: number) => boolean;
  /** Whether what was taken over is of another cluster than this one. */
  readonly isOfOther: (eks: EksCluster) => boolean;
  readonly health: (nowMs: number) => StateHealth;
};

/** Connects the parts of a cluster with its memory. */
export function createSharedState(shared: SharedMemory, parts: SharedParts): SharedState {
  const { memory, instances } = shared;
  const { setting, settings, cluster, tables, namespaces } = parts;
  const selection = selectionDigest(settings);
  const selected = {
    podLabels: new Set(settings.podLabels),
    podAnnotations: new Set(settings.podAnnotations),
  };
  let ownAccountId: string | undefined;
  let recalled: SnapshotIdentity | undefined;

  const place = (): ClusterPlace | undefined => {
    const accountId = cluster.accountId ?? ownAccountId;
    const { name, region } = cluster;
    return accountId && region ? { accountId, region, name } : undefined;
  };

  /**
   * A snapshot of this moment or an earlier one is of no use. Where the watch can go on, taking over a large one is dearer
   * than the watch, so it has to make the watch needless.
   */
  const uselessUntil = (nowMs: number): number => {
    const ownMs = tables.pods.syncedMs() ?? Number.NEGATIVE_INFINITY;
    const canGoOn = parts.syncs().pods.position() !== undefined && nowMs - ownMs < WATCHABLE_MS;
    return canGoOn ? Math.max(ownMs, nowMs - settings.refreshSeconds * 1000) : ownMs;
  };

  const takeOver = (snapshot: Snapshot): void => {
    const { identity, positions } = snapshot;
    const syncs = parts.syncs();
    const before = { nodes: tables.nodes.syncedMs(), namespaces: namespaces.syncedMs() };
    const isLater = (saved: { readonly syncedMs: number } | undefined, ownMs: number | undefined) =>
      saved !== undefined && saved.syncedMs > (ownMs ?? Number.NEGATIVE_INFINITY);
    tables.restore(snapshot.tables);
    syncs.pods.resume(positions.pods);
    if (positions.nodes && isLater(snapshot.tables.nodes, before.nodes)) syncs.nodes.resume(positions.nodes);
    const saved = snapshot.namespaces;
    if (saved && positions.namespaces && isLater(saved, before.namespaces)) {
      namespaces.restore(saved);
      syncs.namespaces.resume(positions.namespaces);
    }
    namespaces.updatePods(tables.pods);
    instances.restore(snapshot.instances);
    recalled = identity;
    cluster.arn = identity.arn;
    cluster.uid ??= identity.uid;
    cluster.vpcId ??= identity.vpcId;
    cluster.accountId ??= place()?.accountId;
  };

  return {
    begin: (accountId) => {
      ownAccountId = accountId ?? ownAccountId;
      memory.begin();
    },
    recall: async (eks, task, nowMs, signal) => {
      const where = place();
      if (where === undefined) return;
      const expected = {
        place: where,
        arn: setting.arn ?? eks?.arn,
        endpoint: eks?.endpoint,
        caDigest: eks && caDigest(eks.ca),
        uid: eks && cluster.uid,
        selection,
      };
      const request = {
        key: keyOfPlace(settings.statePrefix, where),
        sinceMs: uselessUntil(nowMs),
        horizonMs: nowMs - settings.historyMinutes * 60_000,
        isUrgent: task === 'keep',
        cluster,
        ...selected,
        nowMs,
        check: (identity: SnapshotIdentity) => identityFault(identity, expected),
      };
      const snapshot = await memory.recall(request, signal);
      if (snapshot !== undefined) takeOver(snapshot);
    },
    keep: async (eks, task, nowMs, signal) => {
      const where = place();
      if (where === undefined || (task === 'batch' && !memory.isOld(nowMs))) return;
      const snapshot = snapshotOf(parts, eks, selection, instances);
      if (snapshot) await memory.keep(keyOfPlace(settings.statePrefix, where), snapshot, nowMs, signal);
    },
    mayListAgain: (task, nowMs) =>
      task === 'keep' || nowMs - (memory.storedMs() ?? Number.NEGATIVE_INFINITY) >= OLD_AFTER_MS,
    isOfOther: (eks) =>
      recalled !== undefined &&
      (recalled.endpoint !== eks.endpoint || recalled.caDigest !== caDigest(eks.ca)),
    health: memory.health,
  };
}

/** The snapshot of a cluster; undefined before its pods are complete. */
function snapshotOf(
  { cluster, tables, namespaces, syncs, settings }: SharedParts,
  eks: EksCluster,
  selection: string,
  instances: InstanceMemory,
): Snapshot | undefined {
  const saved = tables.save();
  const { pods, nodes, namespaces: namespaceSync } = syncs();
  const position = pods.position();
  if (saved === undefined || position === undefined || eks.arn === undefined || tables.pods.isFull())
    return undefined;
  const isFromNamespace = settings.metadataFrom === 'namespace';
  return {
    identity: {
      arn: eks.arn,
      endpoint: eks.endpoint,
      caDigest: caDigest(eks.ca),
      uid: cluster.uid,
      vpcId: cluster.vpcId,
      selection,
    },
    tables: saved,
    positions: {
      pods: position,
      nodes: nodes.position(),
      namespaces: isFromNamespace ? namespaceSync.position() : undefined,
    },
    namespaces: isFromNamespace ? namespaces.save() : undefined,
    instances: cluster.vpcId === undefined ? [] : instances.save(cluster.vpcId),
  };
}
