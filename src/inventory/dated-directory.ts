import type { Directory, OwnerLookup } from '../core/model/directory.ts';

/**
 * A directory of which nothing after `takenAtMs` is certain: owners that had not ended by then are named as `inferred`, as
 * long as the file knows of no other.
 */
export function datedDirectory(directory: Directory, takenAtMs: number): Directory {
  // The same object for the same answer, so that callers can cache by identity.
  const inferred = new WeakMap<OwnerLookup, OwnerLookup>();
  const limited = (owner: OwnerLookup): OwnerLookup => {
    if (owner.kind === 'ambiguous' || owner.attribution === 'inferred') return owner;
    const known = inferred.get(owner);
    if (known !== undefined) return known;
    const made: OwnerLookup = { ...owner, attribution: 'inferred' };
    inferred.set(owner, made);
    return made;
  };
  return {
    ...directory,
    ownerAt: (history, atMs) => {
      const owner = directory.ownerAt(history, atMs);
      return owner === undefined || atMs <= takenAtMs ? owner : limited(owner);
    },
    validityAt: (history, atMs) => {
      const { fromMs, toMs } = directory.validityAt(history, atMs);
      return {
        fromMs: atMs < takenAtMs ? fromMs : Math.max(fromMs, takenAtMs),
        toMs: atMs > takenAtMs ? toMs : Math.min(toMs, takenAtMs),
        cacheValidity: undefined,
      };
    },
  };
}
