// One EKS cluster as a source of the directory: connects, and keeps its pods and nodes in step.
import * as z from 'zod';
import type { Cluster } from '../../model/directory.ts';
import type { SourceHealth } from '../../model/ports.ts';
import type { Settings } from '../../model/settings.ts';
import { type BackOff, createBackOff } from '../back-off.ts';
import { type ClusterTables, createClusterTables } from '../owner-index.ts';
import type { TenureTable } from '../tenure-table.ts';
import { untilAborted } from '../until-aborted.ts';
import { createKubernetesApi, type KubernetesClient, statusOf } from './api.ts';
import { describeCluster, type EksCluster } from './eks.ts';
import { isUntrusted, reasonOf } from './fault.ts';
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
  const sync = {
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
  };
  /** Each part fails on its own: a role that may not list nodes still names pods. */
  const backOffs: Readonly<Record<Part, BackOff>> = {
    connection: createBackOff(),
    pods: createBackOff(),
    nodes: createBackOff(),
    uid: createBackOff(),
  };
  let connection: KubernetesClient | undefined;
  let errors = 0;
  let isLate = false;
  let clock: () => number = () => 0;

  const connect = (eks: EksCluster): KubernetesClient => {
    cluster.arn = eks.arn;
    cluster.vpcId = eks.vpcId;
    cluster.region = eks.region;
    cluster.accountId = eks.accountId;
    const { region, credentials } = eks;
    const token = createTokenSource({ clusterName: name, region, credentials, nowMs: () => clock() });
    return createKubernetesApi({ endpoint: eks.endpoint, ca: eks.ca, token });
  };

  const progressOf = (part: Part): number =>
    part === 'pods' || part === 'nodes' ? sync[part].progress() : 0;

  const attempt = async (part: Part, work: () => Promise<void>, signal: AbortSignal) => {
    const backOff = backOffs[part];
    if (!backOff.isDue(clock())) return;
    const before = progressOf(part);
    try {
      await untilAborted(work(), signal);
      backOff.succeeded();
    } catch (error) {
      if (signal.aborted) {
        isLate = true;
        // Cut off in good progress: the rest comes with the next invocation.
        if (progressOf(part) > before) return;
      }
      errors += 1;
      fail(part, backOff, error, signal);
    }
  };

  const fail = (part: Part, backOff: BackOff, error: unknown, signal: AbortSignal): void => {
    backOff.failed(clock(), reasonOf(error, part, name, signal.aborted), retryAfterOf(error));
    // Re-created clusters have another address and CA, and the access entry may be new: ask EKS again.
    if (isUntrusted(error) || statusOf(error) === 401) connection = undefined;
  };

  /** By `REFRESH_SECONDS`, or it was never complete. */
  const isBehind = (table: TenureTable): boolean =>
    clock() - (table.syncedMs() ?? Number.NEGATIVE_INFINITY) >= settings.refreshSeconds * 1000;

  const refresh = async (nowMs: () => number, signal: AbortSignal): Promise<void> => {
    clock = nowMs;
    errors = 0;
    isLate = false;
    const due = LISTED.filter((part) => isBehind(tables[part]) && backOffs[part].isDue(clock()));
    if (due.length === 0) return;
    if (connection === undefined) {
      const work = async () => {
        connection = connect(await describeCluster(name, settings.region, signal));
      };
      await attempt('connection', work, signal);
    }
    const api = connection;
    if (api === undefined) return;
    const readUid = async () => {
      cluster.uid ??= namespaceSchema.parse(
        await api.get('/api/v1/namespaces/kube-system', signal),
      ).metadata.uid;
    };
    await Promise.all([
      attempt('uid', readUid, signal),
      ...due.map(async (part) => attempt(part, () => sync[part].run(api, clock, signal), signal)),
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
