// One EKS cluster as a source of the directory: connects, and keeps its pods and nodes in step.
import * as z from 'zod';
import type { Cluster } from '../../core/model/directory.ts';
import type { SourceHealth } from '../../core/model/ports.ts';
import type { Settings } from '../../core/model/settings.ts';
import { type BackOff, createBackOff } from '../back-off.ts';
import type { TenureTable } from '../ip-ownership/table.ts';
import { type ClusterTables, createClusterTables } from '../owner-index.ts';
import { untilAborted } from '../until-aborted.ts';
import { createKubernetesApi, type KubernetesClient } from './api.ts';
import { describeCluster, type EksCluster } from './eks.ts';
import { mayHaveMoved, reasonOf } from './fault.ts';
import { readNode, readPod } from './objects.ts';
import { createSync } from './sync.ts';
import { createTokenSource } from './token.ts';

/** A cluster that can be brought up to date. */
export type ClusterSource = {
  readonly tables: ClusterTables;
  /** Never rejects; goes on where the last one was cut off. Leaves no socket behind. */
  readonly refresh: (nowMs: () => number, signal: AbortSignal) => Promise<void>;
  readonly health: (nowMs: number) => SourceHealth;
};

const LISTED = ['nodes', 'pods'] as const;

type Part = 'connection' | 'uid' | (typeof LISTED)[number];

const namespaceSchema = z.object({ metadata: z.object({ uid: z.string() }) });

/** Asks for nothing before the first `refresh`. */
export function createClusterSource(name: string, settings: Settings): ClusterSource {
  const cluster: { -readonly [K in keyof Cluster]: Cluster[K] } = {
    name,
    uid: undefined,
    arn: undefined,
    vpcId: undefined,
    region: settings.region,
    accountId: undefined,
  };
  const tables = createClusterTables(cluster);
  const createSyncs = () => ({
    pods: createSync({
      path: '/api/v1/pods',
      table: tables.pods,
      read: (object, isDeleted) => readPod(object, isDeleted, cluster, settings),
    }),
    nodes: createSync({
      path: '/api/v1/nodes',
      table: tables.nodes,
      read: (object, isDeleted) => readNode(object, isDeleted, cluster),
    }),
  });
  let sync = createSyncs();
  /** Each part fails on its own: a role that may not list nodes still names pods. */
  const backOffs: Readonly<Record<Part, BackOff>> = {
    connection: createBackOff(),
    pods: createBackOff(),
    nodes: createBackOff(),
    uid: createBackOff(),
  };
  let connected: { readonly eks: EksCluster; readonly api: KubernetesClient } | undefined;
  let isInDoubt = false;
  let errors = 0;
  let isLate = false;
  let clock: () => number = () => 0;

  /** Another cluster of the same name: neither its pods nor its versions have anything to do with the last one's. */
  const startAnew = (): void => {
    sync = createSyncs();
    cluster.uid = undefined;
    tables.pods.clear();
    tables.nodes.clear();
    for (const part of [...LISTED, 'uid'] as const) backOffs[part].succeeded();
  };

  const connect = (eks: EksCluster): void => {
    const last = connected?.eks;
    if (last !== undefined && (last.endpoint !== eks.endpoint || last.ca !== eks.ca)) startAnew();
    isInDoubt = false;
    cluster.arn = eks.arn;
    cluster.vpcId = eks.vpcId;
    cluster.region = eks.region;
    cluster.accountId = eks.accountId;
    const { region, credentials } = eks;
    const token = createTokenSource({ clusterName: name, region, credentials, nowMs: () => clock() });
    connected = { eks, api: createKubernetesApi({ endpoint: eks.endpoint, ca: eks.ca, token }) };
  };

  const progressOf = (part: Part): number =>
    part === 'pods' || part === 'nodes' ? sync[part].progress() : 0;

  /** What `work` resolves to; undefined when it failed, was cut off or is not due. */
  const attempt = async <T>(part: Part, work: () => Promise<T>, signal: AbortSignal) => {
    const backOff = backOffs[part];
    if (!backOff.isDue(clock())) return undefined;
    const before = progressOf(part);
    try {
      const result = await untilAborted(work(), signal);
      backOff.succeeded();
      return result;
    } catch (error) {
      isLate ||= signal.aborted;
      // Cut off in good progress: the rest comes with the next invocation.
      if (!signal.aborted || progressOf(part) === before) fail(part, error, signal);
      return undefined;
    }
  };

  const fail = (part: Part, error: unknown, signal: AbortSignal): void => {
    errors += 1;
    backOffs[part].failed(clock(), reasonOf(error, part, name, signal.aborted), retryAfterOf(error));
    isInDoubt ||= part !== 'connection' && mayHaveMoved(error);
  };

  /** By `REFRESH_SECONDS`, or it was never complete. */
  const isBehind = (table: TenureTable): boolean =>
    clock() - (table.syncedMs() ?? Number.NEGATIVE_INFINITY) >= settings.refreshSeconds * 1000;

  const dueParts = () => LISTED.filter((part) => isBehind(tables[part]) && backOffs[part].isDue(clock()));

  const refresh = async (nowMs: () => number, signal: AbortSignal): Promise<void> => {
    clock = nowMs;
    errors = 0;
    isLate = false;
    if (dueParts().length === 0) return;
    if (connected === undefined || isInDoubt) {
      const describe = async () => describeCluster(name, settings.region, signal);
      const eks = await attempt('connection', describe, signal);
      if (eks !== undefined) connect(eks);
    }
    // In doubt, and EKS does not tell: where it was last is where it most likely still is.
    if (connected === undefined || signal.aborted) return;
    const { api } = connected;
    const readUid = async () => {
      cluster.uid ??= namespaceSchema.parse(
        await api.get('/api/v1/namespaces/kube-system', signal),
      ).metadata.uid;
    };
    await Promise.all([
      attempt('uid', readUid, signal),
      ...dueParts().map(async (part) => attempt(part, () => sync[part].run(api, clock, signal), signal)),
    ]);
    api.disconnect();
    const horizonMs = clock() - settings.historyMinutes * 60_000;
    tables.pods.prune(horizonMs);
    tables.nodes.prune(horizonMs);
  };

  return {
    tables,
    refresh,
    health: (nowMs) => {
      const { connection: first, pods, nodes, uid } = backOffs;
      const syncedMs = tables.pods.syncedMs();
      const full = tables.pods.isFull() ? 'more pods than the directory holds' : undefined;
      return {
        source: `kubernetes/${name}`,
        ageMs: syncedMs === undefined ? undefined : nowMs - syncedMs,
        size: tables.pods.size() + tables.nodes.size(),
        errors,
        late: isLate,
        lastError: first.lastError() ?? pods.lastError() ?? nodes.lastError() ?? uid.lastError() ?? full,
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
