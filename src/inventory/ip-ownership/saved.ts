// The content of a table as other copies of the function take it over, by way of a snapshot.
import { certainUntil, type IpOwnership } from './interval.ts';
import { ENDLESS_LIFE, type SavedLives } from './node-lives.ts';

/** An ownership without the members that only its table needs. */
export type SavedOwnership = Readonly<
  Pick<
    IpOwnership,
    | 'key'
    | 'names'
    | 'owner'
    | 'ips'
    | 'ownsIps'
    | 'startMs'
    | 'startIsCertain'
    | 'lastSeenMs'
    | 'hasEnded'
    | 'endIsKnown'
    | 'endMs'
    | 'releasedByMs'
  >
>;

/** The content of a table at its last complete sync. */
export type SavedTable = {
  readonly syncedMs: number;
  /** Of those with the same first name, the oldest come first. */
  readonly ownerships: readonly SavedOwnership[];
  readonly lives: readonly SavedLives[];
};

/** An ownership as it was saved; its life follows from that of its node. */
export const restored = (saved: SavedOwnership): IpOwnership => ({
  key: saved.key,
  names: saved.names,
  previousByName: undefined,
  nextByName: undefined,
  owner: saved.owner,
  ips: saved.ips,
  ownsIps: saved.ownsIps,
  startMs: saved.startMs,
  startIsCertain: saved.startIsCertain,
  lastSeenMs: saved.lastSeenMs,
  life: ENDLESS_LIFE,
  hasEnded: saved.hasEnded,
  endIsKnown: saved.endIsKnown,
  endMs: saved.endMs,
  releasedByMs: saved.releasedByMs,
  listSequence: 0,
  isQueuedForEviction: false,
  exact: undefined,
  inferred: undefined,
});

/**
 * What a table knows and a later complete sync of another copy does not: owners that had ended, and those that ended some
 * time between the two syncs. Their last proof of life is kept as their end, because the lives of their nodes are replaced.
 */
export function carriedOver(
  own: Iterable<SavedOwnership & Pick<IpOwnership, 'life'>>,
  later: SavedTable,
  ownSyncedMs: number,
): readonly SavedOwnership[] {
  const known = new Set(later.ownerships.map(identityOf));
  const carried: SavedOwnership[] = [];
  for (const ownership of own) {
    if (known.has(identityOf(ownership))) continue;
    const end = { hasEnded: true, endIsKnown: false, endMs: certainUntil(ownership, ownSyncedMs) };
    carried.push(ownership.hasEnded && ownership.endIsKnown ? ownership : { ...ownership, ...end });
  }
  return carried;
}

/** One owner with the same addresses. */
export const identityOf = ({ key, ips }: SavedOwnership): string => `${key} ${ips.join(' ')}`;
