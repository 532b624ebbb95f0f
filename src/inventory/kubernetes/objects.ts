// Reads pods and nodes of the Kubernetes API as observations.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
import * as z from 'zod';
import type { Cluster } from '../../core/model/directory.ts';
import { canonicalAddress } from '../address.ts';
import type { Ending, Observation } from '../ip-ownership/interval.ts';
import { NOTICE_MS } from '../ip-ownership/node-health.ts';
import { type Enrichment, fromPodAnnotations } from './enrichment.ts';
import { isUsedKey, type MetadataSelection, podMetadata } from './pod-metadata.ts';
import { type Shape, shapeOf } from './shape.ts';

const text = z.string().nullish();
const texts = z.record(z.string(), z.string()).nullish();

const containerSchema = z.object({
  restartCount: z.number().nullish(),
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

/** The label of nodes on which EKS shows a Fargate pod. */
const COMPUTE_TYPE = 'eks.amazonaws.com/compute-type';

/** The members that `readPod` reads, with labels and annotations as far as the selection needs them. */
export const podShape = (selection: MetadataSelection): Shape => shapeOf(podSchema, isUsedKey(selection));

/** The members that `readNode` reads. */
export const NODE_SHAPE: Shape = shapeOf(nodeSchema, (name) => name === COMPUTE_TYPE);

/** Kubernetes truncates times to seconds: a container that finished at `12:00:05Z` ran for up to a second more. */
const GRANULARITY_MS = 1000;

const parseTime = (value: string | null | undefined): number | undefined => {
  const atMs = Date.parse(value ?? '');
  return atMs > 0 ? atMs : undefined;
};

/**
 * Reads a pod; `isDeleted` when a watch reports its deletion. Undefined for a pending pod without an address, and for
 * an object that is not a pod.
 */
export function readPod(
  object: unknown,
  isDeleted: boolean,
  cluster: Cluster,
  selection: MetadataSelection,
  enrichment: Enrichment = fromPodAnnotations,
): Observation | undefined {
  const parsed = podSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  const { namespace, name } = metadata;
  const ips = addresses(status.podIPs?.map(({ ip }) => ip) ?? [status.podIP]);
  // Not yet assigned an address. A pod that lost its address at its end is found by its uid.
  if (ips.length === 0 && !isDeleted && status.phase === 'Pending') return undefined;
  const controller = metadata.ownerReferences?.find((reference) => reference.controller === true);
  return {
    key: metadata.uid,
    names: [`${namespace}/${name}`],
    owner: {
      kind: 'pod',
      pod: {
        cluster,
        namespace,
        name,
        uid: metadata.uid,
        nodeName: spec.nodeName ?? undefined,
        isHostNetwork: spec.hostNetwork === true,
        ...podMetadata(
          metadata,
          controller,
          metadata.labels ?? {},
          metadata.annotations ?? {},
          selection,
          enrichment,
        ),
      },
    },
    ips,
    ownsIps: spec.hostNetwork !== true,
    ...startOf(parsed.data),
    ending: endingOf(parsed.data, isDeleted),
    aliveAtMs: isTerminal(status) ? undefined : deletionRequestMs(metadata),
  };
}

/** A finished pod keeps its address in the API, although the address may already belong to another pod. */
const isTerminal = ({ phase }: PodObject['status']): boolean => phase === 'Succeeded' || phase === 'Failed';

const containersOf = ({ status }: PodObject) => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
];

/**
 * How long before the condition `PodReadyToStartContainers` a container may have started in the same sandbox: the kubelet
 * reports the condition some seconds late. A container that started earlier may have started in an earlier sandbox, with
 * other addresses.
 */
const READY_LAG_MS = 10_000;

const readinessOf = ({ status }: PodObject) =>
  status.conditions?.find(({ type }) => type === 'PodReadyToStartContainers');

/**
 * The time at which the present sandbox with its network was ready, else that of a container's start in it, else (too
 * early) the time at which the kubelet accepted the pod. Never earlier than the sandbox, unless the start is uncertain.
 */
function startOf(pod: PodObject): Pick<Observation, 'startMs' | 'startIsCertain'> {
  const ready = readinessOf(pod);
  const readyMs = ready?.status === 'True' ? parseTime(ready.lastTransitionTime) : undefined;
  const containers = containersOf(pod);
  const runningMs = containers.flatMap(({ state }) => parseTime(state?.running?.startedAt) ?? []);
  if (readyMs !== undefined) {
    const startedMs = runningMs.filter((atMs) => atMs >= readyMs - READY_LAG_MS);
    return { startMs: Math.min(readyMs, ...startedMs), startIsCertain: true };
  }
  const finishedMs = containers.flatMap(({ state }) => parseTime(state?.terminated?.startedAt) ?? []);
  const startedMs = [...runningMs, ...finishedMs];
  if (startedMs.length === 0) return { startMs: parseTime(pod.status.startTime), startIsCertain: false };
  // A new sandbox restarts containers. Then only those that run, or that started last, are known to be in the present one.
  const hasRestarted = containers.some(({ restartCount }) => (restartCount ?? 0) > 0);
  const inSandboxMs = hasRestarted ? [...runningMs, Math.max(...startedMs)] : startedMs;
  return { startMs: Math.min(...inSandboxMs), startIsCertain: true };
}

/**
 * The time at which the pod released its addresses, or at which its sandbox was found gone: the next one has others.
 * Undefined while a stopped container may be restarted.
 */
function endingOf(pod: PodObject, isDeleted: boolean): Ending | undefined {
  const isGone = isDeleted || isTerminal(pod.status);
  const isDeleting = parseTime(pod.metadata.deletionTimestamp) !== undefined;
  const containers = containersOf(pod);
  const finishedMs = containers.flatMap(({ state }) => parseTime(state?.terminated?.finishedAt) ?? []);
  const isFinished = containers.length > 0 && finishedMs.length === containers.length;
  if (isFinished && (isGone || isDeleting)) {
    return { kind: 'known', atMs: Math.max(...finishedMs) + GRANULARITY_MS };
  }
  const sandboxEnding = sandboxEndingOf(pod);
  if (!isGone) return sandboxEnding;
  // Containers of a force-deleted pod may still run, but not beyond the cooldown of its address. After an eviction some
  // containers have no finish time.
  return { kind: 'unknown' };
}

/** The time at which the kubelet found the sandbox gone. Undefined while there is one. */
function sandboxEndingOf(pod: PodObject): Ending | undefined {
  const ready = readinessOf(pod);
  const lostMs = ready?.status === 'False' ? parseTime(ready.lastTransitionTime) : undefined;
  return lostMs === undefined ? undefined : { kind: 'known', atMs: lostMs + GRANULARITY_MS };
}

/** The time of the deletion request, when the pod was still alive: `deletionTimestamp` minus the grace period. */
function deletionRequestMs(metadata: PodObject['metadata']): number | undefined {
  const deadlineMs = parseTime(metadata.deletionTimestamp);
  return deadlineMs === undefined
    ? undefined
    : deadlineMs - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
}

const addresses = (list: readonly (string | null | undefined)[]): readonly string[] =>
  list.flatMap((ip) => canonicalAddress(ip ?? '') ?? []);

/**
 * Reads a node; `spec.providerID` is `aws:///eu-west-1a/i-0a6453b0c36d4b9c0`. A Fargate node owns no address, because it
 * shares that of its only pod. Undefined for an object that is not a node.
 */
export function readNode(object: unknown, isDeleted: boolean, cluster: Cluster): Observation | undefined {
  const parsed = nodeSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  const instanceId = /\/(i-[0-9a-f]+)$/.exec(spec?.providerID ?? '')?.[1];
  return {
    key: metadata.uid,
    names: instanceId === undefined ? [metadata.name] : [metadata.name, instanceId],
    owner: { kind: 'node', node: { cluster, name: metadata.name, instanceId } },
    ips: addresses(
      (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
    ),
    ownsIps: metadata.labels?.[COMPUTE_TYPE] !== 'fargate',
    startMs: parseTime(metadata.creationTimestamp),
    startIsCertain: true,
    ending: isDeleted ? { kind: 'unknown' } : undefined,
    aliveAtMs: undefined,
    unreachableSinceMs: unreachableSince(status?.conditions ?? []),
  };
}

type NodeConditions = NonNullable<NonNullable<z.infer<typeof nodeSchema>['status']>['conditions']>;

/** The last heartbeat of an unreachable node, or an estimate where the API shows an older one; else undefined. */
function unreachableSince(conditions: NodeConditions): number | undefined {
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'Unknown') return undefined;
  const heartbeatMs = parseTime(ready.lastHeartbeatTime) ?? 0;
  return Math.max(heartbeatMs, (parseTime(ready.lastTransitionTime) ?? 0) - NOTICE_MS);
}
