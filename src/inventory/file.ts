// The directory of a file (`DIRECTORY_FILE`): an inventory for the demo, tests and air-gapped use.
//   {"clusters":[{"name":"prod"}],"pods":[{"cluster":"prod","namespace":"shop","name":"cart-0","ips":["10.0.1.7"]}]}
import * as z from 'zod';
import type { Cluster } from '../core/model/directory.ts';
import { blockOfPrefix, canonicalAddress } from './ec2/address.ts';
import {
  createInstanceIndex,
  type InstanceFacts,
  type InstanceIndex,
  membership,
} from './ec2/instance-index.ts';
import type { Facts } from './ip-ownership/interval.ts';
import { type Lifted, podMetadata } from './kubernetes/pod-metadata.ts';
import { type ClusterTables, createClusterTables } from './owner-index.ts';

const name = z.string().min(1);
const texts = z.record(z.string(), z.string());
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const address = z.string().transform((text, context) => {
  const canonical = canonicalAddress(text);
  if (canonical !== undefined) return canonical;
  context.addIssue(`${JSON.stringify(text)} is no IP address`);
  return z.NEVER;
});
const prefix = z
  .string()
  .refine((text) => blockOfPrefix(text) !== undefined, 'a delegated prefix is an IPv4 /28 or an IPv6 /80');

const clusterSchema = z.strictObject({
  name,
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
  endTime: time.optional(),
  owner: z.strictObject({ kind: name, name }).optional(),
  labels: texts.optional(),
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
    nodes: z.array(nodeSchema).default([]),
    pods: z.array(podSchema).default([]),
    instances: z.array(instanceSchema).default([]),
  })
  .superRefine((file, context) => {
    const known = new Set(file.clusters.map((cluster) => cluster.name));
    for (const list of ['nodes', 'pods'] as const) {
      file[list].forEach(({ cluster }, index) => {
        if (cluster === undefined ? known.size === 1 : known.has(cluster)) return;
        const message =
          cluster === undefined ? 'says which of the clusters' : `no cluster is named ${cluster}`;
        context.addIssue({ code: 'custom', path: [list, index, 'cluster'], message });
      });
    }
  });

type DirectoryFile = z.infer<typeof fileSchema>;

/** What a file holds, ready to be asked, or every fault in it. */
export type ParsedFile =
  | { readonly ok: true; readonly clusters: readonly ClusterTables[]; readonly instances: InstanceIndex }
  | { readonly ok: false; readonly faults: string };

/**
 * Reads a parsed JSON inventory. A pod with a `startTime` has its addresses from then to `endTime` (for ever when there
 * is none): `exact`. What has no start is `inferred` only, nodes too unless their instance has a `launchTime`.
 */
export function parseDirectoryFile(json: unknown, lifted: Lifted): ParsedFile {
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) return { ok: false, faults: z.prettifyError(parsed.error) };
  const file = parsed.data;
  const clusters = file.clusters.map((cluster) => createClusterTables(toCluster(cluster)));
  const instances = createInstanceIndex();
  for (const instance of file.instances) instances.put(toInstance(instance));
  const launchMs = new Map(file.instances.map(({ id, launchTime }) => [id, launchTime]));
  const tablesOf = (cluster: string | undefined) =>
    clusters.find((tables) => cluster === undefined || tables.cluster.name === cluster);
  for (const node of file.nodes) {
    const tables = tablesOf(node.cluster);
    tables?.nodes.observe(nodeFacts(node, tables.cluster, launchMs.get(node.instanceId ?? '')), FOR_EVER);
  }
  for (const pod of file.pods) {
    const tables = tablesOf(pod.cluster);
    tables?.pods.observe(podFacts(pod, tables.cluster, lifted), FOR_EVER);
  }
  return { ok: true, clusters, instances };
}

/** A file does not age: what is in it and has not ended is there for ever. */
const FOR_EVER = Number.POSITIVE_INFINITY;

const toCluster = (cluster: DirectoryFile['clusters'][number]): Cluster => ({
  name: cluster.name,
  uid: cluster.uid,
  arn: cluster.arn,
  vpcId: cluster.vpcId,
  region: cluster.region,
  accountId: cluster.accountId,
});

const toInstance = (instance: DirectoryFile['instances'][number]): InstanceFacts => ({
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

const nodeFacts = (
  node: DirectoryFile['nodes'][number],
  cluster: Cluster,
  launchMs: number | undefined,
): Facts => ({
  key: node.name,
  names: [node.name, ...(node.instanceId === undefined ? [] : [node.instanceId])],
  holder: { kind: 'node', node: { cluster, name: node.name, instanceId: node.instanceId } },
  ips: node.ips ?? [],
  ownsIps: true,
  startMs: launchMs ?? Number.NEGATIVE_INFINITY,
  startIsCertain: launchMs !== undefined,
  ending: undefined,
  aliveAtMs: undefined,
});

function podFacts(pod: DirectoryFile['pods'][number], cluster: Cluster, lifted: Lifted): Facts {
  const isTerminal = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  const ending = pod.endTime === undefined ? undefined : ({ kind: 'known', atMs: pod.endTime } as const);
  return {
    key: pod.uid ?? `${pod.namespace}/${pod.name}`,
    names: [`${pod.namespace}/${pod.name}`],
    holder: {
      kind: 'pod',
      pod: {
        cluster,
        namespace: pod.namespace,
        name: pod.name,
        uid: pod.uid,
        nodeName: pod.node,
        isHostNetwork: pod.hostNetwork === true,
        ...podMetadata(pod, pod.owner, pod.labels ?? {}, pod.annotations ?? {}, lifted),
      },
    },
    ips: pod.ips ?? [],
    ownsIps: pod.hostNetwork !== true,
    startMs: pod.startTime ?? Number.NEGATIVE_INFINITY,
    startIsCertain: pod.startTime !== undefined,
    ending: ending ?? (isTerminal ? { kind: 'unknown' } : undefined),
    aliveAtMs: undefined,
  };
}
