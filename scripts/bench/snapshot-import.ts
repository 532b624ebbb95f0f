// CPU time of a copy that writes, reads and takes over the snapshot of a large cluster.
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createClusterTables } from '../../src/inventory/ip-ownership/index.ts';
import { readNode, readPod } from '../../src/inventory/kubernetes/objects.ts';
import { decodeSnapshot } from '../../src/inventory/snapshot/decode.ts';
import { encodeSnapshot } from '../../src/inventory/snapshot/encode.ts';
import type { Snapshot } from '../../src/inventory/snapshot/snapshot.ts';
import { createLargeCluster } from './large-cluster.ts';
import { cpuMs, median } from './setup.ts';

const ROUNDS = 9;

/** CPU ms, medians. */
export type ImportFigures = {
  readonly pods: number;
  readonly encodeMs: number;
  readonly decodeMs: number;
  /** Taking it over in a copy that knows the cluster. */
  readonly takeOverMs: number;
  /** Reading one that is of no use. */
  readonly skipMs: number;
};

const CLUSTER = {
  name: 'shop',
  uid: 'uid-shop',
  arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/shop',
  vpcId: 'vpc-1',
  region: 'eu-west-1',
  accountId: '111122223333',
};

/** Measures a snapshot of `pods` pods. */
export async function measureSnapshotImport(pods: number): Promise<ImportFigures> {
  const nowMs = Date.now();
  const tables = loadedTables(pods, nowMs);
  const times = {
    encode: [] as number[],
    decode: [] as number[],
    takeOver: [] as number[],
    skip: [] as number[],
  };
  const timed = async <T>(into: number[], work: () => T | Promise<T>): Promise<T> => {
    const startMs = cpuMs();
    const result = await work();
    into.push(cpuMs() - startMs);
    return result;
  };
  const warm = loadedTables(pods, nowMs);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const momentMs = nowMs + round * 1000;
    tables.pods.syncedTo(momentMs);
    const snapshot = snapshotOf(tables);
    const stored = await timed(times.encode, () => encodeSnapshot(snapshot));
    const decode = (sinceMs?: number) =>
      decodeSnapshot(stored, {
        cluster: CLUSTER,
        podLabels: new Set(),
        podAnnotations: new Set(),
        nowMs: nowMs + 60_000,
        check: () => undefined,
        ...(sinceMs === undefined ? {} : { sinceMs }),
      });
    await timed(times.skip, () => decode(momentMs));
    const decoded = await timed(times.decode, () => decode());
    if (!decoded.ok) throw new Error(decoded.fault);
    await timed(times.takeOver, () => warm.restore(decoded.snapshot.tables));
  }
  return {
    pods,
    encodeMs: median(times.encode),
    decodeMs: median(times.decode),
    takeOverMs: median(times.takeOver),
    skipMs: median(times.skip),
  };
}

function snapshotOf(tables: ReturnType<typeof createClusterTables>): Snapshot {
  const saved = tables.save();
  if (saved === undefined) throw new Error('not synced');
  const position = { version: '1000', reachedMs: saved.pods.syncedMs };
  return {
    identity: { ...CLUSTER, endpoint: 'https://bench', caDigest: 'c0ffee', selection: '0123456789abcdef' },
    tables: saved,
    positions: { pods: position, nodes: position, namespaces: undefined },
    namespaces: undefined,
    instances: [],
  };
}

function loadedTables(pods: number, nowMs: number) {
  const tables = createClusterTables(CLUSTER);
  const { pod, node, nodes } = createLargeCluster(pods, nowMs);
  for (let n = 0; n < nodes; n += 1) {
    const observation = readNode(node(n), false, CLUSTER);
    if (observation !== undefined) tables.nodes.observe(observation, nowMs);
  }
  tables.nodes.syncedTo(nowMs);
  for (let n = 0; n < pods; n += 1) {
    const observed = [readPod(pod(n), false, CLUSTER, DEFAULT_SETTINGS) ?? []].flat();
    for (const observation of observed) tables.pods.observe(observation, nowMs);
  }
  tables.pods.syncedTo(nowMs);
  tables.apply();
  return tables;
}
