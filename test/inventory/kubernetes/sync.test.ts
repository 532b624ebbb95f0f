import { describe, expect, it } from '@jest/globals';
import { createIpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { apiFault, type KubernetesApi, type WatchEvent } from '../../../src/inventory/kubernetes/api.ts';
import { WHOLE } from '../../../src/inventory/kubernetes/shape.ts';
import { createSync } from '../../../src/inventory/kubernetes/sync.ts';

const NOW = 1_000_000_000;
const HOUR = 3_600_000;
const { signal } = new AbortController();

/** A scripted watch: the versions of its events, a bookmark, then its end after a time without events, or a fault. */
type ScriptedWatch = {
  readonly versions?: readonly (number | string)[];
  /** Creation of the objects of its events. */
  readonly createdMs?: number;
  /** The version of a bookmark behind its events. */
  readonly bookmark?: number;
  readonly idleMs?: number;
  readonly fault?: Error;
};

/** A synchronisation with an API without pods: the versions of its lists, and its watches in order. */
function script(heads: readonly string[], watches: readonly ScriptedWatch[]) {
  let nowMs = NOW;
  const requests: string[] = [];
  const remaining = { heads: [...heads], watches: [...watches] };
  const api: KubernetesApi = {
    get: async () => undefined,
    list: async ({ path }) => {
      requests.push(path);
      return { metadata: { resourceVersion: remaining.heads.shift() ?? heads.at(-1) }, items: null };
    },
    watch: async ({ path, onEvent }) => {
      requests.push(path);
      const { versions = [], createdMs, bookmark, idleMs = 0, fault } = remaining.watches.shift() ?? {};
      const creationTimestamp = createdMs && new Date(createdMs).toISOString();
      const events: readonly WatchEvent[] = [
        ...versions.map((version) => ({
          type: 'ADDED',
          object: { metadata: { resourceVersion: String(version), creationTimestamp } },
        })),
        ...(bookmark === undefined
          ? []
          : [{ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(bookmark) } } }]),
      ];
      for (const event of events) if (!onEvent(event)) return false;
      if (fault) throw fault;
      nowMs += idleMs;
      return true;
    },
  };
  const table = createIpOwnershipTable();
  const sync = createSync({ path: '/pods', table, shape: WHOLE, read: () => undefined });
  return {
    table,
    requests,
    nowMs: () => nowMs,
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

  it('continues after a watch that ended amid events, until one reaches the version', async () => {
    const { table, requests, run } = script(['10', '99'], [{ versions: [11] }, {}, { versions: [99] }]);
    await run(NOW);
    await run(NOW + HOUR);
    const versions = watchesIn(requests).map((path) => path.replace(/.*Version=/, ''));
    expect(versions).toEqual(['10', '11', '11']);
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it('is not proved by a watch that ends empty: its events may be still to come', async () => {
    const { table, requests, run } = script(['10', '99', '99'], []);
    await run(NOW);
    await run(NOW + HOUR);
    expect(watchesIn(requests)).toHaveLength(20);
    expect(table.syncedMs()).toBe(NOW);
  });

  it('is proved by a bookmark at the version, at which the watch is left', async () => {
    const bookmark = { versions: [12], bookmark: 20, idleMs: 900 };
    const { table, run, nowMs } = script(['10', '20'], [bookmark]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(table.syncedMs()).toBe(NOW + HOUR);
    expect(nowMs()).toBe(NOW + HOUR);
  });

  it('is not proved by a bookmark before the version', async () => {
    const { table, run } = script(['10', '20'], [{ bookmark: 19 }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(table.syncedMs()).toBe(NOW);
  });

  it.each([
    ['it ends before the version', undefined],
    ['it breaks', new Error('reset')],
  ])('proves what the API server wrote before an event that was read, when %s', async (_, fault) => {
    const createdMs = NOW + HOUR - 30_000;
    const { table, run } = script(['10', '99'], [{ versions: [12], createdMs, ...(fault && { fault }) }]);
    await run(NOW);
    await run(NOW + HOUR).catch(() => {});
    // Less the largest difference of the clocks.
    expect(table.syncedMs()).toBe(createdMs - 2000);
  });

  it('proves nothing beyond its start, by whatever clock the objects were written', async () => {
    const { table, run } = script(['10', '99'], [{ versions: [12], createdMs: NOW + 2 * HOUR }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(table.syncedMs()).toBe(NOW + HOUR);
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
    const { requests, run } = script([from, to], [{ versions: [to] }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(watchesIn(requests)).toHaveLength(watches);
  });

  it('compares versions that are no numbers by equality', async () => {
    const { table, run } = script(['a', 'z', 'z'], [{ versions: ['b'] }, { versions: ['z'] }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(table.syncedMs()).toBe(NOW + HOUR);
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
