// Addresses that ask, from batch to batch: nearly all ask again, and nearly always as the same client.

import { isLoopback } from '../attribution/client-from-metadata.ts';
import type { AddressNote, Client } from '../model/client.ts';
import type { AddressHistory, CacheValidity, Cluster, Directory, OwnerLookup } from '../model/directory.ts';
import { createTwoGenerationCache } from '../util/two-generation-cache.ts';

/** An address that asks, and the last answer: nearly always the next one too. */
export type Asker = AddressNote & {
  readonly ip: string;
  readonly isLoopback: boolean;
  history: AddressHistory;
  /** The batch in which it was last made sure that what follows is true. */
  batch: number;
  /** What the answer depends on if it outlives the batch, and the state of that in which it was found. */
  cacheValidity: CacheValidity | undefined;
  changes: number;
  /** It holds for what was asked in the seconds (since 1970) between these two. */
  afterSecond: number;
  beforeSecond: number;
  instanceId: string | undefined;
  isCertain: boolean;
  /** Who it was found to be, and the state of nodes and instances in which `client` was made of it. */
  owner: OwnerLookup | undefined;
  places: number;
  client: Client | undefined;
};

/** No second is before it: nothing is known yet. Small integers, which V8 keeps in the object itself. */
export const NO_SECOND = -1;
/** Later seconds are looked up each time. */
export const LAST_SECOND = 2 ** 31 - 1;

// More pods than ask in one batch. An asker takes 1.5 kB with its texts.
const MAX_ASKERS = 16_384;
// Of all clusters together: what comes on top is at most what one batch asks for.
const MAX_MADE = 65_536;

/** The asker of an address. */
export type Askers = (ip: string) => Asker;

/** Askers of all batches, by the clusters that they were looked for in and the kind of log. */
export type AskerMemory = { readonly byPlace: Map<string, Askers>; made: number };

/** An empty `AskerMemory`. */
export const createAskerMemory = (): AskerMemory => ({ byPlace: new Map(), made: 0 });

/** Nobody has asked yet. */
export function forgetAskers(memory: AskerMemory): void {
  memory.byPlace.clear();
  memory.made = 0;
}

/** Whether as many askers were made as may be held. */
export const isFull = (memory: AskerMemory): boolean => memory.made > MAX_MADE;

/** The askers among the clients of `clusters`, as the logs of a `kind` name them. */
export function askersAmong(
  memory: AskerMemory,
  kind: 'group' | 'vpc',
  clusters: readonly Cluster[],
): Askers {
  const place = [kind, ...clusters.map(({ name }) => name)].join('\n');
  let askers = memory.byPlace.get(place);
  if (askers === undefined) {
    askers = createTwoGenerationCache((ip) => {
      memory.made++;
      return newAsker(ip);
    }, MAX_ASKERS);
    memory.byPlace.set(place, askers);
  }
  return askers;
}

const newAsker = (ip: string): Asker => ({
  ip,
  isLoopback: isLoopback(ip),
  history: undefined,
  batch: -1,
  cacheValidity: undefined,
  changes: -1,
  afterSecond: NO_SECOND,
  beforeSecond: NO_SECOND,
  instanceId: undefined,
  isCertain: false,
  owner: undefined,
  places: -1,
  client: undefined,
  clientText: undefined,
});

/** Makes sure that what an asker remembers is true in this batch; `places` is the directory's `topologyRevision`. */
export function freshen(
  asker: Asker,
  directory: Directory,
  clusters: readonly Cluster[],
  batch: number,
  places: number,
): void {
  asker.batch = batch;
  const { cacheValidity } = asker;
  if (cacheValidity !== undefined && cacheValidity.changes === asker.changes && asker.places === places) {
    const confirmedSecond = Math.min(LAST_SECOND, Math.floor(cacheValidity.clock.syncedMs / 1000));
    if (confirmedSecond > asker.beforeSecond) asker.beforeSecond = confirmedSecond;
    return;
  }
  asker.history = directory.historyOf(clusters, asker.ip);
  asker.cacheValidity = undefined;
  asker.afterSecond = NO_SECOND;
  asker.beforeSecond = NO_SECOND;
}
