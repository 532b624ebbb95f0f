import { createHash } from 'node:crypto';
import type { Client } from '../model/client.ts';
import type { Cluster, Instance } from '../model/directory.ts';
import type { JsonText } from './json-encoder.ts';
import { type Caps, capped } from './truncation.ts';

/**
 * Dynatrace's classic entity id of an EC2 instance: MD5 of the id, its halves XORed, as upper-case hex.
 * `i-0a6453b0c36d4b9c0` -> `EC2_INSTANCE-9D980F5F75A71C04`. A name, not a secret: MD5 is Dynatrace's choice.
 * https://github.com/dynatrace-oss/dynatrace-aws-log-forwarder (me_id)
 */
export function ec2EntityId(instanceId: string): string {
  const digest = createHash('md5').update(instanceId, 'utf8').digest();
  const id = digest.readBigUInt64BE(0) ^ digest.readBigUInt64BE(8);
  return `EC2_INSTANCE-${id.toString(16).toUpperCase().padStart(16, '0')}`;
}

type Pairs = (name: string, value: string | undefined) => void;

/** Text of `dns.client.*`, `k8s.*` and `dt.*`: everything of the client that stands before `aws.log_group`. `caps` notes a cut. */
export function clientText(json: JsonText, client: Client, caps: Caps): string {
  const { text, add } = pairs(json, caps);
  add('dns.client.kind', client.kind);
  add('dns.client.attribution', client.attribution);
  addKubernetes(add, client);
  for (const [name, value] of client.pod?.dynatrace ?? []) add(name, value);
  addCluster(add, client.cluster);
  if (client.instanceId !== undefined) add('dt.entity.ec2_instance', ec2EntityId(client.instanceId));
  return text();
}

/** Text of the client's instance, which stands behind `cloud.provider`. */
export function instanceText(json: JsonText, client: Client, vpcId: string | undefined, caps: Caps): string {
  const { text, add } = pairs(json, caps);
  const instance: Instance | undefined = client.instance;
  add('aws.resource.id', client.instanceId);
  add('aws.availability_zone', instance?.availabilityZone);
  add('aws.ec2.instance_type', instance?.type);
  add('aws.vpc.id', vpcId ?? instance?.vpcId ?? client.cluster?.vpcId);
  add('aws.eks.nodegroup', instance?.nodeGroup);
  add('aws.ec2.lifecycle', instance?.lifecycle);
  return text();
}

function addKubernetes(add: Pairs, client: Client): void {
  add('k8s.cluster.name', client.cluster?.name ?? client.instance?.clusterName);
  add('k8s.cluster.uid', client.cluster?.uid);
  add('k8s.namespace.name', client.namespace);
  add('k8s.workload.kind', client.workload?.kind);
  add('k8s.workload.name', client.workload?.name);
  add('k8s.pod.name', client.podName);
  add('k8s.pod.uid', client.pod?.uid);
  add('k8s.node.name', client.nodeName);
  // The directory's labels first; those that CoreDNS logged fill up what nobody asked the directory for.
  for (const [key, value] of [...(client.pod?.labels ?? []), ...client.loggedLabels])
    add(`k8s.pod.label.${key}`, value);
  for (const [key, value] of client.pod?.annotations ?? []) add(`k8s.pod.annotation.${key}`, value);
}

function addCluster(add: Pairs, cluster: Cluster | undefined): void {
  if (cluster === undefined) return;
  add('dt.kubernetes.cluster.name', cluster.name);
  add('dt.kubernetes.cluster.id', cluster.uid);
}

/** Collects `,"name":"value"` pairs; a name comes once, the first wins; undefined and empty values are left out. */
function pairs(json: JsonText, caps: Caps): { text: () => string; add: Pairs } {
  const seen = new Set<string>();
  let out = '';
  return {
    text: () => out,
    add: (name, value) => {
      if (value === undefined || value === '' || seen.has(name)) return;
      seen.add(name);
      out += json.key(name) + json.string(capped(value, caps));
    },
  };
}
