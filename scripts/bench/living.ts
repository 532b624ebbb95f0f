// A changing cluster: before every batch some of its pods are replaced, and the directory is in sync. Measures the cost
// of the changes within a batch; `directory.ts` measures the cost of the network.
import type { DirectorySource } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { derivedKeys } from '../../src/inventory/ec2/keys.ts';
import { parseDirectoryFile } from '../../src/inventory/file.ts';
import { createClusterTables } from '../../src/inventory/ip-ownership/index.ts';
import type { Observation } from '../../src/inventory/ip-ownership/interval.ts';
import { readNode, readPod } from '../../src/inventory/kubernetes/objects.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import { nodeObject, podObject } from '../../test/support/kubernetes-objects.ts';
import { START_MS } from './batches.ts';
import { createInventory } from './bench-cluster.ts';

/** One of this many pods is replaced before a batch. */
const REPLACED_ONE_IN = 200;

// The old pod ends long enough before that its address is free again (30 s); the new one starts well before its first
// query.
const GONE_MS = 45_000;
const READY_MS = 5000;

/** The directory of a cluster of `pods` pods, in sync up to the end of the batch; a batch covers `batchMs`. */
export function createLivingDirectory(pods: number, batchMs: number): DirectorySource {
  const inventory = createInventory(pods);
  const file = parseDirectoryFile({ ...inventory, pods: [], nodes: [] }, DEFAULT_SETTINGS);
  const [first] = file.ok ? file.clusters : [];
  if (!file.ok || first === undefined) throw new Error('the inventory is invalid');
  const tables = createClusterTables(first.cluster);
  const directory = createOwnerIndex([tables], file.instances);

  const incarnations = inventory.pods.map(() => 0);
  const observationsOf = (index: number, startMs: number, isDeleted = false): Observation[] => {
    const pod = inventory.pods[index];
    if (pod === undefined) return [];
    const life = { acceptedMs: startMs, readyMs: startMs, startedMs: startMs };
    const made = { ...pod, uid: `${pod.uid}-${incarnations[index]}`, ...life };
    return [readPod(podObject(made), isDeleted, tables.cluster, DEFAULT_SETTINGS) ?? []].flat();
  };
  for (const { name, ips, instanceId } of inventory.nodes) {
    const observation = readNode(nodeObject(name, ips[0] ?? '', instanceId), false, tables.cluster);
    if (observation !== undefined) tables.nodes.observe(observation, START_MS);
  }
  for (const index of inventory.pods.keys()) {
    for (const observation of observationsOf(index, START_MS - 3_600_000))
      tables.pods.observe(observation, START_MS);
  }

  /** Replaces one of `REPLACED_ONE_IN` pods, different ones each time. */
  const replacePods = (batch: number): void => {
    const startMs = START_MS + batch * batchMs;
    for (let index = batch % REPLACED_ONE_IN; index < pods; index += REPLACED_ONE_IN) {
      for (const observation of observationsOf(index, startMs - 3_600_000, true))
        tables.pods.remove(observation, startMs - GONE_MS);
      incarnations[index] = batch + 1;
      for (const observation of observationsOf(index, startMs - READY_MS))
        tables.pods.observe(observation, undefined);
    }
    tables.pods.syncedTo(startMs + batchMs);
    tables.nodes.syncedTo(startMs + batchMs);
  };

  let batch = 0;
  return {
    begin: () => ({
      health: () => [],
      lookup: async (keys) => {
        replacePods(batch++);
        derivedKeys(keys, directory, [tables]);
        return directory;
      },
    }),
  };
}
