// The directory from a file (`DIRECTORY_FILE`): an inventory for the demo, tests and air-gapped use.
//   {"clusters":[{"name":"prod"}],"pods":[{"cluster":"prod","namespace":"shop","name":"cart-0","ips":["10.0.1.7"]}]}
import * as z from 'zod';
import type { Cluster } from '../core/model/directory.ts';
import type { Settings } from '../core/model/settings.ts';
import { blockOfPrefix, canonicalAddress } from './address.ts';
import {
  createInstanceIndex,
  type InstanceIndex,
  type InstanceObservation,
  membership,
} from './ec2/instance-index.ts';
import { type ClusterTables, createClusterTables } from './ip-ownership/index.ts';
import type { Observation } from './ip-ownership/interval.ts';
import { type ClusterFacts, fromKubernetesList, isKubernetesList } from './kubectl.ts';
import {
  type Enrichment,
  type EnrichmentAttributes,
  enrichmentAttributes,
  fromPodAnnotations,
  NO_ATTRIBUTES,
} from './kubernetes/enrichment.ts';
import { type MetadataSelection, podMetadata } from './kubernetes/pod-metadata.ts';

const name = z.string().min(1);
const texts = z.record(z.string(), z.string());
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const address = z.string().transform((text, context) => {
  const canonical = canonicalAddress(text);
  if (canonical !== undefined) return canonical;
  context.addIssue(`not an IP address: ${JSON.stringify(text)}`);
  return z.NEVER;
});
const prefix = z
  .string()
  .refine(
    (text) => blockOfPrefix(text) !== undefined,
    'must be a delegated prefix: an IPv4 /28 or an IPv6 /80',
  );

const clusterSchema = z.strictObject({
  // Empty where kubectl's output does not tell it.
  name: z.string(),
  uid: name.optional(),
  arn: name.optional(),
  vpcId: name.optional(),
  region: name.optional(),
  accountId: name.optional(),
});

const nodeSchema = z.strictObject({
  cluster: name.optional(),
  name,
  ips: z.array(address).optional(),
  instanceId: name.optional(),
  startTime: time.optional(),
  startIsEstimate: z.boolean().optional(),
  unreachableSince: time.optional(),
});

const podSchema = z.strictObject({
  cluster: name.optional(),
  namespace: name,
  name,
  uid: name.optional(),
  ips: z.array(address).optional(),
  node: name.optional(),
  hostNetwork: z.boolean().optional(),
  phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']).optional(),
  startTime: time.optional(),
  startIsEstimate: z.boolean().optional(),
  endTime: time.optional(),
  owner: z.strictObject({ kind: name, name }).optional(),
  labels: texts.optional(),
  annotations: texts.optional(),
});

const namespaceSchema = z.strictObject({
  cluster: name.optional(),
  name,
  annotations: texts.optional(),
});

const instanceSchema = z.strictObject({
  id: name,
  privateIps: z.array(address).optional(),
  prefixes: z.array(prefix).optional(),
  privateDnsName: name.optional(),
  type: name.optional(),
  availabilityZone: name.optional(),
  vpcId: name.optional(),
  subnetId: name.optional(),
  launchTime: time.optional(),
  lifecycle: name.optional(),
  tags: texts.optional(),
});

const fileSchema = z
  .strictObject({
    clusters: z.array(clusterSchema).default([]),
    takenAt: time.optional(),
    nodes: z.array(nodeSchema).default([]),
    pods: z.array(podSchema).default([]),
    namespaces: z.array(namespaceSchema).default([]),
    instances: z.array(instanceSchema).default([]),
  })
  .superRefine((file, context) => {
    const ids = file.clusters.map(idOf);
    ids.forEach((id, index) => {
      if (ids.indexOf(id) < index)
        context.addIssue({ code: 'custom', path: ['clusters', index], message: `${id} is listed twice` });
    });
    for (const list of ['nodes', 'pods', 'namespaces'] as const) {
      file[list].forEach(({ cluster }, index) => {
        const found = file.clusters.filter((each) => isMeant(each, cluster)).length;
        if (found === 1) return;
        const unclear =
          found > 1 ? `the file has several clusters named ${cluster}: give the ARN` : undefined;
        const message =
          cluster === undefined
            ? 'required unless the file has exactly one cluster'
            : (unclear ?? `the file has no cluster named ${cluster}`);
        context.addIssue({ code: 'custom', path: [list, index, 'cluster'], message });
      });
    }
  });

type FileSettings = MetadataSelection & Pick<Settings, 'metadataFrom'> & Partial<Pick<Settings, 'clusters'>>;

type DirectoryFile = z.infer<typeof fileSchema>;

/** The content of a file, or all its faults as text. */
export type ParsedFile =
  | {
      readonly ok: true;
      readonly clusters: readonly ClusterTables[];
      readonly instances: InstanceIndex;
      /** When the cluster was in this state, epoch ms; see `datedDirectory`. */
      readonly takenAtMs: number | undefined;
    }
  | { readonly ok: false; readonly faults: string };

/**
 * Reads an inventory from parsed JSON, or what `kubectl get pods,nodes -A -o json` prints. A pod with a `startTime` owns its addresses from then until `endTime`, or without
 * end: look-ups are `exact`. They are `inferred` for pods without start time and nodes without `launchTime` of their
 * instance, and after `takenAt`
 * (`datedDirectory`).
 */
export function parseDirectoryFile(json: unknown, settings: FileSettings): ParsedFile {
  const converted = isKubernetesList(json)
    ? fromKubernetesList(json, factsOf(settings.clusters), settings)
    : undefined;
  if (converted?.ok === false) return converted;
  const parsed = fileSchema.safeParse(converted?.file ?? json);
  if (!parsed.success) return { ok: false, faults: z.prettifyError(parsed.error) };
  const file = parsed.data;
  const clusters = file.clusters.map((cluster) => createClusterTables(toCluster(cluster)));
  const instances = createInstanceIndex();
  for (const instance of file.instances) instances.put(toInstance(instance));
  const launchMs = new Map(file.instances.map(({ id, launchTime }) => [id, launchTime]));
  const tablesOf = (cluster: string | undefined) =>
    clusters.find((tables) => isMeant(tables.cluster, cluster));
  for (const node of file.nodes) {
    const tables = tablesOf(node.cluster);
    tables?.nodes.observe(observedNode(node, tables.cluster, launchMs.get(node.instanceId ?? '')), FOR_EVER);
  }
  // By cluster object: clusters of other accounts and regions may have the same name.
  const namespaces = new Map(clusters.map((tables) => [tables, new Map<string, EnrichmentAttributes>()]));
  for (const { cluster, name, annotations } of file.namespaces) {
    const tables = tablesOf(cluster);
    if (tables) namespaces.get(tables)?.set(name, enrichmentAttributes(annotations ?? {}));
  }
  for (const pod of file.pods) {
    const tables = tablesOf(pod.cluster);
    if (tables === undefined) continue;
    const enrichment: Enrichment =
      settings.metadataFrom === 'pod'
        ? fromPodAnnotations
        : (namespace) => namespaces.get(tables)?.get(namespace) ?? NO_ATTRIBUTES;
    tables.pods.observe(observedPod(pod, tables.cluster, settings, enrichment), FOR_EVER);
  }
  if (file.nodes.some(({ unreachableSince }) => unreachableSince !== undefined))
    for (const tables of clusters) tables.apply();
  return { ok: true, clusters, instances, takenAtMs: file.takenAt };
}

/** What the setting `CLUSTERS` says of the only cluster in it. */
function factsOf(clusters: Settings['clusters'] = []): ClusterFacts {
  const [cluster, ...others] = clusters;
  if (cluster === undefined || others.length > 0) return {};
  const { name: clusterName, arn, accountId, region } = cluster;
  return { name: clusterName, arn, accountId, region };
}

type NamedCluster = Pick<DirectoryFile['clusters'][number], 'name' | 'arn'>;

const idOf = ({ arn, name: clusterName }: NamedCluster): string => arn ?? clusterName;

/** Whether a node or pod means this cluster: by name, by ARN, or because there is only one. */
const isMeant = (cluster: NamedCluster | Cluster, id: string | undefined): boolean =>
  id === undefined || cluster.name === id || (cluster.arn !== undefined && cluster.arn === id);

/** A file does not become stale: pods and nodes that have not ended are its answer, at any time. */
const FOR_EVER = Number.POSITIVE_INFINITY;

const toCluster = (cluster: DirectoryFile['clusters'][number]): Cluster => ({
  name: cluster.name,
  uid: cluster.uid,
  arn: cluster.arn,
  vpcId: cluster.vpcId,
  region: cluster.region,
  accountId: cluster.accountId,
});

const toInstance = (instance: DirectoryFile['instances'][number]): InstanceObservation => ({
  instance: {
    id: instance.id,
    type: instance.type,
    availabilityZone: instance.availabilityZone,
    vpcId: instance.vpcId,
    privateDnsName: instance.privateDnsName,
    ...membership(new Map(Object.entries(instance.tags ?? {}))),
    lifecycle: instance.lifecycle,
  },
  ips: instance.privateIps ?? [],
  prefixes: instance.prefixes ?? [],
});

const observedNode = (
  node: DirectoryFile['nodes'][number],
  cluster: Cluster,
  launchMs: number | undefined,
): Observation => ({
  key: node.name,
  names: [node.name, ...(node.instanceId === undefined ? [] : [node.instanceId])],
  owner: { kind: 'node', node: { cluster, name: node.name, instanceId: node.instanceId } },
  ips: node.ips ?? [],
  ownsIps: true,
  startMs: node.startTime ?? launchMs ?? Number.NEGATIVE_INFINITY,
  startIsCertain: (node.startTime ?? launchMs) !== undefined && node.startIsEstimate !== true,
  ending: undefined,
  aliveAtMs: undefined,
  unreachableSinceMs: node.unreachableSince,
});

function observedPod(
  pod: DirectoryFile['pods'][number],
  cluster: Cluster,
  selection: MetadataSelection,
  enrichment: Enrichment,
): Observation {
  const isTerminal = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  const ending = pod.endTime === undefined ? undefined : ({ kind: 'known', atMs: pod.endTime } as const);
  return {
    key: pod.uid ?? `${pod.namespace}/${pod.name}`,
    names: [`${pod.namespace}/${pod.name}`],
    owner: {
      kind: 'pod',
      pod: {
        cluster,
        namespace: pod.namespace,
        name: pod.name,
        uid: pod.uid,
        nodeName: pod.node,
        isHostNetwork: pod.hostNetwork === true,
        ...podMetadata(pod, pod.owner, pod.labels ?? {}, pod.annotations ?? {}, selection, enrichment),
      },
    },
    ips: pod.ips ?? [],
    ownsIps: pod.hostNetwork !== true,
    startMs: pod.startTime ?? Number.NEGATIVE_INFINITY,
    startIsCertain: pod.startTime !== undefined && pod.startIsEstimate !== true,
    ending: ending ?? (isTerminal ? { kind: 'unknown' } : undefined),
    aliveAtMs: undefined,
  };
}
