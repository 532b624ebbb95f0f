import { describe, expect, it } from '@jest/globals';
import { createIpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { apiFault, type KubernetesApi, type WatchEvent } from '../../../src/inventory/kubernetes/api.ts';
import { createSync } from '../../../src/inventory/kubernetes/sync.ts';

const NOW = 1_000_000_000;
const HOUR = 3_600_000;
const { signal } = new AbortController();

/** A scripted watch: the versions of its events, then its end after a time without events, or a fault. */
type ScriptedWatch = {
  readonly versions?: readonly (number | string)[];
  /** Time before its first event. */
  readonly delayMs?: number;
  readonly idleMs?: number;
  readonly fault?: Error;
};

/** A synchronisation with an API without pods: the versions of its lists, and its watches in order. */
function script(heads: readonly string[], watches: readonly ScriptedWatch[]) {
  let nowMs = NOW;
  const requests: string[] = [];
  const remaining = { heads: [...heads], watches: [...watches] };
  const api: KubernetesApi = {
    get: async (path) => {
      requests.push(path);
      return { metadata: { resourceVersion: remaining.heads.shift() ?? heads.at(-1) }, items: null };
    },
    watch: async (path, onEvent) => {
      requests.push(path);
      const { versions = [], delayMs = 0, idleMs = 0, fault } = remaining.watches.shift() ?? {};
      nowMs += delayMs;
      for (const version of versions) {
        const object = { metadata: { resourceVersion: String(version) } };
        if (!onEvent({ type: 'ADDED', object } satisfies WatchEvent)) return false;
      }
      if (fault) throw fault;
      nowMs += idleMs;
      return true;
    },
  };
  const table = createIpOwnershipTable();
  const sync = createSync({ path: '/pods', table, read: () => undefined });
  return {
    table,
    requests,
    run: async (atMs: number) => {
      nowMs = atMs;
      await sync.run(api, () => nowMs, signal);
    },
  };
}

const watchesIn = (requests: readonly string[]) => requests.filter((path) => path.includes('watch=1'));

describe('catching up', () => {
  it('needs no watch when nothing changed in the whole cluster', async () => {
    const { table, requests, run } = script(['10'], []);
    await run(NOW);
    await run(NOW + HOUR);
    expect(watchesIn(requests)).toEqual([]);
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it('ends as soon as an event reaches the version of the list', async () => {
    const { table, requests, run } = script(
      ['10', '20', '30'],
      [{ versions: [12, 20, 21] }, { versions: [30] }],
    );
    await run(NOW);
    await run(NOW + HOUR);
    await run(NOW + 2 * HOUR);
    expect(watchesIn(requests).map((path) => path.replace(/.*Version=/, ''))).toEqual(['10', '20']);
    expect(table.syncedMs()).toBe(NOW + 2 * HOUR);
  });

  it('continues after a watch that ended amid events, until one ends idle', async () => {
    const { table, requests, run } = script(
      ['10', '99'],
      [{ versions: [11] }, { versions: [12], idleMs: 900 }],
    );
    await run(NOW);
    await run(NOW + HOUR);
    expect(watchesIn(requests).map((path) => path.replace(/.*Version=/, ''))).toEqual(['10', '11']);
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it.each([
    [199, 2],
    [200, 1],
  ])('counts a watch that was idle for %d ms: %d watches', async (idleMs, watches) => {
    const { requests, run } = script(['10', '99'], [{ idleMs }, { idleMs: 900 }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(watchesIn(requests)).toHaveLength(watches);
  });

  it('counts the idle time of a watch from its last event', async () => {
    const { requests, run } = script(['10', '99'], [{ versions: [11], delayMs: 900 }, { idleMs: 900 }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(watchesIn(requests)).toHaveLength(2);
  });

  it.each([
    ['9', '10', 1],
    ['10', '9', 0],
    ['9', '8', 0],
    [`2${'0'.repeat(19)}`, '1', 1],
    ['9'.repeat(19), `${'0'.repeat(19)}1`, 1],
    ['9'.repeat(19), `1${'0'.repeat(18)}`, 0],
    [`2${'0'.repeat(19)}`, `1${'0'.repeat(19)}`, 1],
    ['2', `1${'0'.repeat(19)}`, 1],
    ['x2', '1', 1],
    ['2', 'x1', 1],
    ['same', 'same', 0],
  ])('from version %s to %s takes %d watches', async (from, to, watches) => {
    const { requests, run } = script([from, to], [{ idleMs: 900 }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(watchesIn(requests)).toHaveLength(watches);
  });

  it('relies on an idle watch where versions are not numbers', async () => {
    const { table, run } = script(['a', 'z'], [{ versions: ['b'] }, { idleMs: 900 }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it('leaves the table as it was when it does not catch up', async () => {
    const { table, requests, run } = script(['10', '99'], []);
    await run(NOW);
    await expect(run(NOW + HOUR)).rejects.toThrow('did not catch up');
    expect(watchesIn(requests)).toHaveLength(20);
    expect(table.syncedMs()).toBe(NOW);
  });

  it.each([
    ['in the response', { fault: apiFault(410, 'too old') }],
    ['in the stream', { versions: [11], fault: apiFault(410, 'too old') }],
  ])('lists again when the version has expired: %s', async (_, watch) => {
    const { table, requests, run } = script(['10', '20', '30'], [watch]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(requests.at(-1)).toBe('/pods?limit=500');
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it('rejects with any other fault and resumes from there', async () => {
    const { requests, run } = script(
      ['10', '20'],
      [{ versions: [15], fault: apiFault(500, 'etcd') }, { versions: [20] }],
    );
    await run(NOW);
    await expect(run(NOW + HOUR)).rejects.toMatchObject({ status: 500 });
    await run(NOW + 2 * HOUR);
    expect(watchesIn(requests).at(-1)).toContain('resourceVersion=15');
  });
});
