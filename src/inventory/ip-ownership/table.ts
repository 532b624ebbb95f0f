// IP ownership of one kind of owner (pods or nodes) in one cluster, built from lists and watches.
import { createEvictionQueue } from './eviction-queue.ts';
import {
  aliveBy,
  createIpOwnership,
  endAfter,
  endAt,
  haveSameItems,
  type IpOwnership,
  keepOwner,
  nodeNameOf,
  type Observation,
  type Owner,
  possibleUntil,
  replaceOwner,
  shownUntil,
  startedSince,
  updateIpOwnership,
} from './interval.ts';
import { createNodeLives, ENDLESS_LIFE, type NodeLife } from './node-lives.ts';
import type { AddressOwnerships } from './owner-at.ts';
import { createOwnershipMaps } from './ownership-maps.ts';
import { carriedOver, identityOf, restored, type SavedTable } from './saved.ts';

/**
 * Limit for ended ownerships per table, about 1.3 kB each with the pod; the oldest are evicted first. Together with
 * 15,000 live pods this keeps a directory below 60 MB.
 */
const MAX_ENDED = 25_000;

/** Limit for all ownerships of a table; further live owners are not recorded. */
const MAX_OWNERSHIPS = 100_000;

const NEVER = Number.NEGATIVE_INFINITY;

/** The owners of addresses over time. Written by list and watch, read between them. */
export type IpOwnershipTable = {
  /** Ownerships of an address in canonical spelling. */
  readonly byIp: (ip: string) => AddressOwnerships | undefined;
  /**
   * The newest ownership under any of its names. Under the first name, `startedByMs` selects the newest that had
   * started by then, if there is one.
   */
  readonly byName: (name: string, startedByMs?: number) => IpOwnership | undefined;
  /** All owners with an ownership that is not evicted. */
  readonly owners: () => Iterable<Owner>;
  /**
   * Replaces owners with others of the same identity whose attributes changed; `replacement` returns the owner itself
   * where nothing changed.
   */
  readonly replaceOwners: (replacement: (owner: Owner, hasEnded: boolean) => Owner) => void;
  /**
   * Records an item of a list taken at `atMs`, or of a watch event, whose time is unknown (undefined). What was observed
   * before an event is known to have held until `heldMs`.
   */
  readonly observe: (observation: Observation, atMs: number | undefined, heldMs?: number) => void;
  /** Records a deletion that a watch reported at `noticedMs`. */
  readonly remove: (observation: Observation, noticedMs: number, heldMs?: number) => void;
  /** Starts a list: what `observe` records from now on belongs to it. */
  readonly beginList: () => void;
  /** Completes the list taken at `atMs`: owners that it did not contain had ended by then. */
  readonly endList: (atMs: number) => void;
  /** Declares that everything up to `atMs` has been observed. */
  readonly syncedTo: (atMs: number) => void;
  /** Time of the last complete sync. */
  readonly syncedMs: () => number | undefined;
  /** The last sign of life of nodes by name, beyond which nothing confirms their pods; Infinity where there is no limit. */
  readonly nodesProved: (untilMs: ReadonlyMap<string, number>) => void;
  /** A node is gone; its last sign of life. Pods that started after `startedByMs` are on the next node of that name. */
  readonly nodeGone: (name: string, untilMs: number, startedByMs: number) => void;
  /** The earliest start of a pod on the present node of each name. */
  readonly nodesOfPods: () => Iterable<readonly [name: string, startMs: number]>;
  /** Evicts ownerships that ended before `horizonMs`. */
  readonly prune: (horizonMs: number) => void;
  /** The content; undefined before the first complete sync. It shares the table's objects: read it before the next change. */
  readonly save: () => SavedTable | undefined;
  /**
   * Replaces the content by that of a later complete sync. Of what the table knew, former owners stay; owners that the
   * later sync does not know ended in between.
   */
  readonly restore: (saved: SavedTable) => void;
  /** Removes everything, the time of the last sync included; cached results are invalidated. */
  readonly clear: () => void;
  readonly size: () => number;
  /** Grows with every change of a possible answer, but not with a sync, which only confirms answers. */
  readonly revision: () => number;
  /** True when the last new owner was not recorded for lack of room. */
  readonly isFull: () => boolean;
};

/** An empty table; `maxOwnerships` and `maxEnded` bound its memory. */
export function createIpOwnershipTable(
  maxOwnerships = MAX_OWNERSHIPS,
  maxEnded = MAX_ENDED,
): IpOwnershipTable {
  const lastSync = { syncedMs: NEVER };
  const maps = createOwnershipMaps(lastSync);
  const { byKey, byName, byIp, invalidate } = maps;
  const lives = createNodeLives();
  let evictionQueue = createEvictionQueue();
  let listSequence = 0;
  let isFull = false;

  // The clock may go back; what has been observed stays observed.
  const syncedTo = (atMs: number): void => {
    lastSync.syncedMs = Math.max(lastSync.syncedMs, atMs);
  };

  const clear = (): void => {
    maps.clear();
    lives.clear();
    evictionQueue = createEvictionQueue();
    isFull = false;
    lastSync.syncedMs = NEVER;
  };

  /** Evicts ended ownerships as far as the limits require; false when the table is full of live ones. */
  const makeRoom = (): boolean => {
    while (evictionQueue.size() > 0 && (maps.size() >= maxOwnerships || evictionQueue.size() > maxEnded)) {
      const oldest = evictionQueue.take(() => true);
      if (oldest !== undefined) maps.remove(oldest);
    }
    isFull = maps.size() >= maxOwnerships;
    return !isFull;
  };

  /** Ends an ownership; `aliveMs` is a time at which it was still alive. */
  const end = (
    ownership: IpOwnership,
    ending: Observation['ending'],
    aliveMs: number,
    releasedByMs = Number.POSITIVE_INFINITY,
  ): void => {
    if (ownership.hasEnded && ending?.kind !== 'known') return;
    invalidate(ownership);
    if (!ownership.hasEnded) evictionQueue.put(ownership);
    if (ending?.kind === 'known') endAt(ownership, ending.atMs);
    else endAfter(ownership, Math.max(shownUntil(ownership, lastSync.syncedMs), aliveMs), releasedByMs);
  };

  const lifeOf = (ownership: IpOwnership): NodeLife => {
    const name = nodeNameOf(ownership);
    return name === undefined ? ENDLESS_LIFE : lives.lifeOf(name, ownership.startMs);
  };

  const add = (observation: Observation, atMs: number | undefined): IpOwnership | undefined => {
    if (!makeRoom()) return undefined;
    const ownership = createIpOwnership(observation, atMs, lastSync.syncedMs);
    ownership.listSequence = listSequence;
    insert(ownership);
    return ownership;
  };

  const insert = (ownership: IpOwnership): void => {
    ownership.life = lifeOf(ownership);
    maps.insert(ownership);
  };

  const restore = (saved: SavedTable): void => {
    const own = maps.all();
    const carried = carriedOver(own, saved, lastSync.syncedMs);
    const known = new Map([...own].map((ownership) => [identityOf(ownership), ownership]));
    clear();
    lives.restore(saved.lives);
    syncedTo(saved.syncedMs);
    const ended: IpOwnership[] = [];
    for (const each of [...carried, ...saved.ownerships]) {
      const ownership = restored(each);
      const before = known.get(identityOf(each));
      if (before !== undefined) keepOwner(ownership, before);
      insert(ownership);
      if (ownership.hasEnded) ended.push(ownership);
    }
    for (const ownership of ended.sort((a, b) => a.endMs - b.endMs)) evictionQueue.put(ownership);
    makeRoom();
  };

  /** Updates the names: the instance id of a node appears a moment after the node has joined. */
  const updateNames = (ownership: IpOwnership, names: readonly string[]): void => {
    if (haveSameItems(ownership.names, names) || ownership.names[0] !== names[0]) return;
    ownership.names = names;
    for (const name of names) if (!byName.has(name)) byName.set(name, ownership);
    invalidate(ownership);
  };

  const upsert = (
    observation: Observation,
    atMs: number | undefined,
    heldMs: number,
  ): IpOwnership | undefined => {
    const known = byKey.get(observation.key);
    if (known === undefined) return add(observation, atMs);
    // A pod may lose its addresses shortly before it ends; it had them until then.
    if (observation.ips.length === 0 || haveSameItems(known.ips, observation.ips)) {
      known.listSequence = listSequence;
      updateNames(known, observation.names);
      if (updateIpOwnership(known, observation, atMs)) {
        // The node may have changed with the owner, and with it the life that proves the owner's.
        known.life = lifeOf(known);
        invalidate(known);
      }
      // Its sandbox is gone, and the next one has no address yet.
      const isLost = known.ips.length > observation.ips.length && observation.ending === undefined;
      if (isLost) end(known, undefined, heldMs);
      return known;
    }
    const seenMs = Math.max(shownUntil(known, lastSync.syncedMs), heldMs);
    // Addresses change with the sandbox only.
    const isNewSandbox = !observation.ips.some((ip) => known.ips.includes(ip));
    const next = isNewSandbox ? startedSince(observation, seenMs) : observation;
    if (known.ips.length === 0) maps.remove(known);
    else end(known, undefined, heldMs, next === observation ? next.startMs : undefined);
    return add(next, atMs);
  };

  /** Attaches the pods of these nodes to the present and former lives of the nodes. */
  const updateLives = (names: ReadonlySet<string>): void => {
    if (names.size === 0) return;
    for (const ownership of byKey.values()) {
      if (!names.has(nodeNameOf(ownership) ?? '')) continue;
      ownership.life = lifeOf(ownership);
      invalidate(ownership);
    }
  };

  return {
    byIp: (ip) => byIp.get(ip),
    byName: (name, startedByMs = Number.POSITIVE_INFINITY) => {
      const newest = byName.get(name);
      let ownership = newest;
      while (ownership !== undefined && ownership.startMs > startedByMs) ownership = ownership.previousByName;
      return ownership ?? newest;
    },
    owners: function* () {
      for (const { owner } of byKey.values()) yield owner;
    },
    replaceOwners: (replacement) => {
      for (const ownership of byKey.values()) {
        const owner = replacement(ownership.owner, ownership.hasEnded);
        if (owner === ownership.owner) continue;
        replaceOwner(ownership, owner);
        invalidate(ownership);
      }
    },
    observe: (observation, atMs, heldMs = NEVER) => {
      const ownership = upsert(observation, atMs, heldMs);
      if (ownership && observation.ending) end(ownership, observation.ending, aliveBy(observation, heldMs));
    },
    remove: (observation, noticedMs, heldMs = NEVER) => {
      const ownership = upsert(observation, undefined, Math.min(heldMs, noticedMs));
      if (ownership) end(ownership, observation.ending, Math.min(aliveBy(observation, heldMs), noticedMs));
    },
    beginList: () => {
      listSequence += 1;
    },
    endList: (atMs) => {
      for (const ownership of byKey.values()) {
        if (ownership.listSequence !== listSequence) end(ownership, undefined, NEVER);
      }
      syncedTo(atMs);
    },
    syncedTo,
    syncedMs: () => (lastSync.syncedMs === NEVER ? undefined : lastSync.syncedMs),
    nodesProved: (all) => {
      updateLives(new Set([...all].flatMap(([name, untilMs]) => (lives.prove(name, untilMs) ? [name] : []))));
    },
    nodeGone: (name, untilMs, startedByMs) => {
      lives.close(name, untilMs, startedByMs);
      updateLives(new Set([name]));
    },
    nodesOfPods: () => lives.firstStarts(),
    prune: (horizonMs) => {
      const isDue = (ownership: IpOwnership): boolean =>
        possibleUntil(ownership, lastSync.syncedMs) < horizonMs;
      for (let oldest = evictionQueue.take(isDue); oldest; oldest = evictionQueue.take(isDue))
        maps.remove(oldest);
    },
    save: () =>
      lastSync.syncedMs === NEVER
        ? undefined
        : { syncedMs: lastSync.syncedMs, ownerships: [...maps.all()], lives: lives.save() },
    restore,
    clear,
    size: maps.size,
    revision: maps.revision,
    isFull: () => isFull,
  };
}
