// The part of a pod's metadata that records contain: workload, selected labels and annotations, Dynatrace enrichment.
import type { Pod, Workload } from '../../core/model/directory.ts';
import { type Enrichment, fromPodAnnotations, isEnrichmentKey } from './enrichment.ts';
import { bounded } from './metadata-bounds.ts';
import type { TextMap } from './text-map.ts';

/** The members of a `Pod` that are derived from its metadata. */
export type PodMetadata = Pick<
  Pod,
  'workload' | 'isCoreDns' | 'labels' | 'annotations' | 'dynatrace' | 'isMetadataCut'
>;

/** Keys of the labels and annotations to copy to records (`POD_LABELS`, `POD_ANNOTATIONS`). */
export type MetadataSelection = {
  readonly podLabels: readonly string[];
  readonly podAnnotations: readonly string[];
  /** `COREDNS_NAMESPACE`. */
  readonly corednsNamespace: string;
};

/** Whether `podMetadata` reads a label or an annotation of this name. */
export function isUsedKey({ podLabels, podAnnotations }: MetadataSelection): (name: string) => boolean {
  const names = new Set([
    ...podLabels,
    ...podAnnotations,
    ...[...COREDNS_LABELS, ...HASH_LABELS].map(([label]) => label),
  ]);
  return (name) => names.has(name) || isEnrichmentKey(name);
}

/** Reduces metadata to the part that records contain. `controller` is the pod's owner reference. */
export function podMetadata(
  pod: { readonly namespace: string; readonly name: string },
  controller: Workload | undefined,
  labels: TextMap,
  annotations: TextMap,
  selection: MetadataSelection,
  enrichment: Enrichment = fromPodAnnotations,
): PodMetadata {
  const workload = controller && workloadOf(controller, labels);
  return {
    workload,
    isCoreDns: pod.namespace === selection.corednsNamespace && isCoreDnsWorkload(workload, labels),
    ...bounded({
      labels: pick(labels, selection.podLabels),
      dynatrace: enrichment(pod.namespace, annotations),
      annotations: pick(annotations, selection.podAnnotations),
    }),
  };
}

// Labels of CoreDNS as EKS, its Helm chart and NodeLocal DNSCache set them.
const COREDNS_LABELS: readonly (readonly [key: string, values: readonly string[]])[] = [
  ['k8s-app', ['kube-dns', 'coredns', 'node-local-dns']],
  ['app.kubernetes.io/name', ['coredns']],
];

/**
 * Whether a pod of CoreDNS's namespace belongs to CoreDNS's Deployment or DaemonSet, by name or label. Anybody may put
 * these labels on pods of other namespaces.
 */
function isCoreDnsWorkload(workload: Workload | undefined, labels: TextMap): boolean {
  if (workload?.kind !== 'deployment' && workload?.kind !== 'daemonset') return false;
  const { name } = workload;
  if (name === 'coredns' || name === 'node-local-dns' || name.endsWith('-coredns')) return true;
  return COREDNS_LABELS.some(([key, values]) => values.includes(labels[key] ?? ''));
}

type Pairs = Pod['labels'];

const NONE: Pairs = [];

function pick(from: TextMap, keys: readonly string[]): Pairs {
  if (keys.length === 0) return NONE;
  // A name such as `constructor` is not one of the object's own.
  return keys.flatMap((key) => (Object.hasOwn(from, key) && from[key] ? [[key, from[key]] as const] : []));
}

/** Labels with the hash that a controller appends to the name of its ReplicaSet, and the kind of that controller. */
const HASH_LABELS = [
  ['pod-template-hash', 'deployment'],
  ['rollouts-pod-template-hash', 'rollout'],
] as const;

/**
 * The workload that a pod belongs to, from its controller: `ReplicaSet checkout-7d9f8b6c5` with the label `pod-template-hash=7d9f8b6c5`
 * -> `deployment checkout`; `Job backup-29012345` -> `cronjob backup` (a CronJob appends the minute since 1970).
 * A static pod is owned by its node, which is not a workload.
 */
function workloadOf(controller: Workload, labels: TextMap): Workload | undefined {
  const kind = controller.kind.toLowerCase();
  if (kind === 'node') return undefined;
  if (kind === 'replicaset') {
    for (const [label, controllerKind] of HASH_LABELS) {
      const suffix = `-${labels[label]}`;
      if (labels[label] && controller.name.endsWith(suffix) && controller.name.length > suffix.length) {
        return { kind: controllerKind, name: controller.name.slice(0, -suffix.length) };
      }
    }
  }
  if (kind === 'job' && /^.+-\d{8}$/.test(controller.name)) {
    return { kind: 'cronjob', name: controller.name.slice(0, -9) };
  }
  return { kind, name: controller.name };
}
