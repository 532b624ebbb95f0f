// Clusters that this function does not read: readers in other accounts and VPCs write their snapshots under the same prefix.
// The key of a snapshot names account, Region and cluster; who may write which key is decided by the policy of the bucket.
import type { Cluster } from '../../core/model/directory.ts';
import type { SourceHealth } from '../../core/model/ports.ts';
import type { Settings } from '../../core/model/settings.ts';
import { createBackOff } from '../back-off.ts';
import type { Clock } from '../clock.ts';
import { describeError } from '../describe-error.ts';
import { createInstanceIndex } from '../ec2/instance-index.ts';
import { createClusterTables } from '../ip-ownership/index.ts';
import { createNamespaceTable } from '../kubernetes/namespaces.ts';
import type { ToldCluster } from '../owner-index.ts';
import { type ClusterPlace, identityFault, keyOfPlace, placeOfKey } from '../snapshot/identity.ts';
import type { ReadSnapshot, SnapshotIdentity } from '../snapshot/snapshot.ts';
import { untilAborted } from '../until-aborted.ts';
import type { ClusterMemory } from './memory.ts';
import { readLimit } from './read-limit.ts';
import { snapshotKeys } from './snapshot-keys.ts';
import type { StateStore } from './store.ts';

/**
 * Limits for the clusters, for the owners in all of them, about a kilobyte of memory each, and for the text of their
 * snapshots. One account may have half of each, so that its reader cannot shut out the others. Who has room keeps it: a
 * snapshot that does not fit is refused; those that are new at the same time come in the order of their keys.
 */
const TOLD_LIMITS = { clusters: 50, owners: 200_000, textBytes: 96 * 1024 * 1024 } as const;

/** Snapshots that are read at the same time. */
const READS_AT_ONCE = 4;

/** Time between two lists of the prefix. */
const LIST_MS = 60_000;

/** The clusters that readers tell of. No method rejects. */
export type ToldClusters = {
  /** Reads what is new. `ownKeys` are the snapshots that this function writes itself. */
  readonly refresh: (nowMs: number, ownKeys: ReadonlySet<string>, signal: AbortSignal) => Promise<void>;
  /** The clusters that are known; another array where one has been added. */
  readonly all: () => readonly ToldCluster[];
  readonly health: (nowMs: number) => readonly SourceHealth[];
};

/** What clusters take of the limits. */
type Size = { readonly owners: number; readonly textBytes: number };

const SIZES = ['owners', 'textBytes'] as const;

/** One cluster with its memory. */
type Told = ToldCluster & {
  readonly id: string;
  readonly size: () => Size;
  /** Reads what is new; `turn` is the end of those before it. */
  readonly refresh: (nowMs: number, turn: Promise<unknown>, signal: AbortSignal) => Promise<void>;
  readonly health: (nowMs: number) => SourceHealth;
};

/** The clusters under the prefix of the settings; `memoryOf` makes the memory of one of them. */
export function createToldClusters(
  store: StateStore,
  memoryOf: () => ClusterMemory,
  settings: Settings,
  timing: Clock,
  limits: Readonly<Record<keyof typeof TOLD_LIMITS, number>> = TOLD_LIMITS,
): ToldClusters {
  const backOff = createBackOff();
  const byKey = new Map<string, Told>();
  let all: readonly Told[] = [];
  let listedMs = Number.NEGATIVE_INFINITY;
  let errors = 0;

  const ofAccount = (accountId: string): readonly Told[] =>
    all.filter(({ tables }) => tables.cluster.accountId === accountId);
  const hasRoomFor = ({ accountId }: ClusterPlace): boolean =>
    all.length < limits.clusters && ofAccount(accountId).length < limits.clusters / 2;
  /** What of the limits a cluster that grows so would exceed; undefined if nothing. */
  const exceeded = ({ accountId }: ClusterPlace, before: Size, after: Size): keyof Size | undefined =>
    SIZES.find((part) => {
      const more = after[part] - before[part];
      const ofOne = sum(ofAccount(accountId), part) + more;
      return more > 0 && (sum(all, part) + more > limits[part] || ofOne > limits[part] / 2);
    });

  const list = async (nowMs: number, ownKeys: ReadonlySet<string>, signal: AbortSignal): Promise<void> => {
    if (nowMs - listedMs < LIST_MS || !backOff.isDue(nowMs)) return;
    const limit = readLimit(signal, timing);
    try {
      const listed = snapshotKeys(store, settings.statePrefix, limit.signal);
      const keys = await untilAborted(listed, limit.signal);
      listedMs = nowMs;
      backOff.succeeded();
      for (const key of keys) {
        const place = placeOfKey(settings.statePrefix, key);
        if (place === undefined || ownKeys.has(key) || byKey.has(key) || !hasRoomFor(place)) continue;
        const told = createTold(place, memoryOf(), settings, limits.textBytes / 2, (before, after) =>
          exceeded(place, before, after),
        );
        byKey.set(key, told);
        all = [...byKey.values()];
      }
    } catch (error) {
      errors += 1;
      backOff.failed(nowMs, `list: ${limit.signal.aborted ? 'no answer in time' : describeError(error)}`);
    } finally {
      limit.cancel();
      store.disconnect();
    }
  };

  return {
    refresh: async (nowMs, ownKeys, signal) => {
      errors = 0;
      await list(nowMs, ownKeys, signal);
      // Some at a time: each snapshot that is read takes its bytes in memory.
      for (let at = 0; at < all.length; at += READS_AT_ONCE) {
        let turn: Promise<unknown> = Promise.resolve();
        for (const told of all.slice(at, at + READS_AT_ONCE))
          turn = Promise.all([turn, told.refresh(nowMs, turn, signal)]);
        await turn;
      }
    },
    all: () => all,
    health: (nowMs) => {
      const lastError = backOff.lastError();
      const own = {
        source: 'state',
        ageMs: 0,
        size: all.length,
        errors: 0,
        late: false,
        lastError: undefined,
      };
      const failed = lastError === undefined ? [] : [{ ...own, state: { ageMs: 0, errors, lastError } }];
      return [...failed, ...all.map((told) => told.health(nowMs))];
    },
  };
}

const sizeOf = ({ tables: { pods, nodes }, textBytes }: ReadSnapshot): Size => ({
  owners: pods.ownerships.length + (nodes?.ownerships.length ?? 0),
  textBytes,
});

const sum = (all: readonly Told[], part: keyof Size): number =>
  all.reduce((total, { size }) => total + size()[part], 0);

const REFUSALS: Readonly<Record<keyof Size, string>> = {
  owners: 'more owners than the directory holds',
  textBytes: 'more text than the directory holds',
};

function createTold(
  place: ClusterPlace,
  memory: ClusterMemory,
  settings: Settings,
  maxTextBytes: number,
  exceeded: (before: Size, after: Size) => keyof Size | undefined,
): Told {
  const cluster: { -readonly [K in keyof Cluster]: Cluster[K] } = {
    name: place.name,
    uid: undefined,
    arn: undefined,
    vpcId: undefined,
    region: place.region,
    accountId: place.accountId,
    isTold: true,
  };
  const tables = createClusterTables(cluster);
  const instances = createInstanceIndex();
  const selected = {
    podLabels: new Set(settings.podLabels),
    podAnnotations: new Set(settings.podAnnotations),
  };
  const id = `kubernetes/${place.accountId}/${place.region}/${place.name}`;
  let textBytes = 0;
  /** What the last snapshot would have exceeded, and whether it was read in this invocation. */
  let refused: keyof Size | undefined;
  let isNew = false;
  const size = (): Size => {
    const owners = tables.pods.size() + tables.nodes.size();
    return { owners, textBytes: owners === 0 ? 0 : textBytes };
  };

  const takeOver = (snapshot: ReadSnapshot): void => {
    const { identity, tables: saved, namespaces: told, instances: found } = snapshot;
    textBytes = snapshot.textBytes;
    // A cluster that was created anew has another CA; of the former one nothing applies.
    if (cluster.uid !== undefined && cluster.uid !== identity.uid) tables.clear();
    tables.restore(saved);
    if (told !== undefined) {
      const namespaces = createNamespaceTable();
      namespaces.restore(told);
      namespaces.updatePods(tables.pods);
    }
    cluster.arn = identity.arn;
    cluster.uid = identity.uid;
    cluster.vpcId = identity.vpcId;
    for (const instance of found) {
      if (instance.instance.vpcId === identity.vpcId) instances.restore(instance);
    }
    instances.trim(MAX_INSTANCES);
  };

  return {
    id,
    tables,
    instances,
    size,
    refresh: async (nowMs, turn, signal) => {
      memory.begin();
      isNew = false;
      const syncedMs = tables.pods.syncedMs() ?? Number.NEGATIVE_INFINITY;
      const horizonMs = nowMs - settings.historyMinutes * 60_000;
      if (nowMs - syncedMs >= settings.refreshSeconds * 1000) {
        const expected = { place, arn: undefined, endpoint: undefined, caDigest: undefined, uid: undefined };
        const check = (identity: SnapshotIdentity) =>
          identityFault(identity, { ...expected, selection: undefined });
        const key = keyOfPlace(settings.statePrefix, place);
        const request = {
          key,
          sinceMs: syncedMs,
          horizonMs,
          isUrgent: false,
          maxTextBytes,
          turn,
          cluster,
          ...selected,
          nowMs,
          check,
        };
        const snapshot = await memory.recall(request, signal);
        if (snapshot !== undefined) {
          isNew = true;
          refused = exceeded(size(), sizeOf(snapshot));
          if (refused === undefined) takeOver(snapshot);
        }
      }
      tables.pods.prune(horizonMs);
      tables.nodes.prune(horizonMs);
    },
    health: (nowMs) => {
      const syncedMs = tables.pods.syncedMs();
      const state = memory.health(nowMs);
      return {
        source: id,
        ageMs: syncedMs === undefined ? undefined : nowMs - syncedMs,
        size: size().owners,
        errors: 0,
        late: false,
        lastError: refused && REFUSALS[refused],
        state: { ...state, errors: state.errors + (refused && isNew ? 1 : 0) },
      };
    },
  };
}

/** Limit for the instances of one cluster's VPC. */
const MAX_INSTANCES = 5000;
