// What the clusters of one account may take of the memory that all told clusters share.
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createClusterTables } from '../../src/inventory/ip-ownership/index.ts';
import type { ReadSnapshot } from '../../src/inventory/snapshot/snapshot.ts';
import type { ClusterMemory } from '../../src/inventory/state/memory.ts';
import { snapshotKeys } from '../../src/inventory/state/snapshot-keys.ts';
import type { StateStore } from '../../src/inventory/state/store.ts';
import { createToldClusters } from '../../src/inventory/state/told-clusters.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { observedPod, SHOP, second } from '../support/observations.ts';

const GREEDY = '111111111111';
const MODEST = '222222222222';
const SETTINGS = { ...DEFAULT_SETTINGS, statePrefix: 'dns/' };
const keyOf = (accountId: string, name: string) => `dns/${accountId}/eu-west-1/${name}.v1.gz`;

const storeOf = (keys: readonly string[]): StateStore => ({
  list: async () => ({ keys, isComplete: true }),
  folders: async () => [],
  read: async () => ({ kind: 'missing' }),
  write: async () => ({ kind: 'lost' }),
  disconnect: () => undefined,
});

/** A snapshot with this number of pods, and by default a byte of text for each. */
function snapshotOf(pods: number, textBytes = pods): ReadSnapshot {
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
    textBytes,
  };
}

/** Names of the clusters with their number of pods, after every account has been asked. */
async function told(
  keys: readonly string[],
  podsOf: (key: string) => number,
  more: {
    readonly textBytesOf?: (key: string) => number;
    /** Resolves when the store has answered for a key. */
    readonly answered?: (key: string) => Promise<unknown>;
  } = {},
) {
  const memory = (): ClusterMemory => ({
    begin: () => undefined,
    recall: async ({ key, turn }) => {
      await more.answered?.(key);
      await turn;
      return snapshotOf(podsOf(key), more.textBytesOf?.(key) ?? 1);
    },
    storedMs: () => undefined,
    keep: async () => undefined,
    isOld: () => false,
    health: () => ({ ageMs: 0, errors: 0, lastError: undefined }),
  });
  const limits = { clusters: 6, owners: 20, textBytes: 100 };
  const clusters = createToldClusters(storeOf(keys), memory, SETTINGS, createManualClock(), limits);
  await clusters.refresh(second(2), new Set(), new AbortController().signal);
  const found = clusters.all().map(({ tables }) => [tables.cluster.accountId, tables.pods.size()]);
  return { found, health: clusters.health(second(2)) };
}

it('one account has at most half of the clusters', async () => {
  const many = Array.from({ length: 9 }, (_, i) => keyOf(GREEDY, `c-${i}`));
  const { found } = await told([...many, keyOf(MODEST, 'shop')], () => 1);
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
  expect((await told(keys, podsOf)).found).toEqual([
    [GREEDY, 3],
    [GREEDY, 0],
    [GREEDY, 3],
    [MODEST, 10],
  ]);
});

describe('the text of all snapshots has a limit', () => {
  const OTHER = '333333333333';
  const keys = [keyOf(GREEDY, 'a'), keyOf(GREEDY, 'b'), keyOf(MODEST, 'shop'), keyOf(OTHER, 'web')];
  const bytes: Readonly<Record<string, number>> = { a: 30, b: 30, shop: 45, web: 40 };
  const textBytesOf = (key: string) => bytes[/(\w+)\.v1\.gz$/.exec(key)?.[1] ?? ''] ?? 0;
  // `b` exceeds the half of its account, `web` the whole.
  const EXPECTED = [
    [GREEDY, 1],
    [GREEDY, 0],
    [MODEST, 1],
    [OTHER, 0],
  ];

  it('of which an account has half; what is beyond is refused, counted and said', async () => {
    const { found, health } = await told(keys, () => 1, { textBytesOf });
    expect(found).toEqual(EXPECTED);
    expect(health.map(({ lastError, state }) => [lastError, state?.errors])).toEqual([
      [undefined, 0],
      ['more text than the directory holds', 1],
      [undefined, 0],
      ['more text than the directory holds', 1],
    ]);
  });

  it('in the order of the keys, whichever answer comes first', async () => {
    let open = () => {};
    const last = new Promise<void>((resolve) => {
      open = resolve;
    });
    const answered = async (key: string) => (key.includes('web') ? open() : last);
    expect((await told(keys, () => 1, { textBytesOf, answered })).found).toEqual(EXPECTED);
  });
});

describe('a folder with more keys than a page', () => {
  const THIRD = '333333333333';
  const JUNK = Array.from({ length: 5000 }, (_, i) => `dns/${GREEDY}/eu-west-1/junk-${i}`);
  const ALL = [...JUNK, keyOf(GREEDY, 'own'), keyOf(MODEST, 'shop'), keyOf(THIRD, 'web')];

  it('does not keep the snapshots of other accounts from being found, nor costs many requests', async () => {
    const lists: string[] = [];
    const store: StateStore = {
      ...storeOf([]),
      list: async (prefix) => {
        lists.push(prefix);
        const keys = ALL.filter((key) => key.startsWith(prefix)).sort();
        return { keys: keys.slice(0, 1000), isComplete: keys.length <= 1000 };
      },
      folders: async (prefix) => {
        lists.push(`${prefix}*`);
        return [`${prefix}x/`, ...[GREEDY, MODEST, THIRD].map((accountId) => `${prefix}${accountId}/`)];
      },
    };
    const keys = await snapshotKeys(store, 'dns/', new AbortController().signal);
    expect(keys).toEqual(expect.arrayContaining([keyOf(MODEST, 'shop'), keyOf(THIRD, 'web')]));
    const folders = [GREEDY, MODEST, THIRD].map((accountId) => `dns/${accountId}/`);
    expect(lists).toEqual(['dns/', 'dns/*', ...folders]);
  });

  it('is the only case that costs more than one request, and of many accounts only the first are listed', async () => {
    let lists = 0;
    const accounts = Array.from({ length: 300 }, (_, i) => `dns/${String(100_000_000_000 + i)}/`);
    const store = (isComplete: boolean): StateStore => ({
      ...storeOf([]),
      list: async () => {
        lists += 1;
        return { keys: [], isComplete };
      },
      folders: async () => accounts,
    });
    const { signal } = new AbortController();
    await snapshotKeys(store(true), 'dns/', signal);
    expect(lists).toBe(1);
    await snapshotKeys(store(false), 'dns/', signal);
    expect(lists).toBe(1 + 1 + 50);
  });
});
