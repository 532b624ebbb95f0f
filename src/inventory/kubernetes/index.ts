// One EKS cluster as a source of the directory: connects and keeps its pods and nodes up to date.
import * as z from 'zod';
import type { Cluster } from '../../core/model/directory.ts';
import type { DirectoryTask, SourceHealth } from '../../core/model/ports.ts';
import type { ClusterSetting, Settings } from '../../core/model/settings.ts';
import { type BackOff, createBackOff } from '../back-off.ts';
import { type ClusterTables, createClusterTables } from '../ip-ownership/index.ts';
import type { RoleCredentials } from '../role-credentials.ts';
import { keyOfPlace } from '../snapshot/identity.ts';
import { untilAborted } from '../until-aborted.ts';
import { type ApiOptions, createKubernetesApi, type KubernetesClient, statusOf } from './api.ts';
import { describeCluster, type EksCluster } from './eks.ts';
import { fromPodAnnotations } from './enrichment.ts';
import { mayHaveMoved, reasonOf } from './fault.ts';
import { listLeases } from './leases.ts';
import { createMetadataBudget } from './metadata-budget.ts';
import { createNamespaceTable, NAMESPACE_SHAPE, readNamespace } from './namespaces.ts';
import { NODE_SHAPE, podShape, readNode, readPod } from './objects.ts';
import { createSharedState, type SharedMemory } from './shared-state.ts';
import { createSync } from './sync.ts';
import { createTokenSource } from './token.ts';

/** A cluster that can be brought up to date. */
export type ClusterSource = {
  readonly tables: ClusterTables;
  /** Brings the tables up to date, from where the last call stopped. Never rejects; leaves no open socket. */
  readonly refresh: (
    nowMs: () => number,
    signal: AbortSignal,
    invocation?: ClusterInvocation,
  ) => Promise<void>;
  /** Writes the snapshot, if it is this copy's turn. Call after `refresh`. Never rejects; leaves no open socket. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
  /** The key of its snapshot, as far as its account is known. */
  readonly stateKey: (ownAccountId: string | undefined) => string | undefined;
  readonly health: (nowMs: number) => SourceHealth;
};

/** EKS and the Kubernetes API; simulations bring their own. */
export type ClusterRemote = {
  readonly describe: typeof describeCluster;
  readonly connect: (options: ApiOptions) => KubernetesClient;
};

/** What a refresh is for; `ownAccountId` is the function's account, as far as known. */
export type ClusterInvocation = { readonly task: DirectoryTask; readonly ownAccountId: string | undefined };

const BATCH: ClusterInvocation = { task: 'batch', ownAccountId: undefined };

type Collection = 'nodes' | 'pods' | 'namespaces';
type Part = 'connection' | 'uid' | 'leases' | Collection;

const namespaceSchema = z.object({ metadata: z.object({ uid: z.string() }) });

/**
 * The source for one EKS cluster, in its own account and region; `credentials` are those of its role, if it has one.
 * Sends no request before the first `refresh`. With `memory`, copies of the function share what they know.
 */
export function createClusterSource(
  setting: ClusterSetting,
  settings: Settings,
  credentials: RoleCredentials | undefined,
  memory?: SharedMemory,
  remote: ClusterRemote = { describe: describeCluster, connect: createKubernetesApi },
): ClusterSource {
  const { name, arn } = setting;
  const region = setting.region ?? settings.region;
  const cluster: { -readonly [K in keyof Cluster]: Cluster[K] } = {
    name,
    uid: undefined,
    arn,
    vpcId: undefined,
    region,
    accountId: setting.accountId,
  };
  const tables = createClusterTables(cluster);
  const namespaces = createNamespaceTable();
  const isFromNamespace = settings.metadataFrom === 'namespace';
  const collections: readonly Collection[] = isFromNamespace
    ? ['nodes', 'pods', 'namespaces']
    : ['nodes', 'pods'];
  const enrichment = isFromNamespace ? namespaces.attributesOf : fromPodAnnotations;
  const withinBudget = createMetadataBudget(tables.pods, isFromNamespace);
  const createNamespaceSync = () =>
    createSync({
      path: '/api/v1/namespaces',
      table: namespaces,
      shape: NAMESPACE_SHAPE,
      read: readNamespace,
    });
  const createSyncs = () => ({
    pods: createSync({
      path: '/api/v1/pods',
      table: tables.pods,
      shape: podShape(settings),
      read: (object, isDeleted) => withinBudget(readPod(object, isDeleted, cluster, settings, enrichment)),
    }),
    nodes: createSync({
      path: '/api/v1/nodes',
      table: tables.nodes,
      shape: NODE_SHAPE,
      read: (object, isDeleted) => readNode(object, isDeleted, cluster),
    }),
    namespaces: createNamespaceSync(),
  });
  let syncs = createSyncs();
  const parts = { setting, settings, cluster, tables, namespaces, syncs: () => syncs };
  const shared = memory && createSharedState(memory, parts);
  /** The parts fail independently: a role without access to nodes can still list pods. */
  const backOffs: Readonly<Record<Part, BackOff>> = {
    connection: createBackOff(),
    pods: createBackOff(),
    nodes: createBackOff(),
    namespaces: createBackOff(),
    uid: createBackOff(),
    leases: createBackOff(),
  };
  /** Start of the last attempt: a watch that does not catch up is waited for once per refresh. */
  const attemptedMs: Record<Collection, number> = {
    pods: Number.NEGATIVE_INFINITY,
    nodes: Number.NEGATIVE_INFINITY,
    namespaces: Number.NEGATIVE_INFINITY,
  };
  let connected: { readonly eks: EksCluster; readonly api: KubernetesClient } | undefined;
  /** The cluster may have been re-created: describe it again before the next request. */
  let mustDescribe = true;
  let errors = 0;
  let isLate = false;
  let task: DirectoryTask = 'batch';
  let clock: () => number = () => 0;

  /** Starts over for a new cluster of the same name, to which the old pods, nodes and versions do not apply. */
  const reset = (): void => {
    syncs = createSyncs();
    cluster.uid = undefined;
    tables.clear();
    namespaces.clear();
    for (const part of [...collections, 'uid', 'leases'] as const) backOffs[part].succeeded();
  };

  const connect = (eks: EksCluster): void => {
    const last = connected?.eks;
    const hasMoved = last !== undefined && (last.endpoint !== eks.endpoint || last.ca !== eks.ca);
    if (hasMoved || shared?.isOfOther(eks)) reset();
    mustDescribe = false;
    cluster.arn = eks.arn ?? cluster.arn;
    cluster.vpcId = eks.vpcId;
    cluster.region = eks.region;
    cluster.accountId = eks.accountId ?? cluster.accountId;
    const token = createTokenSource({
      clusterName: name,
      region: eks.region,
      credentials: eks.credentials,
      nowMs: () => clock(),
    });
    connected = { eks, api: remote.connect({ endpoint: eks.endpoint, ca: eks.ca, token }) };
  };

  const progressOf = (part: Part): number =>
    part === 'connection' || part === 'uid' || part === 'leases' ? 0 : syncs[part].progress();

  /** Resolves to the result of `work`; to undefined when it failed, was aborted or is in back-off. */
  const attempt = async <T>(part: Part, work: () => Promise<T>, signal: AbortSignal) => {
    const backOff = backOffs[part];
    if (!backOff.isDue(clock())) return undefined;
    const progressBefore = progressOf(part);
    try {
      const result = await untilAborted(work(), signal);
      backOff.succeeded();
      return result;
    } catch (error) {
      isLate ||= signal.aborted;
      // The server was answering when the time ran out: the next invocation resumes.
      if (!signal.aborted || progressOf(part) === progressBefore) fail(part, error, signal);
      return undefined;
    }
  };

  const fail = (part: Part, error: unknown, signal: AbortSignal): void => {
    // Without Leases, nodes and pods are known as well; the reason is reported.
    if (part !== 'leases') errors += 1;
    backOffs[part].failed(clock(), reasonOf(error, part, setting, signal.aborted), retryAfterOf(error));
    mustDescribe ||= part !== 'connection' && mayHaveMoved(error);
    // What the function may no longer read, it must not go on to print. The next attempt lists from the beginning.
    if (part === 'namespaces' && statusOf(error) === 403) {
      namespaces.clear();
      syncs.namespaces = createNamespaceSync();
    }
  };

  /** Whether the last complete sync is older than `REFRESH_SECONDS`, or there was none. */
  const isStale = (part: Collection): boolean => {
    const { syncedMs } = part === 'namespaces' ? namespaces : tables[part];
    return clock() - (syncedMs() ?? Number.NEGATIVE_INFINITY) >= settings.refreshSeconds * 1000;
  };

  const isDue = (part: Collection): boolean =>
    (isStale(part) || task === 'keep') &&
    backOffs[part].isDue(clock()) &&
    (task === 'keep' ||
      syncs[part].mustList() ||
      clock() - attemptedMs[part] >= settings.refreshSeconds * 1000);

  const dueCollections = () => collections.filter(isDue);

  const refresh = async (
    nowMs: () => number,
    signal: AbortSignal,
    invocation: ClusterInvocation = BATCH,
  ): Promise<void> => {
    clock = nowMs;
    errors = 0;
    isLate = false;
    task = invocation.task;
    shared?.begin(invocation.ownAccountId);
    if (dueCollections().length === 0) return;
    await shared?.recall(connected?.eks, task, clock(), signal);
    if (dueCollections().length === 0) return;
    if (mustDescribe) {
      const describe = async () => remote.describe({ name, region, arn, credentials }, signal);
      const eks = await attempt('connection', describe, signal);
      if (eks !== undefined) connect(eks);
    }
    // Without an answer from EKS, the last known endpoint is most likely still valid.
    if (connected === undefined || signal.aborted) return;
    const { api } = connected;
    const readUid = async () => {
      cluster.uid ??= namespaceSchema.parse(
        await api.get('/api/v1/namespaces/kube-system', signal),
      ).metadata.uid;
    };
    const readLeases = async () => {
      const startedMs = clock();
      try {
        tables.observeLeases(await listLeases(api, signal), startedMs);
      } catch (error) {
        if (statusOf(error) === 403) tables.observeLeases('forbidden', startedMs);
        throw error;
      }
    };
    const sync = async (part: Collection) => {
      attemptedMs[part] = clock();
      const mayListAgain = shared?.mayListAgain(task, clock()) ?? true;
      await attempt(part, () => syncs[part].run(api, clock, signal, mayListAgain), signal);
    };
    await Promise.all([
      attempt('uid', readUid, signal),
      attempt('leases', readLeases, signal),
      ...dueCollections().map(sync),
    ]);
    api.disconnect();
    tables.apply();
    namespaces.updatePods(tables.pods);
    const horizonMs = clock() - settings.historyMinutes * 60_000;
    tables.pods.prune(horizonMs);
    tables.nodes.prune(horizonMs);
  };

  return {
    tables,
    refresh,
    stateKey: (ownAccountId) => {
      const accountId = cluster.accountId ?? ownAccountId;
      return accountId && region && keyOfPlace(settings.statePrefix, { accountId, region, name });
    },
    keep: async (signal) => {
      if (connected !== undefined) await shared?.keep(connected.eks, task, clock(), signal);
    },
    health: (nowMs) => {
      const { connection, pods, nodes, namespaces, uid, leases } = backOffs;
      const syncedMs = tables.pods.syncedMs();
      const full = tables.pods.isFull() ? 'more pods than the directory holds' : undefined;
      return {
        source: `kubernetes/${setting.id}`,
        ageMs: syncedMs === undefined ? undefined : nowMs - syncedMs,
        size: tables.pods.size() + tables.nodes.size(),
        errors,
        late: isLate,
        lastError:
          [connection, pods, nodes, namespaces, uid, leases]
            .map(({ lastError }) => lastError())
            .find(Boolean) ?? full,
        state: shared?.health(nowMs),
      };
    },
  };
}

const retryAfterOf = (error: unknown): number | undefined =>
  typeof error === 'object' &&
  error !== null &&
  'retryAfterMs' in error &&
  typeof error.retryAfterMs === 'number'
    ? error.retryAfterMs
    : undefined;
