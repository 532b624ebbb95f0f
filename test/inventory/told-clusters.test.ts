// What the clusters of one account may take of the memory that all told clusters share.
import { expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createClusterTables } from '../../src/inventory/ip-ownership/index.ts';
import type { Snapshot } from '../../src/inventory/snapshot/snapshot.ts';
import type { ClusterMemory } from '../../src/inventory/state/memory.ts';
import type { StateStore } from '../../src/inventory/state/store.ts';
import { createToldClusters } from '../../src/inventory/state/told-clusters.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { observedPod, SHOP, second } from '../support/observations.ts';

const GREEDY = '111111111111';
const MODEST = '222222222222';
const SETTINGS = { ...DEFAULT_SETTINGS, statePrefix: 'dns/' };
const keyOf = (accountId: string, name: string) => `dns/${accountId}/eu-west-1/${name}.v1.gz`;

const storeOf = (keys: readonly string[]): StateStore => ({
  list: async () => keys,
  read: async () => ({ kind: 'missing' }),
  write: async () => ({ kind: 'lost' }),
  disconnect: () => undefined,
});

/** A snapshot with this number of pods. */
function snapshotOf(pods: number): Snapshot {
  const tables = createClusterTables(SHOP);
  for (let i = 0; i < pods; i++) tables.pods.observe(observedPod(`p-${i}`), second(1));
  tables.pods.syncedTo(second(1));
  const saved = tables.save();
  if (saved === undefined) throw new Error('not synced');
  return {
    identity: { arn: 'arn', endpoint: 'e', caDigest: 'c', uid: undefined, vpcId: undefined, selection: 's' },
    tables: saved,
    positions: { pods: { version: '1', reachedMs: 0 }, nodes: undefined, namespaces: undefined },
    namespaces: undefined,
    instances: [],
  };
}

/** Names of the clusters with their number of pods, after every account has been asked. */
async function told(keys: readonly string[], podsOf: (key: string) => number) {
  const memory = (): ClusterMemory => ({
    begin: () => undefined,
    recall: async ({ key }) => snapshotOf(podsOf(key)),
    storedMs: () => undefined,
    keep: async () => undefined,
    isOld: () => false,
    health: () => ({ ageMs: 0, errors: 0, lastError: undefined }),
  });
  const limits = { clusters: 6, owners: 20 };
  const clusters = createToldClusters(storeOf(keys), memory, SETTINGS, createManualClock(), limits);
  await clusters.refresh(second(2), new Set(), new AbortController().signal);
  return clusters.all().map(({ tables }) => [tables.cluster.accountId, tables.pods.size()]);
}

it('one account has at most half of the clusters', async () => {
  const many = Array.from({ length: 9 }, (_, i) => keyOf(GREEDY, `c-${i}`));
  const found = await told([...many, keyOf(MODEST, 'shop')], () => 1);
  expect(found).toEqual([
    [GREEDY, 1],
    [GREEDY, 1],
    [GREEDY, 1],
    [MODEST, 1],
  ]);
});

it('one account has at most half of the owners', async () => {
  const keys = [keyOf(GREEDY, 'a'), keyOf(GREEDY, 'b'), keyOf(GREEDY, 'c'), keyOf(MODEST, 'shop')];
  const podsOf = (key: string) => (key.includes(MODEST) || key.includes('/b') ? 10 : 3);
  expect(await told(keys, podsOf)).toEqual([
    [GREEDY, 3],
    [GREEDY, 0],
    [GREEDY, 3],
    [MODEST, 10],
  ]);
});
