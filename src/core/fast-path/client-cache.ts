// Caches clients by IP address, across batches: nearly all addresses send more queries, and nearly always as the same client.
import { isLoopback } from '../attribution/resolver.ts';
import type { Scope } from '../attribution/scope.ts';
import type { Client } from '../model/client.ts';
import {
  type AddressHistory,
  type CacheValidity,
  type Cluster,
  clusterId,
  type Directory,
  NO_HISTORY,
} from '../model/directory.ts';
import { createTwoGenerationCache } from '../util/two-generation-cache.ts';

/** The last client of an IP address, and the conditions under which it is still right. */
export type ClientCacheEntry = {
  readonly ip: string;
  readonly isLoopback: boolean;
  history: AddressHistory;
  /** Batch in which the entry was last validated. */
  batch: number;
  /** The client of an unambiguous owner; undefined where there was none yet. */
  client: Client | undefined;
  /** The client is right for events strictly between these two seconds (since 1970). */
  validAfterSec: number;
  validBeforeSec: number;
  /** Defined where the interval is still valid in later batches, with the revisions for which it was found. */
  validity: CacheValidity | undefined;
  revision: number;
  topologyRevision: number;
  /** What else the client depends on. */
  instanceId: string | undefined;
  mayBeExact: boolean;
  unattributed: UnattributedEntry | undefined;
};

/** The last client of an address without a known or unambiguous owner; valid in one batch. */
export type UnattributedEntry = {
  readonly batch: number;
  readonly scope: Scope;
  readonly attribution: 'none' | 'ambiguous';
  readonly instanceId: string | undefined;
  readonly endpoint: string | undefined;
  readonly mayBeExact: boolean;
  readonly client: Client;
};

// Marks an empty validity interval. Small integers, which V8 stores in the object itself.
export const NO_SECOND = -1;
/** Later seconds are looked up each time. */
export const LAST_SECOND = 2 ** 31 - 1;

// More addresses than send queries in one batch. An entry takes 1.5 kB with its encoded client.
const MAX_ENTRIES = 16_384;
// Limit across all scopes; one batch may exceed it.
const MAX_TOTAL_ENTRIES = 65_536;

/** Returns the entry of an address. */
export type ClientCache = (ip: string) => ClientCacheEntry;

/** Caches of all scopes, and how many entries were created in them. */
export type ClientCaches = { readonly byScope: Map<string, ClientCache>; created: number };

/** Creates an empty `ClientCaches`. */
export const createClientCaches = (): ClientCaches => ({ byScope: new Map(), created: 0 });

/** Removes all entries. */
export function clearClientCaches(caches: ClientCaches): void {
  caches.byScope.clear();
  caches.created = 0;
}

/** Whether the limit across all scopes is reached. */
export const isFull = (caches: ClientCaches): boolean => caches.created > MAX_TOTAL_ENTRIES;

/** The cache of the clients in `clusters`; the logs of a log group and those of a VPC have separate caches. */
export function clientCacheFor(
  caches: ClientCaches,
  kind: 'group' | 'vpc',
  clusters: readonly Cluster[],
): ClientCache {
  const key = [kind, ...clusters.map(clusterId)].join('\n');
  let cache = caches.byScope.get(key);
  if (cache === undefined) {
    cache = createTwoGenerationCache((ip) => {
      caches.created++;
      return newEntry(ip);
    }, MAX_ENTRIES);
    caches.byScope.set(key, cache);
  }
  return cache;
}

const newEntry = (ip: string): ClientCacheEntry => ({
  ip,
  isLoopback: isLoopback(ip),
  // Set before the first use, by `revalidate`.
  history: NO_HISTORY,
  batch: -1,
  client: undefined,
  validAfterSec: NO_SECOND,
  validBeforeSec: NO_SECOND,
  validity: undefined,
  revision: -1,
  topologyRevision: -1,
  instanceId: undefined,
  mayBeExact: false,
  unattributed: undefined,
});

/**
 * Validates an entry once per batch: the interval stays where neither the address's ownership nor the topology changed,
 * and reaches up to the last sync and sign of life of its node; else it becomes empty.
 */
export function revalidate(
  entry: ClientCacheEntry,
  directory: Directory,
  clusters: readonly Cluster[],
  batch: number,
  topologyRevision: number,
): void {
  entry.batch = batch;
  const { validity } = entry;
  const isValid = validity !== undefined && validity.revision === entry.revision;
  if (isValid && entry.topologyRevision === topologyRevision) {
    const provedMs = Math.min(
      validity.lastSync.syncedMs,
      validity.life?.provedUntilMs ?? Number.POSITIVE_INFINITY,
    );
    const provedSec = Math.min(LAST_SECOND, Math.floor(provedMs / 1000));
    if (provedSec > entry.validBeforeSec) entry.validBeforeSec = provedSec;
    return;
  }
  entry.history = directory.historyOf(clusters, entry.ip);
  entry.validity = undefined;
  entry.validAfterSec = NO_SECOND;
  entry.validBeforeSec = NO_SECOND;
}
