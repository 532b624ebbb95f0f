// The ownerships of a table by key, name and address.
import { addressesOf, type IpOwnership } from './interval.ts';
import { MutableAddressOwnerships } from './owner-at.ts';

/** Ownerships by all that they are looked up by. */
export type OwnershipMaps = {
  /** The newest ownership of each owner. */
  readonly byKey: ReadonlyMap<string, IpOwnership>;
  /** The newest ownership under each of its names; the older ones follow by `previousByName` of the first name. */
  readonly byName: Map<string, IpOwnership>;
  readonly byIp: ReadonlyMap<string, MutableAddressOwnerships>;
  readonly insert: (ownership: IpOwnership) => void;
  readonly remove: (ownership: IpOwnership) => void;
  /** Every ownership; of those with the same first name, the oldest come first. */
  readonly all: () => ReadonlySet<IpOwnership>;
  /** Invalidates cached results that depend on an ownership. */
  readonly invalidate: (ownership: IpOwnership) => void;
  /** Removes everything and invalidates all cached results. */
  readonly clear: () => void;
  readonly size: () => number;
  /** Grows with every change of a possible answer. */
  readonly revision: () => number;
};

/** Empty maps for a table whose last complete sync is `lastSync`. */
export function createOwnershipMaps(lastSync: { readonly syncedMs: number }): OwnershipMaps {
  const byKey = new Map<string, IpOwnership>();
  const byName = new Map<string, IpOwnership>();
  const byIp = new Map<string, MutableAddressOwnerships>();
  let size = 0;
  let revision = 0;

  const invalidate = (ownership: IpOwnership): void => {
    revision += 1;
    for (const ip of addressesOf(ownership)) {
      const address = byIp.get(ip);
      if (address !== undefined) address.revision += 1;
    }
  };

  return {
    byKey,
    byName,
    byIp,
    insert: (ownership) => {
      size += 1;
      byKey.set(ownership.key, ownership);
      ownership.previousByName = byName.get(ownership.names[0] ?? '');
      if (ownership.previousByName !== undefined) ownership.previousByName.nextByName = ownership;
      for (const name of ownership.names) byName.set(name, ownership);
      for (const ip of addressesOf(ownership)) {
        const address = byIp.get(ip) ?? new MutableAddressOwnerships(lastSync);
        byIp.set(ip, address);
        address.ownerships.push(ownership);
      }
      invalidate(ownership);
    },
    remove: (ownership) => {
      invalidate(ownership);
      // A pod whose address changed has a newer ownership under the same key.
      if (byKey.get(ownership.key) === ownership) byKey.delete(ownership.key);
      for (const name of ownership.names) if (byName.get(name) === ownership) byName.delete(name);
      const { previousByName, nextByName, names } = ownership;
      if (previousByName !== undefined) previousByName.nextByName = nextByName;
      if (nextByName !== undefined) nextByName.previousByName = previousByName;
      else if (previousByName !== undefined) byName.set(names[0] ?? '', previousByName);
      for (const ip of addressesOf(ownership)) {
        const ownerships = byIp.get(ip)?.ownerships;
        ownerships?.splice(ownerships.indexOf(ownership), 1);
        if (ownerships?.length === 0) byIp.delete(ip);
      }
      size -= 1;
    },
    all: () => {
      const found = new Set<IpOwnership>();
      for (const newest of byName.values()) {
        if (found.has(newest)) continue;
        const chain: IpOwnership[] = [];
        for (let each: IpOwnership | undefined = newest; each; each = each.previousByName) chain.push(each);
        for (const each of chain.reverse()) found.add(each);
      }
      return found;
    },
    invalidate,
    clear: () => {
      revision += 1;
      for (const address of byIp.values()) {
        address.revision += 1;
        address.ownerships.length = 0;
      }
      for (const map of [byKey, byName, byIp]) map.clear();
      size = 0;
    },
    size: () => size,
    revision: () => revision,
  };
}
