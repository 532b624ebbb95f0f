// All tenures of one kind (the pods, or the nodes) of one cluster, as list and watch report them.
import { isDeepStrictEqual } from 'node:util';
import { createEndedQueue } from './eviction-queue.ts';
import { aliveTo, endAt, endBetween, type Facts, type Holding, type Tenure } from './interval.ts';

/**
 * Ended tenures kept per table, about 1.3 kB each with its pod; the oldest go first. Beside 15,000 pods that are alive
 * this keeps a directory below 60 MB.
 */
const MAX_ENDED = 25_000;

/** Tenures kept in all; what is alive beyond is not recorded. */
const MAX_TENURES = 100_000;

/** Lost nodes remembered for pods that come to be known after them. */
const MAX_LOST_NODES = 1000;

const NEVER = Number.NEGATIVE_INFINITY;

/** What list and watch report, and what may be asked in between. */
export type TenureTable = {
  /** Tenures of an address in canonical spelling. */
  readonly at: (ip: string) => Holding | undefined;
  /** The newest tenure under one of its names; under its first one, the newest that had started by then. */
  readonly named: (name: string, startedByMs?: number) => Tenure | undefined;
  /** Whoever is or was there. */
  readonly holders: () => Iterable<Tenure['holder']>;
  /** Seen in a list taken at `atMs`, or in a watch at a moment unknown (undefined). */
  readonly observe: (facts: Facts, atMs: number | undefined) => void;
  /** Deleted before `noticedMs`, as a watch reports it. */
  readonly remove: (facts: Facts, noticedMs: number) => void;
  /** From now on, `observe` marks what the list holds. */
  readonly beginList: () => void;
  /** The list taken at `atMs` is complete: what it did not hold had ended by then. */
  readonly endList: (atMs: number) => void;
  /** Everything up to `atMs` has been observed. */
  readonly syncedTo: (atMs: number) => void;
  readonly syncedMs: () => number | undefined;
  /** What is on that node was last seen alive at `sinceMs`, whatever is listed; undefined: it is well again. */
  readonly loseNode: (name: string, sinceMs: number | undefined) => void;
  /** Forgets what ended before `horizonMs`. */
  readonly prune: (horizonMs: number) => void;
  /** Forgets everything, the last sync too; who remembers an answer sees that it has changed. */
  readonly clear: () => void;
  readonly size: () => number;
  /** Counts what changed the answers but for the passing of time, which a sync is. */
  readonly changes: () => number;
  /** True once something alive had to be left out. */
  readonly isFull: () => boolean;
};

type MutableHolding = {
  readonly tenures: Tenure[];
  readonly clock: { readonly syncedMs: number };
  changes: number;
};

/** An empty table; `maxTenures` and `maxEnded` bound its memory. */
export function createTenureTable(maxTenures = MAX_TENURES, maxEnded = MAX_ENDED): TenureTable {
  const byKey = new Map<string, Tenure>();
  const byName = new Map<string, Tenure>();
  const byIp = new Map<string, MutableHolding>();
  const lostNodes = new Map<string, number>();
  const clock = { syncedMs: NEVER };
  let ended = createEndedQueue();
  let size = 0;
  let changes = 0;
  let generation = 0;
  let isFull = false;

  const changed = (tenure: Tenure): void => {
    changes += 1;
    for (const ip of tenure.ownsIps ? tenure.ips : []) {
      const holding = byIp.get(ip);
      if (holding !== undefined) holding.changes += 1;
    }
  };

  // What was observed once stays observed, also where a clock goes back.
  const syncedTo = (atMs: number): void => {
    clock.syncedMs = Math.max(clock.syncedMs, atMs);
  };

  const forget = (tenure: Tenure): void => {
    changed(tenure);
    if (byKey.get(tenure.key) === tenure) byKey.delete(tenure.key);
    for (const name of tenure.names) if (byName.get(name) === tenure) byName.delete(name);
    const { earlier, later, names } = tenure;
    if (earlier !== undefined) earlier.later = later;
    if (later !== undefined) later.earlier = earlier;
    else if (earlier !== undefined) byName.set(names[0] ?? '', earlier);
    for (const ip of tenure.ownsIps ? tenure.ips : []) {
      const tenures = byIp.get(ip)?.tenures;
      tenures?.splice(tenures.indexOf(tenure), 1);
      if (tenures?.length === 0) byIp.delete(ip);
    }
    size -= 1;
  };

  const clear = (): void => {
    changes += 1;
    for (const holding of byIp.values()) {
      holding.changes += 1;
      holding.tenures.length = 0;
    }
    for (const kept of [byKey, byName, byIp, lostNodes]) kept.clear();
    ended = createEndedQueue();
    size = 0;
    isFull = false;
    clock.syncedMs = NEVER;
  };

  const hasRoom = (): boolean => {
    while (ended.size() > 0 && (size >= maxTenures || ended.size() > maxEnded)) {
      const oldest = ended.take(() => true);
      if (oldest !== undefined) forget(oldest);
    }
    isFull = size >= maxTenures;
    return !isFull;
  };

  const close = (tenure: Tenure, facts: Facts | undefined, noticedMs: number): void => {
    const ending = facts?.ending;
    if (tenure.isOver && ending?.kind !== 'known') return;
    changed(tenure);
    if (!tenure.isOver) ended.put(tenure);
    if (ending?.kind === 'known') endAt(tenure, ending.atMs);
    else {
      const aliveMs = Math.max(aliveTo(tenure, clock.syncedMs), facts?.aliveAtMs ?? NEVER);
      endBetween(tenure, Math.min(aliveMs, noticedMs), noticedMs);
    }
  };

  const open = (facts: Facts, atMs: number | undefined): Tenure | undefined => {
    if (!hasRoom()) return undefined;
    const tenure = newTenure(facts, atMs, clock.syncedMs);
    tenure.generation = generation;
    const lostMs = lostNodes.get(nodeNameOf(tenure) ?? '');
    if (lostMs !== undefined && tenure.startMs <= lostMs) tenure.lostMs = lostMs;
    size += 1;
    byKey.set(tenure.key, tenure);
    tenure.earlier = byName.get(tenure.names[0] ?? '');
    if (tenure.earlier !== undefined) tenure.earlier.later = tenure;
    for (const name of tenure.names) byName.set(name, tenure);
    for (const ip of tenure.ownsIps ? tenure.ips : []) {
      const holding = byIp.get(ip);
      if (holding === undefined) byIp.set(ip, { tenures: [tenure], clock, changes: 0 });
      else holding.tenures.push(tenure);
    }
    changed(tenure);
    return tenure;
  };

  /** A node learns its instance a moment after it has joined. */
  const addNames = (tenure: Tenure, names: readonly string[]): void => {
    if (sameText(tenure.names, names) || tenure.names[0] !== names[0]) return;
    tenure.names = names;
    for (const name of names) if (!byName.has(name)) byName.set(name, tenure);
    changed(tenure);
  };

  const record = (facts: Facts, atMs: number | undefined): Tenure | undefined => {
    const known = byKey.get(facts.key);
    if (known === undefined) return open(facts, atMs);
    // At its end a pod may lose its addresses before it goes; it had them all the same.
    if (facts.ips.length === 0 || sameText(known.ips, facts.ips)) {
      known.generation = generation;
      addNames(known, facts.names);
      if (renew(known, facts, atMs)) changed(known);
      return known;
    }
    // A new sandbox has a new address; the old one was given up at some time before.
    if (known.ips.length === 0) forget(known);
    else close(known, undefined, facts.startMs ?? Number.POSITIVE_INFINITY);
    return open(facts, atMs);
  };

  return {
    at: (ip) => byIp.get(ip),
    named: (name, startedByMs = Number.POSITIVE_INFINITY) => {
      const newest = byName.get(name);
      let tenure = newest;
      while (tenure !== undefined && tenure.startMs > startedByMs) tenure = tenure.earlier;
      return tenure ?? newest;
    },
    holders: function* () {
      for (const { holder } of byKey.values()) yield holder;
    },
    observe: (facts, atMs) => {
      const tenure = record(facts, atMs);
      if (tenure && facts.ending) close(tenure, facts, atMs ?? Number.POSITIVE_INFINITY);
    },
    remove: (facts, noticedMs) => {
      const tenure = record(facts, undefined);
      if (tenure) close(tenure, facts, noticedMs);
    },
    beginList: () => {
      generation += 1;
    },
    endList: (atMs) => {
      for (const tenure of byKey.values()) {
        if (tenure.generation !== generation) close(tenure, undefined, atMs);
      }
      syncedTo(atMs);
    },
    syncedTo,
    loseNode: (name, sinceMs = Number.POSITIVE_INFINITY) => {
      lostNodes.delete(name);
      if (sinceMs !== Number.POSITIVE_INFINITY) lostNodes.set(name, sinceMs);
      for (const oldest of lostNodes.keys()) if (lostNodes.size > MAX_LOST_NODES) lostNodes.delete(oldest);
      for (const tenure of byKey.values()) {
        if (tenure.isOver || nodeNameOf(tenure) !== name || tenure.lostMs === sinceMs) continue;
        tenure.lostMs = sinceMs;
        changed(tenure);
      }
    },
    syncedMs: () => (clock.syncedMs === NEVER ? undefined : clock.syncedMs),
    prune: (horizonMs) => {
      const isOld = (tenure: Tenure) => tenure.possibleToMs < horizonMs;
      for (let oldest = ended.take(isOld); oldest; oldest = ended.take(isOld)) forget(oldest);
    },
    clear,
    size: () => size,
    changes: () => changes,
    isFull: () => isFull,
  };
}

function newTenure(facts: Facts, atMs: number | undefined, syncedMs: number): Tenure {
  const confirmedMs = facts.ending === undefined ? (atMs ?? NEVER) : NEVER;
  return {
    key: facts.key,
    names: facts.names,
    earlier: undefined,
    later: undefined,
    holder: facts.holder,
    ips: facts.ips,
    // Ended at a time nobody knows, before anybody looked: the address may long be somebody else's.
    ownsIps: facts.ownsIps && facts.ending?.kind !== 'unknown',
    // Whoever is seen with an address has it from then on, however little is known of before.
    startMs: facts.startMs ?? Math.max(confirmedMs, syncedMs),
    startIsCertain: facts.startMs !== undefined && facts.startIsCertain,
    confirmedMs,
    lostMs: Number.POSITIVE_INFINITY,
    isOver: false,
    certainToMs: NEVER,
    possibleToMs: NEVER,
    generation: 0,
    isQueued: false,
    exact: undefined,
    inferred: undefined,
  };
}

/** Brings what is known of a tenure up to date, and tells whether that was any news; its addresses are the same. */
function renew(tenure: Tenure, facts: Facts, atMs: number | undefined): boolean {
  let isNews = false;
  if (facts.ending === undefined) {
    if (atMs !== undefined) tenure.confirmedMs = Math.max(tenure.confirmedMs, atMs);
    // A gap made it look gone, and here it is.
    isNews = tenure.isOver;
    tenure.isOver = false;
  }
  if (facts.startMs !== undefined) {
    const isBetter =
      facts.startIsCertain === tenure.startIsCertain ? facts.startMs < tenure.startMs : facts.startIsCertain;
    if (isBetter) {
      isNews = true;
      tenure.startMs = facts.startMs;
      tenure.startIsCertain = facts.startIsCertain;
    }
  }
  // The same object for as long as it says the same: what was written for it is found by it.
  if (isDeepStrictEqual(tenure.holder, facts.holder)) return isNews;
  tenure.holder = facts.holder;
  tenure.exact = undefined;
  tenure.inferred = undefined;
  return true;
}

const nodeNameOf = ({ holder }: Tenure) => (holder.kind === 'pod' ? holder.pod.nodeName : undefined);

/** Equal lists of texts. */
const sameText = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, index) => text === b[index]);
