// The directory file that says the same as what `kubectl get pods,nodes -A -o json` prints:
//   {"apiVersion":"v1","kind":"List","items":[{"kind":"Pod","metadata":{...},"status":{...}},{"kind":"Node",...}]}
// https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/
import type { Cluster } from '../core/model/directory.ts';
import { isObject, type JsonObject } from '../core/util/json.ts';
import type { Observation } from './ip-ownership/interval.ts';
import { isEnrichmentKey } from './kubernetes/enrichment.ts';
import { readNode, readPod } from './kubernetes/objects.ts';
import { isUsedKey, type MetadataSelection } from './kubernetes/pod-metadata.ts';

/** What the printed objects do not tell of their cluster. */
export type ClusterFacts = {
  readonly [Member in 'name' | 'arn' | 'vpcId' | 'region' | 'accountId']?: string | undefined;
};

/** A directory file (file.ts), or why the objects are none. */
export type Converted =
  | { readonly ok: true; readonly file: JsonObject }
  | { readonly ok: false; readonly faults: string };

const MAX_OBJECTS = 200_000;
const MAX_FAULTS = 5;

/** Whether JSON is a list of Kubernetes objects. */
export const isKubernetesList = (json: unknown): json is JsonObject =>
  isObject(json) && Array.isArray(json.items) && typeof json.kind === 'string' && json.kind.endsWith('List');

/**
 * Converts a list. Of labels and annotations only those are kept that records may contain. The name of the cluster is that
 * of `facts`, else what eksctl wrote on the nodes, else empty. Nothing after the latest time in the objects is certain.
 */
export function fromKubernetesList(
  list: JsonObject,
  facts: ClusterFacts,
  selection: MetadataSelection,
): Converted {
  const items = list.items as readonly unknown[];
  if (items.length > MAX_OBJECTS) return { ok: false, faults: `more than ${MAX_OBJECTS} objects` };
  const nodes: JsonObject[] = [];
  const pods: JsonObject[] = [];
  const namespaces: JsonObject[] = [];
  const faults: string[] = [];
  let named: string | undefined;
  let uid: string | undefined;
  let takenMs = Number.NEGATIVE_INFINITY;
  for (const [index, item] of items.entries()) {
    const kind = kindOf(item, list);
    const read = kind === undefined ? undefined : READERS[kind];
    if (kind === undefined || read === undefined) continue;
    const object = item as JsonObject;
    const converted = read(object, selection);
    if (converted === undefined) {
      if (!isWaiting(object)) faults.push(`items[${index}]: not a ${kind} as Kubernetes describes it`);
      continue;
    }
    takenMs = Math.max(takenMs, latestTime(object.status, 0));
    if (kind === 'Pod') pods.push(converted);
    else if (kind === 'Node') {
      nodes.push(converted);
      named ??= textIn(object, 'labels', EKSCTL_CLUSTER);
    } else {
      namespaces.push(converted);
      if (converted.name === 'kube-system') uid = textIn(object, 'uid');
    }
  }
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, MAX_FAULTS).join('\n') };
  if (pods.length + nodes.length === 0)
    return { ok: false, faults: 'no pods or nodes; save what kubectl get pods,nodes -A -o json prints' };
  const cluster = { ...facts, name: facts.name ?? named ?? '', uid };
  const takenAt = Number.isFinite(takenMs) ? { takenAt: isoTime(takenMs) } : {};
  return { ok: true, file: { clusters: [cluster], ...takenAt, nodes, pods, namespaces } };
}

/** The label by which eksctl names the cluster of a node. */
const EKSCTL_CLUSTER = 'alpha.eksctl.io/cluster-name';

/** The kind of an object; the items of a `PodList` do not repeat it. */
function kindOf(item: unknown, { kind: listKind }: JsonObject): string | undefined {
  if (!isObject(item)) return undefined;
  return typeof item.kind === 'string' ? item.kind : String(listKind).slice(0, -'List'.length);
}

type Reader = (object: JsonObject, selection: MetadataSelection) => JsonObject | undefined;

const READERS: Readonly<Record<string, Reader>> = Object.assign(Object.create(null), {
  Pod: podOf,
  Node: nodeOf,
  Namespace: namespaceOf,
} satisfies Record<string, Reader>);

const NO_CLUSTER: Cluster = {
  name: '',
  uid: undefined,
  arn: undefined,
  vpcId: undefined,
  region: undefined,
  accountId: undefined,
};

function podOf(object: JsonObject, selection: MetadataSelection): JsonObject | undefined {
  const observed = readPod(object, false, NO_CLUSTER, selection);
  if (observed?.owner.kind !== 'pod') return undefined;
  const { namespace, name, uid, nodeName, isHostNetwork, workload } = observed.owner.pod;
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const isKept = isUsedKey(selection);
  return {
    namespace,
    name,
    uid,
    ips: observed.ips,
    ...(nodeName === undefined ? {} : { node: nodeName }),
    ...(isHostNetwork ? { hostNetwork: true } : {}),
    ...timesOf(observed),
    ...(workload === undefined ? {} : { owner: ownerIn(metadata) }),
    ...textsOf('labels', metadata, isKept),
    ...textsOf('annotations', metadata, isKept),
  };
}

/** The controller, as the object names it: the workload behind it follows from labels. */
function ownerIn(metadata: JsonObject): JsonObject | undefined {
  const references = Array.isArray(metadata.ownerReferences) ? metadata.ownerReferences.filter(isObject) : [];
  const controller = references.find((reference) => reference.controller === true);
  return controller && { kind: controller.kind, name: controller.name };
}

function nodeOf(object: JsonObject): JsonObject | undefined {
  const observed = readNode(object, false, NO_CLUSTER);
  if (observed?.owner.kind !== 'node') return undefined;
  const { name, instanceId } = observed.owner.node;
  const { unreachableSinceMs } = observed;
  return {
    name,
    // A Fargate node shares the address of its pod.
    ips: observed.ownsIps ? observed.ips : [],
    ...(instanceId === undefined ? {} : { instanceId }),
    ...timesOf(observed),
    ...(unreachableSinceMs === undefined ? {} : { unreachableSince: isoTime(unreachableSinceMs) }),
  };
}

function namespaceOf(object: JsonObject): JsonObject | undefined {
  const name = textIn(object, 'name');
  const metadata = isObject(object.metadata) ? object.metadata : {};
  return name === undefined ? undefined : { name, ...textsOf('annotations', metadata, isEnrichmentKey) };
}

/** Start and end. A finished pod of which no end is known has ended at an unknown time. */
function timesOf({ startMs, startIsCertain, ending }: Observation): JsonObject {
  return {
    ...(startMs === undefined ? {} : { startTime: isoTime(startMs) }),
    ...(startMs === undefined || startIsCertain ? {} : { startIsEstimate: true }),
    ...(ending?.kind === 'known' ? { endTime: isoTime(ending.atMs) } : {}),
    ...(ending?.kind === 'unknown' ? { phase: 'Failed' } : {}),
  };
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** The labels or annotations that are kept; no member if there are none. */
function textsOf(
  member: 'labels' | 'annotations',
  metadata: JsonObject,
  isKept: (name: string) => boolean,
): JsonObject {
  const texts = isObject(metadata[member]) ? Object.entries(metadata[member]) : [];
  const kept = texts.filter(([name]) => isKept(name));
  return kept.length === 0 ? {} : { [member]: Object.fromEntries(kept) };
}

/** A text in the metadata of an object. */
function textIn(object: JsonObject, ...path: readonly string[]): string | undefined {
  const value = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), object.metadata);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether an object is a pod that has no address yet. */
const isWaiting = ({ status }: JsonObject): boolean => isObject(status) && status.phase === 'Pending';

const MAX_DEPTH = 6;
// `lastHeartbeatTime`, `lastTransitionTime`, `startedAt`, `finishedAt`, `startTime`: what kubelet and control plane write.
const TIME_MEMBER = /(?:Time|At)$/;

/** The latest time in the status of an object, epoch ms; -Infinity where there is none. */
function latestTime(value: unknown, depth: number): number {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return Number.NEGATIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for (const [name, member] of Object.entries(value)) {
    const atMs = typeof member === 'string' && TIME_MEMBER.test(name) ? Date.parse(member) : Number.NaN;
    latest = Math.max(latest, Number.isNaN(atMs) ? latestTime(member, depth + 1) : atMs);
  }
  return latest;
}
