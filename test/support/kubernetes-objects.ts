// Pods and nodes as the Kubernetes API prints them, from the members that a test sets.
import type { KubernetesObject } from './kubernetes-cluster.ts';

/** Kubernetes prints all times in whole seconds. */
const kubernetesTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

/** The members that a test sets; times in epoch ms. */
export type PodSpec = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly node?: string;
  readonly ips?: readonly string[];
  readonly hostNetwork?: boolean;
  readonly phase?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly createdMs?: number;
  /** `status.startTime`: the kubelet accepted the pod. */
  readonly acceptedMs?: number;
  /** Transition of the condition `PodReadyToStartContainers`. */
  readonly readyMs?: number;
  /** The same condition is false again: the sandbox is gone. */
  readonly lostMs?: number;
  /** Start and finish of the container. */
  readonly startedMs?: number;
  readonly finishedMs?: number;
  readonly restarts?: number;
  /** `deletionTimestamp`. */
  readonly deletionMs?: number;
  readonly graceSeconds?: number;
};

const time = (atMs: number | undefined) => (atMs === undefined ? undefined : kubernetesTime(atMs));

/** A pod with one container; `Running` on `node-a` in namespace `shop` by default. */
export function podObject(pod: PodSpec): KubernetesObject {
  const { startedMs, finishedMs, lostMs } = pod;
  const condition = { type: 'PodReadyToStartContainers', status: lostMs === undefined ? 'True' : 'False' };
  const sinceMs = lostMs ?? pod.readyMs;
  const terminated = { startedAt: time(startedMs), finishedAt: time(finishedMs), exitCode: 0 };
  const state = finishedMs === undefined ? { running: { startedAt: time(startedMs) } } : { terminated };
  return {
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: pod.namespace ?? 'shop',
      uid: pod.uid ?? `uid-${pod.name}`,
      creationTimestamp: time(pod.createdMs),
      labels: pod.labels,
      annotations: pod.annotations,
      ownerReferences: pod.owner && [{ apiVersion: 'apps/v1', controller: true, uid: 'o', ...pod.owner }],
      deletionTimestamp: time(pod.deletionMs),
      deletionGracePeriodSeconds: pod.graceSeconds,
    },
    spec: { nodeName: pod.node ?? 'node-a', hostNetwork: pod.hostNetwork, containers: [] },
    status: {
      phase: pod.phase ?? 'Running',
      podIP: pod.ips?.[0],
      podIPs: pod.ips?.map((ip) => ({ ip })),
      startTime: time(pod.acceptedMs),
      conditions: sinceMs === undefined ? [] : [{ ...condition, lastTransitionTime: time(sinceMs) }],
      containerStatuses:
        startedMs === undefined && finishedMs === undefined
          ? []
          : [{ name: 'main', restartCount: pod.restarts ?? 0, state }],
    },
  };
}

/** A node on an EC2 instance. */
export function nodeObject(
  name: string,
  ip: string,
  instanceId: string,
  createdMs = 1_000_000,
  unknownSinceMs?: number,
): KubernetesObject {
  const lastTransitionTime = time(unknownSinceMs);
  return {
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, creationTimestamp: kubernetesTime(createdMs), labels: {} },
    spec: { providerID: `aws:///eu-west-1a/${instanceId}` },
    status: {
      addresses: [
        { type: 'InternalIP', address: ip },
        { type: 'Hostname', address: name },
      ],
      ...(unknownSinceMs !== undefined && {
        conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime }],
      }),
    },
  };
}

/** The Lease of a node: its kubelet renewed it at `renewedMs`. */
export function leaseObject(node: string, renewedMs: number, nodeUid = `uid-${node}`): KubernetesObject {
  return {
    kind: 'Lease',
    metadata: {
      name: node,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: nodeUid }],
    },
    spec: {
      holderIdentity: node,
      leaseDurationSeconds: 40,
      renewTime: new Date(renewedMs).toISOString().replace('Z', '000Z'),
    },
  };
}
