// Reads the lines of a snapshot that describe pods, nodes and instances.
import type { Cluster, Instance, Pod } from '../../core/model/directory.ts';
import { mayAnnotate } from '../../core/model/record-fields/attribute-rules.ts';
import type { SavedInstance } from '../ec2/instance-index.ts';
import type { SavedOwnership } from '../ip-ownership/saved.ts';
import { NO_ATTRIBUTES } from '../kubernetes/enrichment.ts';
import { bounded } from '../kubernetes/metadata-bounds.ts';
import {
  address,
  flag,
  type Line,
  list,
  member,
  optionalText,
  pair,
  pastTime,
  text,
  time,
} from './values.ts';

/** Kubernetes knows two addresses per pod. */
const MAX_IPS = 64;
const MAX_PAIRS = 1000;
/** Addresses and delegated blocks of an instance. */
const MAX_KEYS = 5000;

/** Clocks of nodes may differ from the function's by this much; later times are cut. */
const MAX_NODE_SKEW_MS = 5 * 60_000;

/** What reading needs to know. */
export type ReadContext = {
  /** The cluster of the owners. */
  readonly cluster: Cluster;
  readonly podLabels: ReadonlySet<string>;
  readonly podAnnotations: ReadonlySet<string>;
  /** The latest time that the function's clock may have shown. */
  readonly latestMs: number;
};

/** A pod: `{"is":"pod","uid":"6c1f...","namespace":"shop","name":"cart-0","ips":["10.0.1.7"],"start":1772360000000}`. */
export function readPodLine(line: Line, context: ReadContext): SavedOwnership {
  const get = (name: string) => member(line, name);
  const uid = text(get('uid'));
  const namespace = text(get('namespace'));
  const name = text(get('name'));
  const workload = get('workload');
  const metadata = bounded({
    labels: pairsOf(get('labels'), (key) => context.podLabels.has(key)),
    // The rules for annotations hold here as well.
    dynatrace: pairsOf(get('dynatrace'), mayAnnotate),
    annotations: pairsOf(get('annotations'), (key) => context.podAnnotations.has(key)),
  });
  const pod: Pod = {
    cluster: context.cluster,
    namespace,
    name,
    uid,
    nodeName: optionalText(get('node')),
    workload: workload === undefined ? undefined : workloadOf(workload),
    isHostNetwork: flag(get('host'), false),
    isCoreDns: flag(get('dns'), false),
    ...metadata,
    isMetadataCut: flag(get('cut'), false) || metadata.isMetadataCut,
  };
  return {
    key: uid,
    names: [`${namespace}/${name}`],
    owner: { kind: 'pod', pod },
    ...timesOf(line, context),
  };
}

/** A node: `{"is":"node","uid":"...","name":"node-a","instance":"i-0a64...","ips":["10.0.1.1"],"start":1772360000000}`. */
export function readNodeLine(line: Line, context: ReadContext): SavedOwnership {
  const name = text(member(line, 'name'));
  const instanceId = optionalText(member(line, 'instance'));
  return {
    key: text(member(line, 'uid')),
    names: instanceId === undefined ? [name] : [name, instanceId],
    owner: { kind: 'node', node: { cluster: context.cluster, name, instanceId } },
    ...timesOf(line, context),
  };
}

/** An instance: `{"is":"instance","id":"i-0a64...","vpcId":"vpc-1","keys":["10.0.1.1"],"request":1772366400000}`. */
export function readInstanceLine(line: Line, latestMs: number): SavedInstance {
  const get = (name: string) => optionalText(member(line, name));
  const instance: Instance = {
    id: text(member(line, 'id')),
    type: get('type'),
    availabilityZone: get('availabilityZone'),
    vpcId: get('vpcId'),
    privateDnsName: get('privateDnsName'),
    clusterName: get('clusterName'),
    nodeGroup: get('nodeGroup'),
    lifecycle: get('lifecycle'),
  };
  // EC2 is asked again a quarter of an hour after the last time.
  const requestMs = pastTime(member(line, 'request'), latestMs + 3_600_000);
  return { instance, keys: list(member(line, 'keys'), MAX_KEYS, text), requestMs };
}

const workloadOf = (value: unknown) => {
  const [kind, name] = pair(value);
  return { kind, name };
};

function pairsOf(value: unknown, isWanted: (key: string) => boolean): Pod['labels'] {
  if (value === undefined) return NO_ATTRIBUTES;
  const pairs = list(value, MAX_PAIRS, pair).filter(([key]) => isWanted(key));
  return pairs.length === 0 ? NO_ATTRIBUTES : pairs;
}

/** Addresses and times; of an owner that has ended also when. */
function timesOf(line: Line, { latestMs }: ReadContext): Omit<SavedOwnership, 'key' | 'names' | 'owner'> {
  const get = (name: string) => member(line, name);
  const end = get('end');
  const hasEnded = end !== undefined;
  // A time of a node's clock proves nothing beyond the function's.
  const nodeTime = (value: unknown) => Math.min(time(value), latestMs + MAX_NODE_SKEW_MS);
  const released = get('released');
  return {
    ips: list(get('ips'), MAX_IPS, address),
    ownsIps: flag(get('owns'), true),
    startMs: time(get('start')),
    startIsCertain: flag(get('certain'), true),
    lastSeenMs: get('seen') === undefined ? Number.NEGATIVE_INFINITY : pastTime(get('seen'), latestMs),
    hasEnded,
    endIsKnown: hasEnded && flag(get('known'), false),
    endMs: hasEnded ? nodeTime(end) : Number.NEGATIVE_INFINITY,
    releasedByMs: released === undefined ? Number.POSITIVE_INFINITY : time(released),
  };
}
