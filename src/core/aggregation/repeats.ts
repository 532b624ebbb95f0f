import type { QuestionCategory } from '../model/settings.ts';
import { byPlace, type Query, type QueryGroup } from './query.ts';

/**
 * Lists groups that become one record: those of `categories` that are equal in client, name, types, suffixes, result and
 * category, in the order of the batch; every other group alone. `scopeOf` keeps groups apart that must not share a record.
 */
export function joinRepeats(
  groups: readonly QueryGroup[],
  categories: ReadonlySet<QuestionCategory>,
  scopeOf: (query: Query) => number,
): readonly (readonly QueryGroup[])[] {
  const equal = new Map<string, QueryGroup[]>();
  const others: QueryGroup[][] = [];
  for (const group of groups.toSorted((a, b) => byPlace(a.carrier, b.carrier))) {
    const { carrier, types, suffixes } = group;
    const { clientKey, name, code, category } = carrier;
    if (!categories.has(category)) {
      others.push([group]);
      continue;
    }
    const lists = [types.toSorted(), suffixes.toSorted()];
    const key = JSON.stringify([scopeOf(carrier), clientKey, name, code, category, lists]);
    const list = equal.get(key);
    if (list === undefined) equal.set(key, [group]);
    else list.push(group);
  }
  return [...equal.values(), ...others];
}
