// One owner's hold on its addresses, and what an event at a moment may conclude from it (design section 5).
import type { CacheValidity, Node, OwnerLookup, Pod } from '../../core/model/directory.ts';

/** Clocks of nodes, of the API and of the function may differ by this much before an attribution could suffer. */
const SKEW_MS = 2000;

/**
 * How long after its owner was last seen an address cannot have gone to somebody else: the VPC CNI keeps a freed
 * address 30 s in cooldown, less clock skew. Later than that nobody is named: a wrong pod is worse than no pod.
 * https://github.com/aws/amazon-vpc-cni-k8s#ip_cooldown_period-v1150
 */
export const REUSE_MS = 26_000;

/** Who holds an address. */
type Holder = { readonly kind: 'pod'; readonly pod: Pod } | { readonly kind: 'node'; readonly node: Node };

/** How an owner ended: at a known time, or at some time before it was noticed. */
export type Ending = { readonly kind: 'known'; readonly atMs: number } | { readonly kind: 'unknown' };

/** What one observation of a pod or node says. */
export type Facts = {
  /** uid, else the name: one per incarnation. */
  readonly key: string;
  /** What it may be asked for by: `namespace/name` of a pod; name and instance id of a node. */
  readonly names: readonly string[];
  readonly holder: Holder;
  /** Canonical addresses, the primary one first. */
  readonly ips: readonly string[];
  /** False for pods that live in their node's network: they are known by name only. */
  readonly ownsIps: boolean;
  readonly startMs: number | undefined;
  /** False when `startMs` comes before the address was there (`status.startTime`). */
  readonly startIsCertain: boolean;
  readonly ending: Ending | undefined;
  /** A moment at which it was surely still there although it has ended since (the request to delete it). */
  readonly aliveAtMs: number | undefined;
  /** Of a node: since when nobody has heard of it. */
  readonly lostMs?: number | undefined;
};

/** A hold on addresses over `[startMs, end)`. */
export type Tenure = {
  readonly key: string;
  names: readonly string[];
  /** The ones before and after it under its first name. */
  earlier: Tenure | undefined;
  later: Tenure | undefined;
  holder: Holder;
  readonly ips: readonly string[];
  readonly ownsIps: boolean;
  startMs: number;
  startIsCertain: boolean;
  /** Last moment at which this very owner was seen alive; the table's last sync may be later. */
  confirmedMs: number;
  /** Since when its node has not been heard of: from then on, being listed proves nothing. Infinity where it is well. */
  lostMs: number;
  isOver: boolean;
  /** Once over: until then it surely had the addresses ... */
  certainToMs: number;
  /** ... and until then nobody else can have had them. */
  possibleToMs: number;
  /** The list in which it was seen last. */
  generation: number;
  /** Waits among the ended to be forgotten. */
  isQueued: boolean;
  exact: OwnerLookup | undefined;
  inferred: OwnerLookup | undefined;
};

/** When a tenure that is not over was last seen alive; `syncedMs` is the table's last complete sync. */
export const aliveTo = (tenure: Tenure, syncedMs: number): number =>
  Math.min(Math.max(tenure.confirmedMs, syncedMs), tenure.lostMs);

/** Until when `tenure` surely had its addresses. */
const certainTo = (tenure: Tenure, syncedMs: number): number =>
  tenure.isOver ? tenure.certainToMs : aliveTo(tenure, syncedMs);

/** Until when nobody else can have had them. */
function possibleTo(tenure: Tenure, syncedMs: number): number {
  if (tenure.isOver) return tenure.possibleToMs;
  return Math.max(aliveTo(tenure, syncedMs), tenure.startMs) + REUSE_MS;
}

/** Closes a tenure that ended at a known time. */
export function endAt(tenure: Tenure, atMs: number): void {
  tenure.isOver = true;
  tenure.certainToMs = atMs;
  tenure.possibleToMs = atMs + SKEW_MS;
}

/** Closes a tenure that ended at some time between `aliveMs` and `goneMs`. */
export function endBetween(tenure: Tenure, aliveMs: number, goneMs: number): void {
  tenure.isOver = true;
  tenure.certainToMs = aliveMs;
  tenure.possibleToMs = Math.min(Math.max(aliveMs, tenure.startMs) + REUSE_MS, goneMs + SKEW_MS);
}

/** What a moment says about a tenure: it surely held, it may have held, or it did not. */
type Fit = 'certain' | 'possible' | 'none';

function fitAt(tenure: Tenure, atMs: number, syncedMs: number): Fit {
  if (atMs < tenure.startMs - SKEW_MS || atMs >= possibleTo(tenure, syncedMs)) return 'none';
  const held = tenure.startIsCertain && atMs >= tenure.startMs;
  // An end is exclusive, a sighting is inclusive; a millisecond between the two is of no weight here.
  return held && atMs <= certainTo(tenure, syncedMs) ? 'certain' : 'possible';
}

/** Two owners fit, or owners in two clusters. */
export const AMBIGUOUS: OwnerLookup = { kind: 'ambiguous' };

/** The tenures of one address in one table, with that table's last complete sync. */
export type Holding = CacheValidity & { readonly tenures: readonly Tenure[] };

/**
 * Who of the holders of one address in one cluster had it at `atMs`. A later certain start proves that earlier
 * holders had lost it by then, whatever else is known of them.
 */
export function ownerOf(
  pods: Holding | undefined,
  nodes: Holding | undefined,
  atMs: number,
): OwnerLookup | undefined {
  const clipMs = Math.max(latestStart(pods, atMs), latestStart(nodes, atMs));
  let found: Tenure | undefined;
  let isExact = false;
  for (let holding = pods ?? nodes; holding !== undefined; holding = holding === nodes ? undefined : nodes) {
    for (const tenure of holding.tenures) {
      // Around a hand-over the clocks may differ, so both sides stay in the running.
      if (tenure.startMs < clipMs && atMs >= clipMs + SKEW_MS) continue;
      const fit = fitAt(tenure, atMs, holding.clock.syncedMs);
      if (fit === 'none') continue;
      if (found !== undefined && found.key !== tenure.key) return AMBIGUOUS;
      if (!isExact) found = tenure;
      isExact ||= fit === 'certain';
    }
  }
  return found === undefined ? undefined : answer(found, isExact);
}

/** Moments around one, strictly between which `ownerOf` gives the same answer. */
type Between = { fromMs: number; toMs: number };

/** Narrows `steady` to what the tenures of one address allow around `atMs`; without room both ends are `atMs`. */
export function narrow(steady: Between, holding: Holding | undefined, atMs: number): void {
  if (holding === undefined) return;
  for (const tenure of holding.tenures) {
    // Every moment that `ownerOf` compares with.
    turn(steady, tenure.startMs - SKEW_MS, atMs);
    turn(steady, tenure.startMs, atMs);
    turn(steady, tenure.startMs + SKEW_MS, atMs);
    turn(steady, certainTo(tenure, holding.clock.syncedMs), atMs);
    turn(steady, possibleTo(tenure, holding.clock.syncedMs), atMs);
  }
}

function turn(steady: Between, turnMs: number, atMs: number): void {
  if (turnMs <= atMs && turnMs > steady.fromMs) steady.fromMs = turnMs;
  if (turnMs >= atMs && turnMs < steady.toMs) steady.toMs = turnMs;
}

/** The latest certain start up to `atMs`. */
function latestStart(holding: Holding | undefined, atMs: number): number {
  let latestMs = Number.NEGATIVE_INFINITY;
  if (holding === undefined) return latestMs;
  for (const { startMs, startIsCertain } of holding.tenures) {
    if (startIsCertain && startMs <= atMs && startMs > latestMs) latestMs = startMs;
  }
  return latestMs;
}

/** The same object for the same answer, so that callers may createTwoGenerationCache by identity. */
function answer(tenure: Tenure, isExact: boolean): OwnerLookup {
  if (isExact) {
    tenure.exact ??= { ...tenure.holder, attribution: 'exact' };
    return tenure.exact;
  }
  tenure.inferred ??= { ...tenure.holder, attribution: 'inferred' };
  return tenure.inferred;
}
