// Three rules that determine the owner of an address: ours, and two of other tools.
import type { Cluster } from '../../src/core/model/directory.ts';
import { createInstanceIndex } from '../../src/inventory/ec2/instance-index.ts';
import { createClusterTables } from '../../src/inventory/ip-ownership/index.ts';
import type { KubernetesApi } from '../../src/inventory/kubernetes/api.ts';
import { listLeases } from '../../src/inventory/kubernetes/leases.ts';
import { NODE_SHAPE, podShape, readNode, readPod } from '../../src/inventory/kubernetes/objects.ts';
import { createSync } from '../../src/inventory/kubernetes/sync.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import type { KubernetesCluster } from '../../test/support/kubernetes-cluster.ts';
import { socketlessApi } from '../../test/support/socketless-api.ts';
import type { ApiChange, Query } from './simulated-cluster.ts';

/** A rule: the pod of a query that is processed at `atMs`; undefined = unknown. */
export type Rule = {
  readonly learn: (changes: readonly ApiChange[], atMs: number, isApiUp: boolean) => Promise<void>;
  /** The invocation by the schedule, each minute. */
  readonly keep?: (atMs: number, isApiUp: boolean) => Promise<void>;
  readonly podOf: (query: Query, atMs: number) => string | undefined;
  /** Starts again with an empty state, like a new function. */
  readonly reset: () => void;
};

const CLUSTER: Cluster = {
  name: 'bench',
  uid: undefined,
  arn: undefined,
  vpcId: undefined,
  region: undefined,
  accountId: undefined,
};

/**
 * Our directory: the production code that follows a cluster, on an API without sockets. Every second time its watches
 * serve a cache that is late by up to `watchLagMs`, and end without what happened since.
 */
export function ourRule(cluster: KubernetesCluster, watchLagMs: number): Rule {
  let state = createFollower();
  let times = 0;
  return {
    learn: async (_, atMs, isApiUp) => {
      times += 1;
      const lagMs = times % 2 === 0 ? (watchLagMs * (times % 7)) / 6 : 0;
      if (isApiUp) await state.refresh(socketlessApi(cluster, lagMs === 0 ? undefined : atMs - lagMs), atMs);
    },
    podOf: (query) => {
      const owner = state.directory.ownerAt(state.directory.historyOf([CLUSTER], query.ip), query.stampedMs);
      return owner?.kind === 'pod' ? owner.pod.name : undefined;
    },
    reset: () => {
      state = createFollower();
    },
  };
}

function createFollower() {
  const tables = createClusterTables(CLUSTER);
  const lifted = { podLabels: [], podAnnotations: [], corednsNamespace: 'kube-system' };
  const syncs = [
    createSync({
      path: '/api/v1/pods',
      table: tables.pods,
      shape: podShape(lifted),
      read: (o, gone) => readPod(o, gone, CLUSTER, lifted),
    }),
    createSync({
      path: '/api/v1/nodes',
      table: tables.nodes,
      shape: NODE_SHAPE,
      read: (o, gone) => readNode(o, gone, CLUSTER),
    }),
  ];
  return {
    directory: createOwnerIndex([tables], createInstanceIndex()),
    refresh: async (api: KubernetesApi, atMs: number): Promise<void> => {
      const { signal } = new AbortController();
      for (const sync of syncs) await sync.run(api, () => atMs, signal);
      tables.observeLeases(await listLeases(api, signal), atMs);
      tables.apply();
      tables.pods.prune(atMs - 3_600_000);
    },
  };
}

/** The properties of a pod that these rules use. */
const propertiesOf = ({ object }: ApiChange) => {
  const { status = {}, metadata } = object as {
    status?: { podIP?: string; startTime?: string; phase?: string };
  } & typeof object;
  return {
    name: metadata.name,
    ip: status.podIP ?? '',
    startTime: status.startTime ?? '',
    phase: status.phase,
  };
};

const GRACE_MS = 120_000;

/**
 * The newest owner, which is kept for 120 s after its deletion (the OpenTelemetry k8sattributes processor). It runs in
 * the cluster and receives every change, even while the API is not reachable for our function.
 */
export function newestOwnerRule(): Rule {
  const owners = new Map<string, { name: string; startTime: string; deletedMs: number }>();
  return {
    learn: async (changes) => {
      for (const change of changes) {
        const { name, ip, startTime } = propertiesOf(change);
        const owner = owners.get(ip);
        if (change.isDeleted) {
          if (owner?.name === name) owner.deletedMs = change.atMs;
        } else if (owner === undefined || owner.startTime <= startTime) {
          owners.set(ip, { name, startTime, deletedMs: Number.POSITIVE_INFINITY });
        }
      }
    },
    podOf: ({ ip }, atMs) => {
      const owner = owners.get(ip);
      return owner && atMs < owner.deletedMs + GRACE_MS ? owner.name : undefined;
    },
    reset: () => {},
  };
}

/** The running pod that currently has the address; receives every change too. */
export function currentListRule(): Rule {
  const owners = new Map<string, string>();
  return {
    learn: async (changes) => {
      for (const change of changes) {
        const { name, ip, phase } = propertiesOf(change);
        if (!change.isDeleted && phase === 'Running') owners.set(ip, name);
        else if (owners.get(ip) === name) owners.delete(ip);
      }
    },
    podOf: ({ ip }) => owners.get(ip),
    reset: () => {},
  };
}
