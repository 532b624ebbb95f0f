import { createHash } from 'node:crypto';
import { isAttributeName } from '../model/attribute-name.ts';
import type { Client } from '../model/client.ts';
import type { Omits } from '../model/record-fields/omission.ts';
import type { Settings } from '../model/settings.ts';
import { bytesOf, type JsonEncoder } from './json-encoder.ts';
import { type Truncation, truncate } from './truncation.ts';

/** The fields of a client as bytes, in two parts: the fields of the log (`aws.log_group` ...) come between them. */
export type EncodedClient = {
  /** `dns.client.*`, `k8s.*`, `dt.*`. */
  readonly identity: Uint8Array;
  /** The client's instance and VPC. */
  readonly placement: Uint8Array;
  readonly wasTruncated: boolean;
};

/** What the settings say about the fields of clients. */
export type ClientFieldSettings = {
  /** The attributes of annotations that `STATIC_ATTRIBUTES` overrule, in lower case. */
  readonly overruled: ReadonlySet<string>;
  readonly clusterNames: Settings['clusterNames'];
  readonly omits: Omits;
};

/** Encodes a client; `vpcId` is the VPC that the record itself names. */
export function encodeClient(
  json: JsonEncoder,
  client: Client,
  vpcId: string | undefined,
  settings: ClientFieldSettings,
): EncodedClient {
  const truncation: Truncation = { wasTruncated: client.pod?.isMetadataCut ?? false };
  const createText = () => createPairs(json, settings.omits, truncation);
  const identity = bytesOf(identityText(createText(), client, settings));
  const placement = bytesOf(placementText(createText(), client, vpcId));
  return { identity, placement, wasTruncated: truncation.wasTruncated };
}

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

type AddPair = (name: string, value: string | undefined) => void;
type Pairs = { readonly text: () => string; readonly add: AddPair };

/** Text of `dns.client.*`, `k8s.*` and `dt.*`. */
function identityText(
  { text, add }: Pairs,
  client: Client,
  { overruled, clusterNames }: ClientFieldSettings,
): string {
  add('dns.client.kind', client.kind);
  add('dns.client.attribution', client.attribution);
  const clusterName = clusterNameOf(client, clusterNames);
  addKubernetes(add, client, clusterName);
  for (const [name, value] of client.pod?.dynatrace ?? []) {
    if (!overruled.has(name.toLowerCase())) add(name, value);
  }
  if (client.cluster !== undefined) {
    add('dt.kubernetes.cluster.name', clusterName);
    add('dt.kubernetes.cluster.id', client.cluster.uid);
  }
  if (client.instanceId !== undefined) add('dt.entity.ec2_instance', ec2EntityId(client.instanceId));
  return text();
}

/** Text of the client's instance and VPC. */
function placementText(
  { text, add }: Pairs,
  { instance, instanceId, cluster }: Client,
  vpcId: string | undefined,
): string {
  add('host.id', instanceId);
  add('aws.availability_zone', instance?.availabilityZone);
  add('aws.ec2.instance_type', instance?.type);
  add('aws.vpc.id', vpcId ?? instance?.vpcId ?? cluster?.vpcId);
  add('aws.eks.nodegroup', instance?.nodeGroup);
  add('aws.ec2.lifecycle', instance?.lifecycle);
  return text();
}

/** The name of the client's cluster in Dynatrace. An instance whose cluster is not configured tells the name in EKS by a tag. */
function clusterNameOf({ cluster, instance }: Client, names: Settings['clusterNames']): string | undefined {
  const name = cluster?.name ?? instance?.clusterName;
  if (name === undefined || names.size === 0) return name;
  return names.get(cluster?.arn ?? name) ?? names.get(name) ?? name;
}

function addKubernetes(add: AddPair, client: Client, clusterName: string | undefined): void {
  add('k8s.cluster.name', clusterName);
  add('k8s.cluster.uid', client.cluster?.uid);
  add('k8s.namespace.name', client.namespace);
  add('k8s.workload.kind', client.workload?.kind);
  add('k8s.workload.name', client.workload?.name);
  add('k8s.pod.name', client.podName);
  add('k8s.pod.uid', client.pod?.uid);
  add('k8s.node.name', client.nodeName);
  // The directory's labels come first; logged labels only add those that are missing.
  for (const [key, value] of [...(client.pod?.labels ?? []), ...client.loggedLabels])
    addNamed(add, `k8s.pod.label.${key}`, value);
  for (const [key, value] of client.pod?.annotations ?? []) addNamed(add, `k8s.pod.annotation.${key}`, value);
}

/** Adds a value under a name that is made of a key of Kubernetes, which may be too long for Dynatrace. */
function addNamed(add: AddPair, name: string, value: string): void {
  if (isAttributeName(name)) add(name, value);
}

/** Collects `,"name":"value"` pairs; the first value of a name wins, undefined, empty and omitted ones are left out. */
function createPairs(json: JsonEncoder, omits: Omits, truncation: Truncation): Pairs {
  const seen = new Set<string>();
  let out = '';
  return {
    text: () => out,
    add: (name, value) => {
      if (value === undefined || value === '' || omits(name) || seen.has(name)) return;
      seen.add(name);
      out += json.key(name) + json.string(truncate(value, truncation));
    },
  };
}
