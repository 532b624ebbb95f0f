// Remembers what names are like. Popular names are asked for again and again, most others once: those are not kept, because
// to keep one costs more than to describe it.
import { detachString } from '../util/detach-string.ts';

// More than the names that a batch asks for repeatedly. Powers of two.
const PAIRS = 8192;
const WAITING = 16_384;
// Longer names are abnormal or hostile.
const MAX_LENGTH = 512;

/**
 * Caches the results of `make` by name, two names per hash. A name is kept when it comes for the second time, so that names
 * that come once displace nothing.
 */
export function createNameCache<V>(make: (name: string) => V): (name: string) => V {
  type Entry = { readonly name: string; readonly value: V };
  const entries: (Entry | undefined)[] = new Array(2 * PAIRS).fill(undefined);
  /** Hashes of names that came once. */
  const waiting = new Int32Array(WAITING);
  return (name) => {
    const hash = hashOf(name);
    const pair = hash & (PAIRS - 1);
    const newer = entries[2 * pair];
    if (newer?.name === name) return newer.value;
    const older = entries[2 * pair + 1];
    if (older?.name === name) return older.value;
    const place = hash & (WAITING - 1);
    if (waiting[place] !== hash || name.length > MAX_LENGTH) {
      waiting[place] = hash;
      return make(name);
    }
    const detached = detachString(name);
    const value = make(detached);
    entries[2 * pair + 1] = newer;
    entries[2 * pair] = { name: detached, value };
    return value;
  };
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), with its high bits mixed into the low ones. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}
