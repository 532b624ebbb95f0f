// What a record may carry of a pod's metadata: workload, labels and annotations asked for, Dynatrace enrichment.
import type { Pod, Workload } from '../../core/model/directory.ts';

/** Text members of an object, as Kubernetes writes labels and annotations. */
export type TextMap = { readonly [key: string]: string };

/** Pods' parts that depend on their metadata alone. */
export type PodMetadata = Pick<Pod, 'workload' | 'isCoreDns' | 'labels' | 'annotations' | 'dynatrace'>;

/** Which labels and annotations records carry (`POD_LABELS`, `POD_ANNOTATIONS`). */
export type Lifted = { readonly podLabels: readonly string[]; readonly podAnnotations: readonly string[] };

/** Reduces metadata to what a record can carry. */
export function podMetadata(
  pod: { readonly namespace: string; readonly name: string },
  owner: Workload | undefined,
  labels: TextMap,
  annotations: TextMap,
  lifted: Lifted,
): PodMetadata {
  return {
    workload: owner && workloadOf(owner, labels),
    isCoreDns:
      labels['k8s-app'] === 'kube-dns' ||
      (pod.namespace === 'kube-system' && pod.name.startsWith('coredns-')),
    labels: pick(labels, lifted.podLabels),
    annotations: pick(annotations, lifted.podAnnotations),
    dynatrace: dynatraceAttributes(annotations),
  };
}

const NONE: readonly (readonly [string, string])[] = [];

function pick(from: TextMap, keys: readonly string[]): readonly (readonly [string, string])[] {
  if (keys.length === 0) return NONE;
  return keys.flatMap((key) => (from[key] ? [[key, from[key]] as const] : []));
}

/** Labels that hold the hash which a controller appended to its ReplicaSet's name, and that controller's kind. */
const HASH_LABELS = [
  ['pod-template-hash', 'deployment'],
  ['rollouts-pod-template-hash', 'rollout'],
] as const;

/**
 * The workload behind a pod's controller: `ReplicaSet checkout-7d9f8b6c5` with the label `pod-template-hash=7d9f8b6c5`
 * -> `deployment checkout`; `Job backup-29012345` -> `cronjob backup` (a CronJob appends the minute since 1970).
 * A static pod is owned by its node, which is no workload.
 */
function workloadOf(owner: Workload, labels: TextMap): Workload | undefined {
  const kind = owner.kind.toLowerCase();
  if (kind === 'node') return undefined;
  if (kind === 'replicaset') {
    for (const [label, controller] of HASH_LABELS) {
      const suffix = `-${labels[label]}`;
      if (labels[label] && owner.name.endsWith(suffix) && owner.name.length > suffix.length) {
        return { kind: controller, name: owner.name.slice(0, -suffix.length) };
      }
    }
  }
  if (kind === 'job' && /^.+-\d{8}$/.test(owner.name))
    return { kind: 'cronjob', name: owner.name.slice(0, -9) };
  return { kind, name: owner.name };
}

const ENRICHMENT = 'metadata.dynatrace.com';

/**
 * Attributes from Dynatrace's metadata enrichment: the JSON object in `metadata.dynatrace.com`, over which the
 * annotations `metadata.dynatrace.com/<attribute>` win; sorted by name.
 * https://docs.dynatrace.com/docs/observe/infrastructure-observability/container-platform-monitoring/kubernetes-monitoring
 */
function dynatraceAttributes(annotations: TextMap): readonly (readonly [string, string])[] {
  let found: Map<string, string> | undefined;
  for (const key in annotations) {
    if (!key.startsWith(ENRICHMENT)) continue;
    found ??= fromJson(annotations[ENRICHMENT]);
    const value = annotations[key];
    if (key[ENRICHMENT.length] === '/' && value) found.set(key.slice(ENRICHMENT.length + 1), value);
  }
  if (found === undefined) return NONE;
  return [...found].filter(([name]) => isFree(name)).sort(([a], [b]) => (a < b ? -1 : 1));
}

function fromJson(text: string | undefined): Map<string, string> {
  const found = new Map<string, string>();
  let json: unknown;
  try {
    json = JSON.parse(text ?? '{}');
  } catch {
    // An annotation that somebody wrote by hand costs its own attributes, no more.
    return found;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return found;
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean') {
      found.set(name, String(value));
    }
  }
  return found;
}

/** Beginnings of names that the record gives itself, or that Dynatrace reserves or computes. */
const TAKEN_PREFIXES = [
  'aws.',
  'client.',
  'cloud.',
  'dns.',
  'dt.entity.',
  'dt.ingest.',
  'dt.kubernetes.',
  'dt.openpipeline.',
  'dt.retain.',
  'dt.smartscape.',
  'dt.system.',
  'event.',
  'k8s.',
  'log.',
  'network.',
];

/** Names that log ingest takes for time, level or content (Dynatrace's log ingest API), and `duration`. */
const TAKEN = new Set(
  (
    'timestamp @timestamp _timestamp eventtime date published_date syslog.timestamp time epochSecond startTime ' +
    'datetime ts timeMillis @t loglevel status severity level syslog.severity content message payload body log _raw ' +
    'duration'
  ).split(' '),
);

/** `dt.security_context`, `k8s.namespace.label.team`, `owner`: whatever says nothing that the record says itself. */
function isFree(name: string): boolean {
  if (name === '' || name.length > 100 || TAKEN.has(name)) return false;
  if (name.startsWith('k8s.namespace.')) return name !== 'k8s.namespace.name';
  return !TAKEN_PREFIXES.some((taken) => name.startsWith(taken));
}
