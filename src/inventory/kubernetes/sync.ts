// Keeps a table in step with a list of the Kubernetes API: listed once in pages, then caught up by watches.
// A function is frozen between invocations, so a watch never stays open: it fetches what happened and ends.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
import * as z from 'zod';
import type { Facts } from '../ip-ownership/interval.ts';
import type { TenureTable } from '../ip-ownership/table.ts';
import { apiFault, type KubernetesApi, statusOf, type WatchEvent } from './api.ts';

const PAGE_SIZE = 500;

/** The shortest watch that the API offers, in seconds. */
const WATCH_SECONDS = 1;

/** A stream that the server ended after so much silence has nothing left to tell. */
const IDLE_MS = 200;

/** Watches in one refresh before we give up on catching up with a cluster that is too busy. */
const MAX_WATCHES = 20;

/** A list that is younger than this needs no watch to catch up. */
const YOUNG_MS = 5000;

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});

const versionSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const statusSchema = z.object({ code: z.number(), message: z.string().nullish() });

/** What to list, how to read it, and where to keep it. */
export type Resource = {
  /** `/api/v1/pods` */
  readonly path: string;
  readonly table: TenureTable;
  readonly read: (object: unknown, isDeleted: boolean) => Facts | undefined;
};

/** A table that can be brought up to date. */
export type Sync = {
  /** Goes on where the last run ended, however it ended. Rejects with what stopped it. */
  readonly run: (api: KubernetesApi, nowMs: () => number, signal: AbortSignal) => Promise<void>;
  /** Pages and events taken in so far: who sends some is slow, who sends none is down. */
  readonly progress: () => number;
};

/** A list that was begun: `startedMs` is the moment that it shows, whatever its later pages take. */
type Listing = { readonly startedMs: number; readonly token: string | undefined };

/** Nothing is asked before the first `run`. */
export function createSync({ path, table, read }: Resource): Sync {
  /** Up to where the table knows everything; undefined = list first. */
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
        const facts = read(item, false);
        if (facts) table.observe(facts, listing.startedMs);
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
      const facts = read(object, type === 'DELETED');
      if (facts) {
        if (type === 'DELETED') table.remove(facts, noticedMs);
        else table.observe(facts, undefined);
      }
    }
    version = versionSchema.parse(object).metadata.resourceVersion;
  };

  const catchUp = async (api: KubernetesApi, nowMs: () => number, signal: AbortSignal): Promise<void> => {
    const startedMs = nowMs();
    // Any list tells how far the cluster is by now; when no event gets there, silence must do.
    const head = pageSchema.parse(await api.get(`${path}?limit=1`, signal));
    const target = head.metadata.resourceVersion;
    let isThere = reaches(version, target);
    for (let watches = 0; !isThere; watches += 1) {
      if (watches === MAX_WATCHES) throw new Error('the watch did not catch up');
      let heardMs = nowMs();
      const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${version}`;
      const onEvent = (event: WatchEvent): boolean => {
        heardMs = nowMs();
        progress += 1;
        apply(event, heardMs);
        isThere = reaches(version, target);
        return !isThere;
      };
      const isEnded = await api.watch(`${path}?${query}`, onEvent, signal);
      isThere ||= isEnded && nowMs() - heardMs >= IDLE_MS;
    }
    table.syncedTo(startedMs);
  };

  const run = async (api: KubernetesApi, nowMs: () => number, signal: AbortSignal): Promise<void> => {
    if (version === undefined) {
      await list(api, nowMs, signal);
      if (nowMs() - (table.syncedMs() ?? 0) < YOUNG_MS) return;
    }
    await catchUp(api, nowMs, signal);
  };

  return {
    progress: () => progress,
    run: async (api, nowMs, signal) => {
      try {
        await run(api, nowMs, signal);
      } catch (error) {
        // Gone: the token of the list or the version of the watch is too old. What happened since stays unknown.
        if (statusOf(error) !== 410) throw error;
        version = undefined;
        listing = undefined;
        await run(api, nowMs, signal);
      }
    },
  };
}

/** Versions are decimal numbers that grow; where they are not, nobody can tell, and silence decides. */
function reaches(version: string | undefined, target: string): boolean {
  if (version === undefined) return false;
  if (version === target) return true;
  if (!/^\d{1,19}$/.test(version) || !/^\d{1,19}$/.test(target)) return false;
  return BigInt(version) >= BigInt(target);
}
