// The objects of lists and watches on their way into the table; `sync.test.ts` covers versions and the end of watches.
import { describe, expect, it } from '@jest/globals';
import { createIpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { apiFault, type KubernetesApi, type WatchEvent } from '../../../src/inventory/kubernetes/api.ts';
import { DocumentTooLarge } from '../../../src/inventory/kubernetes/document-too-large.ts';
import { WHOLE } from '../../../src/inventory/kubernetes/shape.ts';
import { createSync } from '../../../src/inventory/kubernetes/sync.ts';
import { ENDED, endedAt, observedPod, second } from '../../support/observations.ts';

const { signal } = new AbortController();
const MINUTE = 60;

type Item = {
  readonly name: string;
  readonly version?: number;
  readonly isIgnored?: boolean;
  readonly isAlive?: boolean;
  readonly isEvicted?: boolean;
  /** Seconds at which the API server created it, and at which its deletion was requested. */
  readonly created?: number;
  readonly deletion?: number;
};

const objectOf = ({
  name,
  version = 0,
  isIgnored = false,
  isAlive = false,
  isEvicted = false,
  created,
  deletion,
}: Item) => ({
  name,
  isIgnored,
  isAlive,
  isEvicted,
  metadata: {
    resourceVersion: String(version),
    ...(created !== undefined && { creationTimestamp: new Date(second(created)).toISOString() }),
    ...(deletion !== undefined && {
      deletionTimestamp: new Date(second(deletion + 30)).toISOString(),
      deletionGracePeriodSeconds: 30,
    }),
  },
});

/** An API whose responses the test sets, and a synchronisation that reads each object as a pod of that name. */
function createWorld() {
  const table = createIpOwnershipTable();
  const paths: string[] = [];
  let respond: (path: string) => unknown = () => undefined;
  let events: readonly WatchEvent[] = [];
  let nowMs = second(0);
  const api: KubernetesApi = {
    get: async () => undefined,
    list: async ({ path, onItem }) => {
      paths.push(path);
      const response = respond(path);
      if (response instanceof Error) throw response;
      for (const item of (response as { items?: readonly Item[] | null }).items ?? []) onItem(item);
      return response;
    },
    watch: async ({ path, onEvent }) => {
      paths.push(path);
      for (const event of events) if (!onEvent(event)) return false;
      return true;
    },
  };
  const read = (object: unknown, isDeleted: boolean) => {
    const { name, isIgnored, isAlive, isEvicted } = object as ReturnType<typeof objectOf>;
    const end = isEvicted ? ENDED : isDeleted ? (isAlive ? ENDED : endedAt(30)) : {};
    return isIgnored ? undefined : observedPod(name, { ips: [name], ...end });
  };
  const sync = createSync({ path: '/pods', table, shape: WHOLE, read });
  return {
    table,
    paths,
    sync,
    /** Runs at a second with these responses by path, or this response to every request, and these watch events. */
    run: async (
      at: number,
      responses: Readonly<Record<string, unknown>> | (() => unknown),
      watched: readonly WatchEvent[] = [],
    ): Promise<void> => {
      respond = typeof responses === 'function' ? responses : (path) => responses[path];
      events = watched;
      nowMs = second(at);
      await sync.run(api, () => nowMs, signal);
    },
    advanceTo: (at: number): void => {
      nowMs = second(at);
    },
  };
}

const page = (version: number, items: readonly Item[] | null, token?: string | null) => ({
  metadata: { resourceVersion: String(version), continue: token },
  items: items?.map(objectOf) ?? null,
});
const event = (type: string, item: Item): WatchEvent => ({ type, object: objectOf(item) });
const keysIn = (table: ReturnType<typeof createIpOwnershipTable>, names: string[]) =>
  names.filter((name) => table.byName(`shop/${name}`) !== undefined);

const FIRST = '/pods?limit=500';
const HEAD = '/pods?limit=1';

describe('a list', () => {
  it('is read page by page and observed at its start', async () => {
    const { table, paths, sync, run } = createWorld();
    const pages = {
      [FIRST]: page(10, [{ name: 'a' }, { name: 'x', isIgnored: true }], 'next=/2'),
      [`${FIRST}&continue=next%3D%2F2`]: page(10, [{ name: 'b' }], ''),
    };
    await run(0, pages);
    expect(paths).toEqual([FIRST, `${FIRST}&continue=next%3D%2F2`]);
    expect(keysIn(table, ['a', 'b', 'x'])).toEqual(['a', 'b']);
    expect(table.byName('shop/b')?.lastSeenMs).toBe(second(0));
    expect(table.syncedMs()).toBe(second(0));
    expect(sync.progress()).toBe(2);
  });

  it('resumes at the page at which it was interrupted, with the time of its start', async () => {
    const { table, paths, run } = createWorld();
    const next = `${FIRST}&continue=t`;
    const first = page(10, [{ name: 'a' }], 't');
    await expect(run(0, { [FIRST]: first, [next]: apiFault(500, 'etcd') })).rejects.toThrow('etcd');
    expect(table.syncedMs()).toBeUndefined();
    await run(2, { [next]: page(10, [{ name: 'b' }], null) });
    expect(paths).toEqual([FIRST, next, next]);
    expect(table.byName('shop/b')?.lastSeenMs).toBe(second(0));
    // The pod of the first page belongs to the same list, so it has not ended.
    expect(['a', 'b'].map((name) => table.byName(`shop/${name}`)?.hasEnded)).toEqual([false, false]);
    expect(table.syncedMs()).toBe(second(0));
  });

  it('requests a page that is too large with half the objects, and the next pages and lists as well', async () => {
    const { table, paths, sync, run } = createWorld();
    const next = '/pods?limit=125&continue=t';
    const responses = {
      [FIRST]: new DocumentTooLarge('500'),
      '/pods?limit=250': new DocumentTooLarge('250'),
      '/pods?limit=125': page(10, [{ name: 'a' }], 't'),
      [next]: page(10, [{ name: 'b' }]),
    };
    await run(0, responses);
    expect(paths).toEqual([FIRST, '/pods?limit=250', '/pods?limit=125', next]);
    expect(sync.progress()).toBe(4);
    expect(keysIn(table, ['a', 'b'])).toEqual(['a', 'b']);
    expect(['a', 'b'].map((name) => table.byName(`shop/${name}`)?.hasEnded)).toEqual([false, false]);
    paths.length = 0;
    await run(60, { ...responses, [HEAD]: apiFault(410, 'too old') });
    expect(paths).toEqual([HEAD, '/pods?limit=125', next]);
  });

  it('fails when ten objects are too large', async () => {
    const { table, paths, run } = createWorld();
    await expect(run(0, () => new DocumentTooLarge('all'))).rejects.toThrow(DocumentTooLarge);
    expect(paths.map((path) => path.replace(/.*=/, ''))).toEqual([
      '500',
      '250',
      '125',
      '62',
      '31',
      '15',
      '10',
    ]);
    expect(table.syncedMs()).toBeUndefined();
  });

  it('keeps the objects of a page that is abandoned', async () => {
    const table = createIpOwnershipTable();
    const api: KubernetesApi = {
      get: async () => undefined,
      list: async ({ path, maxBytes, onItem }) => {
        onItem(objectOf({ name: 'a' }));
        if (path === FIRST) throw new DocumentTooLarge(String(maxBytes));
        return page(10, []);
      },
      watch: async () => true,
    };
    const read = () => observedPod('a', { ips: ['a'] });
    await createSync({ path: '/pods', table, shape: WHOLE, read }).run(api, () => second(0), signal);
    expect(table.byName('shop/a')?.hasEnded).toBe(false);
    expect(table.syncedMs()).toBe(second(0));
  });

  it.each([
    [4.999, 1],
    [5, 2],
  ])('that took %d s sends %d requests: only a fresh one needs no watch', async (seconds, requests) => {
    const { paths, advanceTo, run } = createWorld();
    await run(0, () => {
      advanceTo(seconds);
      return page(10, []);
    });
    expect(paths).toHaveLength(requests);
  });

  it('starts again when its token has expired; only the new one is complete', async () => {
    const { table, paths, run } = createWorld();
    const next = `${FIRST}&continue=t`;
    const first = page(10, [{ name: 'a' }], 't');
    await expect(run(0, { [FIRST]: first, [next]: apiFault(500, 'etcd') })).rejects.toThrow('etcd');
    await run(2, { [next]: apiFault(410, 'expired'), [FIRST]: page(20, [{ name: 'b' }]) });
    expect(paths).toEqual([FIRST, next, next, FIRST]);
    expect(['a', 'b'].map((name) => table.byName(`shop/${name}`)?.hasEnded)).toEqual([true, false]);
    expect(table.syncedMs()).toBe(second(2));
  });

  it('rejects when the token expires again', async () => {
    const { run } = createWorld();
    await expect(run(0, { [FIRST]: apiFault(410, 'expired') })).rejects.toMatchObject({ status: 410 });
  });
});

describe('a watch', () => {
  const synced = async () => {
    const world = createWorld();
    await world.run(0, { [FIRST]: page(10, [{ name: 'a' }, { name: 'b' }]) });
    return world;
  };

  it('adds, changes and deletes', async () => {
    const { table, paths, sync, run } = await synced();
    const events = [
      event('ADDED', { name: 'c', version: 11 }),
      event('DELETED', { name: 'a', version: 12 }),
      event('BOOKMARK', { name: 'bookmark', version: 13 }),
      event('MODIFIED', { name: 'x', version: 14, isIgnored: true }),
      event('MODIFIED', { name: 'b', version: 15 }),
    ];
    const before = sync.progress();
    await run(MINUTE, { [HEAD]: page(15, null) }, events);
    expect(keysIn(table, ['a', 'b', 'c', 'x', 'bookmark'])).toEqual(['a', 'b', 'c']);
    expect(['a', 'b', 'c'].map((name) => table.byName(`shop/${name}`)?.hasEnded)).toEqual([
      true,
      false,
      false,
    ]);
    expect(table.byName('shop/a')?.endMs).toBe(second(30));
    // A watch event proves no time of its own: the sync does.
    expect(table.byName('shop/c')?.lastSeenMs).toBe(Number.NEGATIVE_INFINITY);
    expect(table.syncedMs()).toBe(second(MINUTE));
    // The current version, then five events.
    expect(sync.progress() - before).toBe(6);
    expect(paths.at(-1)).toBe('/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=4&resourceVersion=10');
  });

  it('resumes at the version of the last event, also of a bookmark', async () => {
    const { paths, run } = await synced();
    await run(MINUTE, { [HEAD]: page(12, null) }, [event('BOOKMARK', { name: 'x', version: 12 })]);
    await run(2 * MINUTE, { [HEAD]: page(13, null) }, [event('ADDED', { name: 'c', version: 13 })]);
    expect(paths.at(-1)).toContain('resourceVersion=12');
  });

  it.each([
    [
      { code: 500, message: 'etcd' },
      { status: 500, message: 'etcd' },
    ],
    [{ code: 500 }, { status: 500, message: 'an error in the watch' }],
    ['text', { status: 0, message: 'an error in the watch' }],
  ])('rejects for the error event %j', async (object, expected) => {
    const { table, run } = await synced();
    const watched = [{ type: 'ERROR', object }];
    await expect(run(MINUTE, { [HEAD]: page(15, null) }, watched)).rejects.toMatchObject(expected);
    expect(table.syncedMs()).toBe(second(0));
  });

  it('means a new list after an event that is too large, also of what left meanwhile', async () => {
    const { table, paths, run } = await synced();
    paths.length = 0;
    const tooLarge = {
      get type(): string {
        throw new DocumentTooLarge('4 MB');
      },
      object: {},
    };
    await run(MINUTE, { [HEAD]: page(15, null), [FIRST]: page(15, [{ name: 'b' }]) }, [tooLarge]);
    expect(paths.map((path) => path.replace(/watch.*/, 'watch'))).toEqual([HEAD, '/pods?watch', FIRST]);
    expect(['a', 'b'].map((name) => table.byName(`shop/${name}`)?.hasEnded)).toEqual([true, false]);
    expect(table.syncedMs()).toBe(second(MINUTE));
  });

  it('compares versions as numbers', async () => {
    const { paths, run } = await synced();
    // As text, "9" would be greater than "10".
    await run(MINUTE, { [HEAD]: page(9, null) });
    expect(paths.at(-1)).toBe(HEAD);
  });

  it.each<[string, readonly Item[], number]>([
    ['a pod was created', [{ name: 'c', created: 50 }], 50],
    ['a pod was created that is ignored', [{ name: 'x', created: 50, isIgnored: true }], 50],
    ['a deletion was requested', [{ name: 'c', created: 0, deletion: 45 }], 45],
    [
      'several changes',
      [
        { name: 'c', created: 50 },
        { name: 'd', created: 40 },
      ],
      50,
    ],
    ['nothing with a time', [{ name: 'c' }], 0],
    ['a change on a clock that is ahead', [{ name: 'c', created: 5 * MINUTE }], MINUTE],
  ])('shows that a pod lived until it was deleted by force, after %s', async (_, before, alive) => {
    const { table, run } = await synced();
    const events = before.map((item, index) => event('MODIFIED', { ...item, version: 11 + index }));
    const deleted = event('DELETED', { name: 'a', version: 15, isAlive: true, created: 55 });
    await run(MINUTE, { [HEAD]: page(15, null) }, [...events, deleted]);
    expect(table.byName('shop/a')).toMatchObject({ hasEnded: true, endIsKnown: false, endMs: second(alive) });
  });

  it.each([
    [45, 45],
    [5 * MINUTE, MINUTE],
  ])('shows that a pod lived until its eviction, after a change at %d', async (created, alive) => {
    const { table, run } = await synced();
    const before = event('ADDED', { name: 'c', version: 11, created });
    const evicted = event('MODIFIED', { name: 'a', version: 12, isEvicted: true });
    await run(MINUTE, { [HEAD]: page(12, null) }, [before, evicted]);
    expect(table.byName('shop/a')).toMatchObject({ hasEnded: true, endIsKnown: false, endMs: second(alive) });
  });
});
