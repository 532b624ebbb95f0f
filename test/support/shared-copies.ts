// Copies of the function that follow one cluster and share a store, in simulated time and without sockets.
import type { Directory } from '../../src/core/model/directory.ts';
import type { DirectoryTask, SourceHealth } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import { createInstanceIndex } from '../../src/inventory/ec2/instance-index.ts';
import type { KubernetesApi } from '../../src/inventory/kubernetes/api.ts';
import { createClusterSource } from '../../src/inventory/kubernetes/index.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import { createClusterMemory } from '../../src/inventory/state/memory.ts';
import type { StateStore } from '../../src/inventory/state/store.ts';
import { createManualClock } from './manual-clock.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';
const arnOf = (accountId: string) => `arn:aws:eks:${REGION}:${accountId}:cluster/prod`;

/** What a store does with a request: the default is to carry it out. */
export type StoreMood = 'down' | 'stale' | 'lost' | 'unsure' | undefined;

/** A store in memory. `mood` is asked for each request. */
export function createMemoryStore(mood: () => StoreMood = () => undefined) {
  /** The last two versions of each object. */
  const objects = new Map<string, readonly { readonly body: Buffer; readonly etag: string }[]>();
  let lastKey = '';
  const counts = { reads: 0, bodies: 0, writes: 0, lost: 0 };
  const fault = () => new Error('the store is down');
  const store: StateStore = {
    read: async (key, etag) => {
      const versions = objects.get(key) ?? [];
      counts.reads += 1;
      const now = mood();
      if (now === 'down') throw fault();
      // An old version: the store is consistent, but the answer may have been on its way for long.
      const found = now === 'stale' ? (versions.at(-2) ?? versions.at(-1)) : versions.at(-1);
      if (found === undefined) return { kind: 'missing' };
      if (found.etag === etag) return { kind: 'unchanged' };
      counts.bodies += 1;
      return { kind: 'found', ...found };
    },
    write: async (key, body, etag) => {
      const versions = objects.get(key) ?? [];
      const now = mood();
      if (now === 'down' || now === 'lost') throw fault();
      if (versions.at(-1)?.etag !== etag) {
        counts.lost += 1;
        return { kind: 'lost' };
      }
      counts.writes += 1;
      const written = { body, etag: `v${counts.writes}` };
      objects.set(key, [...versions.slice(-1), written]);
      lastKey = key;
      // It has arrived, but its answer has not.
      if (now === 'unsure') throw fault();
      return { kind: 'written', etag: written.etag };
    },
    list: async (prefix) => {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix));
      return { keys, isComplete: true };
    },
    folders: async () => [],
    disconnect: () => {},
  };
  return { store, counts, bytes: () => objects.get(lastKey)?.at(-1)?.body.length ?? 0 };
}

/** A copy of the function. */
export type Copy = {
  readonly directory: Directory;
  readonly invoke: (atMs: number, task?: DirectoryTask) => Promise<SourceHealth>;
};

/** A new copy; `api` gives the API at a time, and `store` is undefined for a copy without shared memory. */
export function createCopy(
  api: (atMs: number) => KubernetesApi,
  store: StateStore | undefined,
  random: () => number,
  settings: Partial<Settings> = {},
  onDescribe: () => void = () => {},
  accountId = ACCOUNT,
): Copy {
  const arn = arnOf(accountId);
  let nowMs = 0;
  const current: KubernetesApi = {
    get: async (...args) => api(nowMs).get(...args),
    list: async (...args) => api(nowMs).list(...args),
    watch: async (...args) => api(nowMs).watch(...args),
  };
  const source = createClusterSource(
    { id: arn, name: 'prod', arn, accountId, region: REGION, roleArn: undefined },
    { ...DEFAULT_SETTINGS, region: REGION, stateBucket: 'state', ...settings },
    undefined,
    store && {
      memory: createClusterMemory(store, createManualClock(), random),
      instances: { save: () => [], restore: () => {} },
    },
    {
      describe: async () => {
        onDescribe();
        return {
          endpoint: 'https://bench',
          ca: 'ca',
          arn,
          vpcId: 'vpc-1',
          region: REGION,
          accountId,
          credentials: async () => ({ accessKeyId: 'a', secretAccessKey: 's' }),
        };
      },
      connect: () => ({ ...current, disconnect: () => {} }),
    },
  );
  return {
    directory: createOwnerIndex([source.tables], createInstanceIndex()),
    invoke: async (atMs, task = 'batch') => {
      nowMs = atMs;
      const { signal } = new AbortController();
      await source.refresh(() => nowMs, signal, { task, ownAccountId: accountId });
      await source.keep(signal);
      return source.health(nowMs);
    },
  };
}
