// Synchronises a table with a collection of the Kubernetes API: one list in pages, then watches.
// The function is frozen between invocations, so no watch stays open: each one fetches the events since the last and ends.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
import * as z from 'zod';
import { apiFault, type KubernetesApi, statusOf, type WatchEvent } from './api.ts';

const PAGE_SIZE = 500;

/** The shortest watch that the API offers, in seconds. */
const WATCH_SECONDS = 1;

/** A watch without events for this long before the server ended it has delivered all events. */
const IDLE_MS = 200;

/** Limit for the watches of one run: events of a very busy cluster may arrive faster than they are read. */
const MAX_WATCHES = 20;

/** A list that is younger than this needs no watch to catch up. */
const FRESH_LIST_MS = 5000;

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});

const versionSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const statusSchema = z.object({ code: z.number(), message: z.string().nullish() });

/** What a synchronisation fills: a table of IP ownership, or of another kind of object; see `IpOwnershipTable`. */
export type SyncedTable<T> = {
  readonly observe: (observation: T, atMs: number | undefined) => void;
  readonly remove: (observation: T, noticedMs: number) => void;
  readonly beginList: () => void;
  readonly endList: (atMs: number) => void;
  readonly syncedTo: (atMs: number) => void;
  readonly syncedMs: () => number | undefined;
};

/** A collection, the function that reads its objects, and the table to fill. */
export type Resource<T> = {
  /** `/api/v1/pods` */
  readonly path: string;
  readonly table: SyncedTable<T>;
  /** Undefined for an object to ignore. */
  readonly read: (object: unknown, isDeleted: boolean) => T | undefined;
};

/** Brings a table up to date. */
export type Sync = {
  /** Resumes where the last run stopped. Rejects with the error that stopped this one. */
  readonly run: (api: KubernetesApi, nowMs: () => number, signal: AbortSignal) => Promise<void>;
  /** Number of pages and events read so far. A time-out after some is a slow server, one without any a failure. */
  readonly progress: () => number;
};

/** A list in progress. All pages show the state at `startedMs`; `token` is the position of the next page. */
type Listing = { readonly startedMs: number; readonly token: string | undefined };

/** The synchronisation of one collection. Sends no request before the first `run`. */
export function createSync<T>({ path, table, read }: Resource<T>): Sync {
  /** Version up to which the table is complete; undefined: list first. */
  let version: string | undefined;
  let listing: Listing | undefined;
  let progress = 0;

  const list = async (api: KubernetesApi, nowMs: () => number, signal: AbortSignal): Promise<void> => {
    if (listing === undefined) {
      listing = { startedMs: nowMs(), token: undefined };
      table.beginList();
    }
    for (;;) {
      const from = listing.token === undefined ? '' : `&continue=${encodeURIComponent(listing.token)}`;
      const page = pageSchema.parse(await api.get(`${path}?limit=${PAGE_SIZE}${from}`, signal));
      progress += 1;
      for (const item of page.items ?? []) {
        const observation = read(item, false);
        if (observation) table.observe(observation, listing.startedMs);
      }
      if (!page.metadata.continue) {
        table.endList(listing.startedMs);
        version = page.metadata.resourceVersion;
        listing = undefined;
        return;
      }
      listing = { startedMs: listing.startedMs, token: page.metadata.continue };
    }
  };

  const apply = ({ type, object }: WatchEvent, noticedMs: number): void => {
    if (type === 'ERROR') {
      const status = statusSchema.safeParse(object);
      throw apiFault(status.data?.code ?? 0, status.data?.message ?? 'an error in the watch');
    }
    if (type !== 'BOOKMARK') {
      const observation = read(object, type === 'DELETED');
      if (observation) {
        if (type === 'DELETED') table.remove(observation, noticedMs);
        else table.observe(observation, undefined);
      }
    }
    version = versionSchema.parse(object).metadata.resourceVersion;
  };

  const catchUp = async (api: KubernetesApi, nowMs: () => number, signal: AbortSignal): Promise<void> => {
    const startedMs = nowMs();
    // Any list carries the current version. When no event reaches it, an idle watch counts as caught up.
    const head = pageSchema.parse(await api.get(`${path}?limit=1`, signal));
    const target = head.metadata.resourceVersion;
    let isCaughtUp = hasReached(version, target);
    for (let watches = 0; !isCaughtUp; watches += 1) {
      if (watches === MAX_WATCHES) throw new Error('the watch did not catch up');
      let lastEventMs = nowMs();
      const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${version}`;
      const onEvent = (event: WatchEvent): boolean => {
        lastEventMs = nowMs();
        progress += 1;
        apply(event, lastEventMs);
        isCaughtUp = hasReached(version, target);
        return !isCaughtUp;
      };
      const hasEnded = await api.watch(`${path}?${query}`, onEvent, signal);
      isCaughtUp ||= hasEnded && nowMs() - lastEventMs >= IDLE_MS;
    }
    table.syncedTo(startedMs);
  };

  const run = async (api: KubernetesApi, nowMs: () => number, signal: AbortSignal): Promise<void> => {
    if (version === undefined) {
      await list(api, nowMs, signal);
      if (nowMs() - (table.syncedMs() ?? 0) < FRESH_LIST_MS) return;
    }
    await catchUp(api, nowMs, signal);
  };

  return {
    progress: () => progress,
    run: async (api, nowMs, signal) => {
      try {
        await run(api, nowMs, signal);
      } catch (error) {
        // 410 Gone: the list token or the watch version has expired. The events since then are lost; list again.
        if (statusOf(error) !== 410) throw error;
        version = undefined;
        listing = undefined;
        await run(api, nowMs, signal);
      }
    },
  };
}

/** Versions are normally growing decimal numbers. Otherwise they cannot be compared, and an idle watch counts as caught up. */
function hasReached(version: string | undefined, target: string): boolean {
  if (version === undefined) return false;
  if (version === target) return true;
  if (!/^\d{1,19}$/.test(version) || !/^\d{1,19}$/.test(target)) return false;
  return BigInt(version) >= BigInt(target);
}
