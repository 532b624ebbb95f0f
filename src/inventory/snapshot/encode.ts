// Writes a snapshot: gzipped lines of JSON, so that neither writer nor reader needs the whole document at once.
//   {"is":"cluster","schema":1,"arn":"arn:aws:eks:...","endpoint":"https://...","pods":{"synced":1772366400000,"version":"812"}}
//   {"is":"pod","uid":"6c1f...","namespace":"shop","name":"cart-0","node":"node-a","ips":["10.0.1.7"],"start":1772360000000}
//   {"is":"end","lines":2}
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Pod } from '../../core/model/directory.ts';
import type { SavedInstance } from '../ec2/instance-index.ts';
import type { SavedOwnership, SavedTable } from '../ip-ownership/saved.ts';
import { NO_ATTRIBUTES } from '../kubernetes/enrichment.ts';
import type { SyncPosition } from '../kubernetes/sync.ts';
import { SCHEMA_VERSION, SNAPSHOT_LIMITS, type Snapshot } from './snapshot.ts';
import { type Line, valuesIn } from './values.ts';

const deflate = promisify(gzip);

/** JSON has no infinity. Undefined members are not written. */
const timeOf = (ms: number): number | string => (Number.isFinite(ms) ? ms : ms > 0 ? 'inf' : '-inf');
const unless = <T>(value: T, usual: T): T | undefined => (value === usual ? undefined : value);

/**
 * The bytes of a snapshot. Where there are too many, the owners that ended first are left out. Rejects when it is too
 * large without them.
 */
export async function encodeSnapshot(
  snapshot: Snapshot,
  limits: Readonly<Record<keyof typeof SNAPSHOT_LIMITS, number>> = SNAPSHOT_LIMITS,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let lines = 0;
  let bytes = 0;
  let values = 0;
  /** False when there is no more room. A line that nobody would read is left out. */
  const put = (line: Line): boolean => {
    const text = Buffer.from(`${JSON.stringify(line)}\n`);
    if (text.length > limits.lineBytes) return true;
    if (bytes + text.length > limits.inflatedBytes - limits.lineBytes) return false;
    values += valuesIn(line);
    if (lines >= limits.lines || values > limits.values) return false;
    chunks.push(text);
    bytes += text.length;
    lines += 1;
    return true;
  };
  const { pods, nodes, health } = snapshot.tables;
  const hasNamespaces = snapshot.namespaces !== undefined;
  const required = [
    headOf(snapshot),
    ...health.states.map(([node, { uid, unreachableSinceMs }]) => ({
      is: 'state',
      node,
      uid,
      unreachable: unreachableSinceMs,
    })),
    ...health.leases.map(({ nodeName, nodeUid, renewedMs }) => ({
      is: 'lease',
      node: nodeName,
      uid: nodeUid,
      renewed: renewedMs,
    })),
    ...pods.lives.map(([node, lives]) => ({
      is: 'life',
      node,
      lives: lives.map((life) => [life.provedUntilMs, life.startedByMs, life.firstStartMs].map(timeOf)),
    })),
    ...(snapshot.namespaces?.entries ?? []).map(([name, attributes, isDeleted]) => ({
      is: 'namespace',
      name,
      attributes,
      deleted: unless(isDeleted, false),
    })),
    ...snapshot.instances.map(instanceLine),
  ];
  const living = [...ownersOf(pods, false), ...ownersOf(nodes, false)];
  const line = (ownership: SavedOwnership) => ownerLine(ownership, hasNamespaces);
  if (!required.every(put) || !living.every((each) => put(line(each)))) {
    throw new Error('the cluster has more than a snapshot holds');
  }
  // The latest first, so that the earliest are missing. The reader restores the order.
  const ended = [...ownersOf(pods, true), ...ownersOf(nodes, true)].sort((a, b) => b.endMs - a.endMs);
  ended.every((each) => put(line(each)));
  chunks.push(Buffer.from(`${JSON.stringify({ is: 'end', lines })}\n`));
  // Level 1: half the time of the default, a tenth more bytes.
  const stored = await deflate(Buffer.concat(chunks), { level: 1 });
  if (stored.length > limits.storedBytes) {
    throw new Error(`the snapshot has more than ${limits.storedBytes} bytes`);
  }
  return stored;
}

const ownersOf = (table: SavedTable | undefined, haveEnded: boolean): readonly SavedOwnership[] =>
  table?.ownerships.filter(({ hasEnded }) => hasEnded === haveEnded) ?? [];

function headOf({ identity, tables, positions, namespaces }: Snapshot): Line {
  const part = (syncedMs: number | undefined, position: SyncPosition | undefined) =>
    syncedMs === undefined || position === undefined
      ? undefined
      : { synced: syncedMs, version: position.version, reached: timeOf(position.reachedMs) };
  return {
    is: 'cluster',
    schema: SCHEMA_VERSION,
    ...identity,
    pods: part(tables.pods.syncedMs, positions.pods),
    nodes: part(tables.nodes?.syncedMs, positions.nodes),
    namespaces: part(namespaces?.syncedMs, positions.namespaces),
    leases: { listed: timeOf(tables.health.leasesMs), forbidden: unless(tables.health.isForbidden, false) },
  };
}

/** The line of a pod or node. A pod with too much metadata is written without it. */
function ownerLine(ownership: SavedOwnership, hasNamespaces: boolean): Line {
  const { owner, hasEnded } = ownership;
  const times = {
    ips: ownership.ips,
    owns: unless(ownership.ownsIps, true),
    start: timeOf(ownership.startMs),
    certain: unless(ownership.startIsCertain, true),
    seen: unless(timeOf(ownership.lastSeenMs), '-inf'),
    ...(hasEnded
      ? {
          end: timeOf(ownership.endMs),
          known: unless(ownership.endIsKnown, false),
          released: unless(timeOf(ownership.releasedByMs), 'inf'),
        }
      : {}),
  };
  if (owner.kind === 'node') {
    const { name, instanceId } = owner.node;
    return { is: 'node', uid: ownership.key, name, instance: instanceId, ...times };
  }
  const { pod } = owner;
  const line = {
    is: 'pod',
    uid: ownership.key,
    namespace: pod.namespace,
    name: pod.name,
    node: pod.nodeName,
    host: unless(pod.isHostNetwork, false),
    dns: unless(pod.isCoreDns, false),
    cut: unless(pod.isMetadataCut, false),
    ...times,
  };
  const metadata = metadataOf(pod, hasNamespaces && !hasEnded);
  const size = JSON.stringify(metadata).length * 3;
  return size > SNAPSHOT_LIMITS.lineBytes / 2 ? { ...line, cut: true } : { ...line, ...metadata };
}

/** Attributes that pods share with their namespace are not repeated for each of them. */
const metadataOf = (pod: Pod, hasNamespaceAttributes: boolean) => ({
  workload: pod.workload && [pod.workload.kind, pod.workload.name],
  labels: pod.labels.length === 0 ? undefined : pod.labels,
  annotations: pod.annotations.length === 0 ? undefined : pod.annotations,
  dynatrace: hasNamespaceAttributes || pod.dynatrace === NO_ATTRIBUTES ? undefined : pod.dynatrace,
});

const instanceLine = ({ instance, keys, requestMs }: SavedInstance): Line => ({
  is: 'instance',
  ...instance,
  keys,
  request: requestMs,
});
