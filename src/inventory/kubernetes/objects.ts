// Pods and nodes as the Kubernetes API prints them, reduced to what the directory keeps.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
import * as z from 'zod';
import type { Cluster } from '../../core/model/directory.ts';
import { canonicalAddress } from '../ec2/address.ts';
import type { Ending, Facts } from '../ip-ownership/interval.ts';
import { type Lifted, podMetadata } from './pod-metadata.ts';

const text = z.string().nullish();
const texts = z.record(z.string(), z.string()).nullish();

const containerSchema = z.object({
  state: z
    .object({
      running: z.object({ startedAt: text }).nullish(),
      terminated: z.object({ startedAt: text, finishedAt: text }).nullish(),
    })
    .nullish(),
});

const podSchema = z.object({
  metadata: z.object({
    uid: z.string(),
    namespace: z.string(),
    name: z.string(),
    deletionTimestamp: text,
    deletionGracePeriodSeconds: z.number().nullish(),
    labels: texts,
    annotations: texts,
    ownerReferences: z
      .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }))
      .nullish(),
  }),
  spec: z.object({ nodeName: text, hostNetwork: z.boolean().nullish() }),
  status: z.object({
    phase: text,
    podIP: text,
    podIPs: z.array(z.object({ ip: text })).nullish(),
    startTime: text,
    conditions: z
      .array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: text }))
      .nullish(),
    initContainerStatuses: z.array(containerSchema).nullish(),
    containerStatuses: z.array(containerSchema).nullish(),
  }),
});

type PodObject = z.infer<typeof podSchema>;

const nodeSchema = z.object({
  metadata: z.object({ uid: z.string(), name: z.string(), creationTimestamp: text, labels: texts }),
  spec: z.object({ providerID: text }).nullish(),
  status: z
    .object({
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).nullish(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            lastHeartbeatTime: text,
            lastTransitionTime: text,
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/** Kubernetes prints whole seconds, cut: what ended `at 12:00:05Z` was there for up to a second more. */
const GRANULARITY_MS = 1000;

const parseTime = (value: string | null | undefined): number | undefined => {
  const atMs = Date.parse(value ?? '');
  return atMs > 0 ? atMs : undefined;
};

/** Reads a pod; `isDeleted` when a watch reports that it is gone. Undefined while it has no address, or for no pod. */
export function readPod(
  object: unknown,
  isDeleted: boolean,
  cluster: Cluster,
  lifted: Lifted,
): Facts | undefined {
  const parsed = podSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  const { namespace, name } = metadata;
  const ips = addresses(status.podIPs?.map(({ ip }) => ip) ?? [status.podIP]);
  // A pod that is still waiting for its address owns none; one that lost it at its end is known under its uid.
  if (ips.length === 0 && !isDeleted && status.phase === 'Pending') return undefined;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return {
    key: metadata.uid,
    names: [`${namespace}/${name}`],
    holder: {
      kind: 'pod',
      pod: {
        cluster,
        namespace,
        name,
        uid: metadata.uid,
        nodeName: spec.nodeName ?? undefined,
        isHostNetwork: spec.hostNetwork === true,
        ...podMetadata(metadata, owner, metadata.labels ?? {}, metadata.annotations ?? {}, lifted),
      },
    },
    ips,
    ownsIps: spec.hostNetwork !== true,
    ...startOf(parsed.data),
    ending: endingOf(parsed.data, isDeleted),
    aliveAtMs: isTerminal(status) ? undefined : deletionRequestMs(metadata),
  };
}

/** A finished pod keeps showing its address, which may long be somebody else's. */
const isTerminal = ({ phase }: PodObject['status']): boolean => phase === 'Succeeded' || phase === 'Failed';

const containersOf = ({ status }: PodObject) => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
];

/**
 * The sandbox with its network was ready, else the first container ran, else (too early) the kubelet took the pod on.
 * The kubelet tells the first some seconds late; a container that runs has had the network all along, and one that has
 * ended may have had an older one.
 */
function startOf(pod: PodObject): Pick<Facts, 'startMs' | 'startIsCertain'> {
  const ready = pod.status.conditions?.find(({ type }) => type === 'PodReadyToStartContainers');
  const readyMs = ready?.status === 'True' ? parseTime(ready.lastTransitionTime) : undefined;
  if (readyMs !== undefined) {
    const runningMs = containersOf(pod).flatMap(({ state }) => parseTime(state?.running?.startedAt) ?? []);
    return { startMs: Math.min(readyMs, ...runningMs), startIsCertain: true };
  }
  const startedMs = containersOf(pod).flatMap(
    ({ state }) => parseTime(state?.running?.startedAt ?? state?.terminated?.startedAt) ?? [],
  );
  if (startedMs.length > 0) return { startMs: Math.min(...startedMs), startIsCertain: true };
  return { startMs: parseTime(pod.status.startTime), startIsCertain: false };
}

/** When the pod gave up its addresses for good, if it did: a container may stop and be started again before. */
function endingOf(pod: PodObject, isDeleted: boolean): Ending | undefined {
  const isGone = isDeleted || isTerminal(pod.status);
  if (!isGone && parseTime(pod.metadata.deletionTimestamp) === undefined) return undefined;
  const containers = containersOf(pod);
  const finishedMs = containers.flatMap(({ state }) => parseTime(state?.terminated?.finishedAt) ?? []);
  const isFinished = containers.length > 0 && finishedMs.length === containers.length;
  if (!isGone && !isFinished) return undefined;
  // Force-deleted: its containers may go on for a while, but not for longer than its address stays its own. Evicted:
  // of some containers nobody knows when they stopped.
  if (!isFinished) return { kind: 'unknown' };
  return { kind: 'known', atMs: Math.max(...finishedMs) + GRANULARITY_MS };
}

/** `deletionTimestamp` is the end of the grace period; the request came that much earlier, and the pod was there. */
function deletionRequestMs(metadata: PodObject['metadata']): number | undefined {
  const deadlineMs = parseTime(metadata.deletionTimestamp);
  return deadlineMs === undefined
    ? undefined
    : deadlineMs - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
}

const addresses = (list: readonly (string | null | undefined)[]): readonly string[] =>
  list.flatMap((ip) => canonicalAddress(ip ?? '') ?? []);

/**
 * Reads a node. `spec.providerID` is `aws:///eu-west-1a/i-0a6453b0c36d4b9c0`. A Fargate node has the very address of
 * its only pod, so it owns none.
 */
export function readNode(object: unknown, isDeleted: boolean, cluster: Cluster): Facts | undefined {
  const parsed = nodeSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  const instanceId = /\/(i-[0-9a-f]+)$/.exec(spec?.providerID ?? '')?.[1];
  return {
    key: metadata.uid,
    names: instanceId === undefined ? [metadata.name] : [metadata.name, instanceId],
    holder: { kind: 'node', node: { cluster, name: metadata.name, instanceId } },
    ips: addresses(
      (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
    ),
    ownsIps: metadata.labels?.['eks.amazonaws.com/compute-type'] !== 'fargate',
    startMs: parseTime(metadata.creationTimestamp),
    startIsCertain: true,
    ending: isDeleted ? { kind: 'unknown' } : undefined,
    aliveAtMs: undefined,
    lostMs: lostSince(status?.conditions ?? []),
  };
}

type NodeConditions = NonNullable<NonNullable<z.infer<typeof nodeSchema>['status']>['conditions']>;

/** The control plane calls a node `Unknown` 40 to 50 s after its last word (`node-monitor-grace-period`). */
const GRACE_MS = 60_000;

/** Since when nothing has been heard of a node, if it is not heard of. */
function lostSince(conditions: NodeConditions): number | undefined {
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'Unknown') return undefined;
  const heartbeatMs = parseTime(ready.lastHeartbeatTime) ?? 0;
  return Math.max(heartbeatMs, (parseTime(ready.lastTransitionTime) ?? 0) - GRACE_MS);
}
