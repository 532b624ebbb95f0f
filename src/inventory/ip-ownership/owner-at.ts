// The rules that attribute an event to one of the owners of its address.
import type { CacheValidity, OwnerLookup } from '../../core/model/directory.ts';
import { CLOCK_SKEW_MS, certainUntil, type IpOwnership, possibleUntil } from './interval.ts';
import { ENDLESS_LIFE, type NodeLife } from './node-lives.ts';

/** Ownerships of one address in one table; `lastSync` is the last complete sync of that table. */
export type AddressOwnerships = CacheValidity & { readonly ownerships: readonly IpOwnership[] };

type LastSync = { readonly syncedMs: number };

/** The ownerships of one address, as their table changes them. A class, so that all addresses share the getter. */
export class MutableAddressOwnerships implements AddressOwnerships {
  readonly ownerships: IpOwnership[] = [];
  readonly lastSync: LastSync;
  revision = 0;

  constructor(lastSync: LastSync) {
    this.lastSync = lastSync;
  }

  get life(): NodeLife {
    return this.ownerships[0]?.life ?? ENDLESS_LIFE;
  }
}

/** More than one owner matches, or owners in two clusters do. */
export const AMBIGUOUS: OwnerLookup = { kind: 'ambiguous' };

/**
 * The owner of an address in one cluster at `atMs`, among the pods and nodes that ever had it. A later certain start
 * proves that all earlier owners had lost the address by then.
 */
export function ownerAt(
  pods: AddressOwnerships | undefined,
  nodes: AddressOwnerships | undefined,
  atMs: number,
): OwnerLookup | undefined {
  const latestStartMs = Math.max(latestCertainStart(pods, atMs), latestCertainStart(nodes, atMs));
  let found: IpOwnership | undefined;
  let isExact = false;
  // A loop over two variables: an array of both would be one allocation per look-up.
  for (let table = pods ?? nodes; table !== undefined; table = table === nodes ? undefined : nodes) {
    for (const ownership of table.ownerships) {
      // Clocks may differ, so both owners stay possible around a hand-over.
      if (ownership.startMs < latestStartMs && atMs >= latestStartMs + CLOCK_SKEW_MS) continue;
      const match = matchAt(ownership, atMs, table.lastSync.syncedMs);
      if (match === 'none') continue;
      if (found !== undefined && found.key !== ownership.key) return AMBIGUOUS;
      if (!isExact) found = ownership;
      isExact ||= match === 'certain';
    }
  }
  return found === undefined ? undefined : lookupResult(found, isExact);
}

/** Whether an owner certainly had its addresses at a time, possibly had them, or did not. */
type Match = 'certain' | 'possible' | 'none';

function matchAt(ownership: IpOwnership, atMs: number, syncedMs: number): Match {
  if (atMs < ownership.startMs - CLOCK_SKEW_MS || atMs >= possibleUntil(ownership, syncedMs)) return 'none';
  const hasStarted = ownership.startIsCertain && atMs >= ownership.startMs;
  // An end is exclusive and a sighting inclusive; a difference of one millisecond does not matter here.
  return hasStarted && atMs <= certainUntil(ownership, syncedMs) ? 'certain' : 'possible';
}

/** The latest certain start up to `atMs`. */
function latestCertainStart(table: AddressOwnerships | undefined, atMs: number): number {
  let latestMs = Number.NEGATIVE_INFINITY;
  if (table === undefined) return latestMs;
  for (const { startMs, startIsCertain } of table.ownerships) {
    if (startIsCertain && startMs <= atMs && startMs > latestMs) latestMs = startMs;
  }
  return latestMs;
}

/** Returns the same object for the same answer, so that callers can cache by identity. */
function lookupResult(ownership: IpOwnership, isExact: boolean): OwnerLookup {
  if (isExact) {
    ownership.exact ??= { ...ownership.owner, attribution: 'exact' };
    return ownership.exact;
  }
  ownership.inferred ??= { ...ownership.owner, attribution: 'inferred' };
  return ownership.inferred;
}

/** Two times, strictly between which `ownerAt` gives the same answer. */
type OpenInterval = { fromMs: number; toMs: number };

/**
 * Intersects `validity` with the interval around `atMs` in which the ownerships of one table do not change the answer
 * of `ownerAt`. Both ends become `atMs` when that interval is empty.
 */
export function intersect(validity: OpenInterval, table: AddressOwnerships | undefined, atMs: number): void {
  if (table === undefined) return;
  for (const ownership of table.ownerships) {
    // All times that `ownerAt` compares with.
    clip(validity, ownership.startMs - CLOCK_SKEW_MS, atMs);
    clip(validity, ownership.startMs, atMs);
    clip(validity, ownership.startMs + CLOCK_SKEW_MS, atMs);
    clip(validity, certainUntil(ownership, table.lastSync.syncedMs), atMs);
    clip(validity, possibleUntil(ownership, table.lastSync.syncedMs), atMs);
  }
}

/** Moves the end of `validity` that lies beyond `boundaryMs`, seen from `atMs`, to `boundaryMs`. */
function clip(validity: OpenInterval, boundaryMs: number, atMs: number): void {
  if (boundaryMs <= atMs && boundaryMs > validity.fromMs) validity.fromMs = boundaryMs;
  if (boundaryMs >= atMs && boundaryMs < validity.toMs) validity.toMs = boundaryMs;
}
