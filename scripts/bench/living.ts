// A cluster that lives: before every batch some of its pods are replaced, and the directory has caught up with it.
// What the network takes is measured elsewhere (`directory.ts`); here it is what the batch itself pays for the change.

import type { DirectorySource } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { derivedKeys } from '../../src/inventory/ec2/keys.ts';
import { parseDirectoryFile } from '../../src/inventory/file.ts';
import { createClusterTables } from '../../src/inventory/ip-ownership/index.ts';
import type { Observation } from '../../src/inventory/ip-ownership/interval.ts';
import { readNode, readPod } from '../../src/inventory/kubernetes/objects.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import { nodeObject, podObject } from '../../test/support/kubernetes-objects.ts';
import { createInventory, START_MS } from './batches.ts';

/** Every so many pods, one is new in a batch. */
const NEW_IN = 200;

// A pod is gone for longer than its address must not be given to another one (30 s), and starts well before it asks.
const GONE_MS = 45_000;
const READY_MS = 5000;

/** The directory of a cluster of `pods` pods, which has seen all of `batchMs` when it is asked about a batch of them. */
export function createLivingDirectory(pods: number, batchMs: number): DirectorySource {
  const inventory = createInventory(pods);
  const file = parseDirectoryFile({ ...inventory, pods: [], nodes: [] }, DEFAULT_SETTINGS);
  const [first] = file.ok ? file.clusters : [];
  if (!file.ok || first === undefined) throw new Error('the inventory cannot be read');
  const tables = createClusterTables(first.cluster);
  const directory = createOwnerIndex([tables], file.instances);

  const incarnations = inventory.pods.map(() => 0);
  const factsOf = (index: number, startMs: number, isDeleted = false): Observation[] => {
    const pod = inventory.pods[index];
    if (pod === undefined) return [];
    const life = { acceptedMs: startMs, readyMs: startMs, startedMs: startMs };
    const made = { ...pod, uid: `${pod.uid}-${incarnations[index]}`, ...life };
    return [readPod(podObject(made), isDeleted, tables.cluster, DEFAULT_SETTINGS) ?? []].flat();
  };
  for (const { name, ips, instanceId } of inventory.nodes) {
    const facts = readNode(nodeObject(name, ips[0] ?? '', instanceId), false, tables.cluster);
    if (facts !== undefined) tables.nodes.observe(facts, START_MS);
  }
  for (const index of inventory.pods.keys()) {
    for (const facts of factsOf(index, START_MS - 3_600_000)) tables.pods.observe(facts, START_MS);
  }

  /** Replaces one pod in `NEW_IN`, others each time. */
  const live = (batch: number): void => {
    const startMs = START_MS + batch * batchMs;
    for (let index = batch % NEW_IN; index < pods; index += NEW_IN) {
      for (const facts of factsOf(index, startMs - 3_600_000, true))
        tables.pods.remove(facts, startMs - GONE_MS);
      incarnations[index] = batch + 1;
      for (const facts of factsOf(index, startMs - READY_MS)) tables.pods.observe(facts, undefined);
    }
    tables.pods.syncedTo(startMs + batchMs);
    tables.nodes.syncedTo(startMs + batchMs);
  };

  let batch = 0;
  return {
    begin: () => ({
      health: () => [],
      lookup: async (keys) => {
        live(batch++);
        derivedKeys(keys, directory, [tables]);
        return directory;
      },
    }),
  };
}
