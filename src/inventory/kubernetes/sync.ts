// Synchronises a table with a collection of the Kubernetes API: one list in pages, then watches.
// The function is frozen between invocations, so no watch stays open: each one fetches the events since the last and ends.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
import * as z from 'zod';
import { CLOCK_SKEW_MS } from '../ip-ownership/interval.ts';
import { apiFault, type KubernetesApi, statusOf, type WatchEvent } from './api.ts';
import { DocumentTooLarge } from './document-too-large.ts';
import { createPageSize } from './page-size.ts';
import { members, type Shape } from './shape.ts';

/**
 * Length of a watch. The server sends a bookmark about 2 s before its end, and none when it is shorter than that; the
 * watch is left at the bookmark.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.4/staging/src/k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go
 */
const WATCH_SECONDS = 4;

/** Limit for the watches of one run, which the server may end at once. */
const MAX_WATCHES = 20;

/** Limit for a list of one object, of which only the version is read. */
const MAX_HEAD_BYTES = 16 * 1024 * 1024;
const NOTHING = members({});

/** A list that is younger than this needs no watch to catch up. */
const FRESH_LIST_MS = 5000;

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().nullish() }),
});

const eventSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
    deletionGracePeriodSeconds: z.number().nullish(),
  }),
});
const statusSchema = z.object({ code: z.number(), message: z.string().nullish() });

/** What a synchronisation fills: a table of IP ownership, or of another kind of object; see `IpOwnershipTable`. */
export type SyncedTable<T> = {
  readonly observe: (observation: T, atMs: number | undefined, heldMs?: number) => void;
  readonly remove: (observation: T, noticedMs: number, heldMs?: number) => void;
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
  /** The members that `read` needs. */
  readonly shape: Shape;
  /** Undefined for an object to ignore. */
  readonly read: (object: unknown, isDeleted: boolean) => T | undefined;
};

/** From where a watch goes on: another copy of the function has synchronised its table so far. */
export type SyncPosition = {
  readonly version: string;
  /** All changes until this time, on the clock of the API server, are known; -Infinity where that is not known. */
  readonly reachedMs: number;
};

/** Brings a table up to date. */
export type Sync = {
  /**
   * Resumes where the last run stopped. Rejects with the error that stopped this one. Without `mayListAgain`, a watch that
   * cannot go on is tried again by the next run instead of a list.
   */
  readonly run: (
    api: KubernetesApi,
    nowMs: () => number,
    signal: AbortSignal,
    mayListAgain?: boolean,
  ) => Promise<void>;
  /** Number of pages and events read so far. A time-out after some is a slow server, one without any a failure. */
  readonly progress: () => number;
  /** Whether the next run has to list, or to go on with a list. */
  readonly mustList: () => boolean;
  /** Undefined while a list is needed. */
  readonly position: () => SyncPosition | undefined;
  /** Goes on from a position: the table was brought there. */
  readonly resume: (position: SyncPosition) => void;
};

/** A list in progress. All pages show the state at `startedMs`; `token` is the position of the next page. */
type Listing = { readonly startedMs: number; readonly token: string | undefined };

/** The synchronisation of one collection. Sends no request before the first `run`. */
export function createSync<T>({ path, table, shape, read }: Resource<T>): Sync {
  /** Version up to which the table is complete; undefined: list first. */
  let version: string | undefined;
  let listing: Listing | undefined;
  let progress = 0;
  const pageSize = createPageSize();
  /** All changes until this time, on the clock of the API server, are in the table. */
  let reachedMs = Number.NEGATIVE_INFINITY;

  /** Requests a page with fewer and fewer objects until it is not too large. */
  const getPage = async (
    from: string,
    onItem: (item: unknown) => void,
    api: KubernetesApi,
    signal: AbortSignal,
  ) => {
    for (;;) {
      try {
        const request = { path: `${path}?limit=${pageSize.objects()}${from}`, maxBytes: pageSize.maxBytes() };
        const page = pageSchema.parse(await api.list({ ...request, shape, onItem }, signal));
        pageSize.succeeded();
        progress += 1;
        return page;
      } catch (error) {
        if (!(error instanceof DocumentTooLarge && pageSize.halve())) throw error;
        progress += 1;
      }
    }
  };

  const list = async (api: KubernetesApi, nowMs: () => number, signal: AbortSignal): Promise<void> => {
    if (listing === undefined) {
      listing = { startedMs: nowMs(), token: undefined };
      table.beginList();
    }
    for (;;) {
      const from = listing.token === undefined ? '' : `&continue=${encodeURIComponent(listing.token)}`;
      const startedMs: number = listing.startedMs;
      // Items of an abandoned page are observed again with the next one.
      const onItem = (item: unknown): void => {
        const observation = read(item, false);
        if (observation) table.observe(observation, startedMs);
      };
      const page = await getPage(from, onItem, api, signal);
      if (!page.metadata.continue) {
        table.endList(startedMs);
        version = page.metadata.resourceVersion;
        listing = undefined;
        return;
      }
      listing = { startedMs, token: page.metadata.continue };
    }
  };

  const apply = ({ type, object }: WatchEvent, noticedMs: number): void => {
    if (type === 'ERROR') {
      const status = statusSchema.safeParse(object);
      throw apiFault(status.data?.code ?? 0, status.data?.message ?? 'an error in the watch');
    }
    const { metadata } = eventSchema.parse(object);
    if (type !== 'BOOKMARK') {
      const observation = read(object, type === 'DELETED');
      const heldMs = Math.min(reachedMs, noticedMs);
      if (observation) {
        if (type === 'DELETED') table.remove(observation, noticedMs, heldMs);
        else table.observe(observation, undefined, heldMs);
      }
      reachedMs = Math.max(reachedMs, writtenMs(metadata));
    }
    version = metadata.resourceVersion;
  };

  const catchUp = async (api: KubernetesApi, nowMs: () => number, signal: AbortSignal): Promise<void> => {
    const startedMs = nowMs();
    // A list without a version is consistent: its version is the current one.
    const request = { path: `${path}?limit=1`, shape: NOTHING, maxBytes: MAX_HEAD_BYTES, onItem: () => {} };
    const head = pageSchema.parse(await api.list(request, signal));
    const target = head.metadata.resourceVersion;
    progress += 1;
    let isCaughtUp = hasReached(version, target);
    try {
      for (let watches = 0; !isCaughtUp && watches < MAX_WATCHES; watches += 1) {
        const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${version}`;
        const onEvent = (event: WatchEvent): boolean => {
          progress += 1;
          apply(event, nowMs());
          isCaughtUp = hasReached(version, target);
          return !isCaughtUp;
        };
        // A watch that ends before it reached the version proves nothing: its events may be still to come.
        await api.watch({ path: `${path}?${query}`, shape, onEvent }, signal);
      }
    } finally {
      const provedMs = isCaughtUp ? startedMs : Math.min(startedMs, reachedMs - CLOCK_SKEW_MS);
      if (provedMs > (table.syncedMs() ?? Number.NEGATIVE_INFINITY)) table.syncedTo(provedMs);
    }
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
    mustList: () => version === undefined,
    position: () => (version === undefined ? undefined : { version, reachedMs }),
    resume: (position) => {
      listing = undefined;
      ({ version, reachedMs } = position);
    },
    run: async (api, nowMs, signal, mayListAgain = true) => {
      try {
        await run(api, nowMs, signal);
      } catch (error) {
        // 410 Gone: the list token or the watch version has expired. The events since then are lost; list again. Likewise
        // after an event that is too large to be read.
        if (statusOf(error) !== 410 && !(version !== undefined && error instanceof DocumentTooLarge))
          throw error;
        if (!mayListAgain && version !== undefined) return;
        version = undefined;
        listing = undefined;
        await run(api, nowMs, signal);
      }
    },
  };
}

/** A time by which an object's latest version was not yet written, on the API server's clock: its creation or deletion request. */
function writtenMs(metadata: z.infer<typeof eventSchema>['metadata']): number {
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  const requestedMs = Date.parse(deletionTimestamp ?? '') - (deletionGracePeriodSeconds ?? 0) * 1000;
  const times = [Date.parse(creationTimestamp ?? ''), requestedMs].filter((atMs) => atMs > 0);
  return Math.max(...times);
}

/** Whether a version is at or beyond another. Versions are growing decimal numbers; others are comparable only when equal. */
function hasReached(version: string | undefined, target: string): boolean {
  if (version === undefined) return false;
  if (version === target) return true;
  if (!/^\d{1,19}$/.test(version) || !/^\d{1,19}$/.test(target)) return false;
  return BigInt(version) >= BigInt(target);
}
