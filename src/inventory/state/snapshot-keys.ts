// Which snapshots are in the bucket. A reader of another account may write any key in the folder of its account.
import type { StateStore } from './store.ts';

/** Accounts that are listed on their own. */
const MAX_ACCOUNTS = 50;

/** Lists at the same time. */
const LISTS_AT_ONCE = 4;

/**
 * Keys under a prefix that ends with a slash or is empty. One request where they fit on a page; otherwise a page of each
 * account, so that one that has filled its folder with keys shuts out no other: at most 56 requests.
 */
export async function snapshotKeys(
  store: StateStore,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const first = await store.list(prefix, signal);
  if (first.isComplete) return first.keys;
  const folders = (await store.folders(prefix, signal))
    .filter((folder) => /^\d{12}\/$/.test(folder.slice(prefix.length)))
    .slice(0, MAX_ACCOUNTS);
  const keys: string[] = [];
  for (let at = 0; at < folders.length; at += LISTS_AT_ONCE) {
    const pages = folders.slice(at, at + LISTS_AT_ONCE).map((folder) => store.list(folder, signal));
    for (const page of await Promise.all(pages)) keys.push(...page.keys);
  }
  return keys;
}
