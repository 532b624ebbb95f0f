import { describe, expect, it } from '@jest/globals';
import { createTenureTable } from '../../../src/inventory/ip-ownership/table.ts';
import { apiFault, type KubernetesApi, type WatchEvent } from '../../../src/inventory/kubernetes/api.ts';
import { createSync } from '../../../src/inventory/kubernetes/sync.ts';

const NOW = 1_000_000_000;
const HOUR = 3_600_000;
const { signal } = new AbortController();

/** A watch as a test plays it: its events, then how it ends after so much silence. */
type Play = {
  readonly versions?: readonly (number | string)[];
  readonly silenceMs?: number;
  readonly fault?: Error;
};

/** An API without pods whose list is at `head`, and whose watches are played one after the other. */
function play(heads: readonly string[], watches: readonly Play[]) {
  let nowMs = NOW;
  const asked: string[] = [];
  const left = { heads: [...heads], watches: [...watches] };
  const api: KubernetesApi = {
    get: async (path) => {
      asked.push(path);
      return { metadata: { resourceVersion: left.heads.shift() ?? heads.at(-1) }, items: null };
    },
    watch: async (path, onEvent) => {
      asked.push(path);
      const { versions = [], silenceMs = 0, fault } = left.watches.shift() ?? {};
      for (const version of versions) {
        const object = { metadata: { resourceVersion: String(version) } };
        if (!onEvent({ type: 'ADDED', object } satisfies WatchEvent)) return false;
      }
      if (fault) throw fault;
      nowMs += silenceMs;
      return true;
    },
  };
  const table = createTenureTable();
  const sync = createSync({ path: '/pods', table, read: () => undefined });
  return {
    table,
    asked,
    run: async (atMs: number) => {
      nowMs = atMs;
      await sync.run(api, () => nowMs, signal);
    },
  };
}

const watched = (asked: readonly string[]) => asked.filter((path) => path.includes('watch=1'));

describe('catching up', () => {
  it('needs no watch when nothing happened in the whole cluster', async () => {
    const { table, asked, run } = play(['10'], []);
    await run(NOW);
    await run(NOW + HOUR);
    expect(watched(asked)).toEqual([]);
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it('ends as soon as an event is as young as the list', async () => {
    const { table, asked, run } = play(['10', '20', '30'], [{ versions: [12, 20, 21] }, { versions: [30] }]);
    await run(NOW);
    await run(NOW + HOUR);
    await run(NOW + 2 * HOUR);
    expect(watched(asked).map((path) => path.replace(/.*Version=/, ''))).toEqual(['10', '20']);
    expect(table.syncedMs()).toBe(NOW + 2 * HOUR);
  });

  it('goes on after a watch that ended amid events, until one ends in silence', async () => {
    const { table, asked, run } = play(
      ['10', '99'],
      [{ versions: [11] }, { versions: [12], silenceMs: 900 }],
    );
    await run(NOW);
    await run(NOW + HOUR);
    expect(watched(asked).map((path) => path.replace(/.*Version=/, ''))).toEqual(['10', '11']);
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it('goes by silence where versions are no numbers', async () => {
    const { table, run } = play(['a', 'z'], [{ versions: ['b'] }, { silenceMs: 900 }]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it('claims nothing when it never gets there', async () => {
    const { table, asked, run } = play(['10', '99'], []);
    await run(NOW);
    await expect(run(NOW + HOUR)).rejects.toThrow('did not catch up');
    expect(watched(asked)).toHaveLength(20);
    expect(table.syncedMs()).toBe(NOW);
  });

  it.each([
    ['in the answer', { fault: apiFault(410, 'too old') }],
    ['in the stream', { versions: [11], fault: apiFault(410, 'too old') }],
  ])('lists anew when the version is gone: %s', async (_, watch) => {
    const { table, asked, run } = play(['10', '20', '30'], [watch]);
    await run(NOW);
    await run(NOW + HOUR);
    expect(asked.at(-1)).toBe('/pods?limit=500');
    expect(table.syncedMs()).toBe(NOW + HOUR);
  });

  it('passes every other fault on and goes on from there', async () => {
    const { asked, run } = play(
      ['10', '20'],
      [{ versions: [15], fault: apiFault(500, 'etcd') }, { versions: [20] }],
    );
    await run(NOW);
    await expect(run(NOW + HOUR)).rejects.toMatchObject({ status: 500 });
    await run(NOW + 2 * HOUR);
    expect(watched(asked).at(-1)).toContain('resourceVersion=15');
  });
});
