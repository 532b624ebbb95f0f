// From names to the entries of a list: names as they are, and wildcards where many names share a parent.
import { isWithin, labelCount, parentOf, type Zone } from './zones.ts';

/** A name to allow, and its zone. */
export type ListedName = { readonly name: string; readonly zone: Zone };

/** What a format of lists can express. */
export type Dialect = {
  /** Whether the format can hold this name. */
  readonly isWritable: (name: string) => boolean;
  /** The wildcard over the names that are `depth` labels longer than `parent`. */
  readonly wildcard: (parent: string, depth: number) => string;
  /** Whether a wildcard covers only names of its own number of labels. */
  readonly isPerDepth: boolean;
  /** Whether a wildcard covers names that the format cannot hold. */
  readonly coversUnwritable: boolean;
};

/** A wildcard of a list, and how many of the names it stands for. */
export type Fold = { readonly wildcard: string; readonly names: number };

/** The entries of one list. */
export type FoldedList = {
  /** In order of their text from the last label on, so that domains stay together. */
  readonly entries: readonly string[];
  readonly folds: readonly Fold[];
  /** Names that the format cannot express at all. */
  readonly unwritable: readonly string[];
};

/** How names are folded. */
export type FoldRule = {
  /** Least number of names below one parent for a wildcard. */
  readonly atLeast: number;
  /** Domains that the user told to write as wildcards, whatever their width. */
  readonly told: readonly string[];
  /** Domains of which no name is folded. */
  readonly unfolded: ReadonlySet<string>;
};

/** An entry on its way up the labels; `depth`: labels below the parent that is considered. */
type Entry = {
  readonly text: string;
  readonly depth: number;
  readonly names: number;
  readonly mustFold: boolean;
};

/**
 * Folds names to a list. From the deepest parent up to the zone's domain, a parent with `atLeast` entries below it gets
 * one wildcard for all of them. A name that the format cannot hold is folded at the nearest parent that it can hold,
 * never above its zone's domain.
 */
export function foldNames(names: Iterable<ListedName>, dialect: Dialect, rule: FoldRule): FoldedList {
  const texts = new Map<string, number>();
  const unwritable: string[] = [];
  for (const [domain, members] of byZone(names, rule.told)) {
    const limits = limitsOf(domain, members[0]?.zone, rule);
    for (const entry of foldZone(domain, members, dialect, limits, unwritable))
      texts.set(entry.text, entry.names);
  }
  const isWildcard = (text: string): boolean => text.startsWith('*');
  const entries = [...texts.keys()].filter((text) => !isCovered(text, texts, dialect)).sort(byLastLabel);
  const folds = entries.filter(isWildcard).map((wildcard) => ({ wildcard, names: texts.get(wildcard) ?? 0 }));
  return { entries, folds, unwritable: unwritable.sort(byLastLabel) };
}

/** When the names of a zone are folded; `onlyAtTop`: to one wildcard over the zone, and not below it. */
type Limits = { readonly atLeast: number; readonly onlyAtTop: boolean };

const NEVER: Limits = { atLeast: Number.POSITIVE_INFINITY, onlyAtTop: false };

function limitsOf(domain: string, zone: Zone | undefined, { told, unfolded, atLeast }: FoldRule): Limits {
  if (told.includes(domain) || zone?.fold === 'always') return { atLeast: 1, onlyAtTop: true };
  return domain === '' || zone?.fold === 'never' || unfolded.has(domain)
    ? NEVER
    : { atLeast, onlyAtTop: false };
}

/** Names by the domain up to which they may be folded; the empty text for names without one. */
function byZone(names: Iterable<ListedName>, told: readonly string[]): Map<string, ListedName[]> {
  const zones = new Map<string, ListedName[]>();
  for (const one of names) {
    const domain = told.find((wide) => isWithin(one.name, wide)) ?? one.zone.domain ?? '';
    push(zones, domain, one);
  }
  return zones;
}

function foldZone(
  domain: string,
  members: readonly ListedName[],
  dialect: Dialect,
  limits: Limits,
  unwritable: string[],
): readonly Entry[] {
  const done: Entry[] = [];
  const byParent = new Map<string, Entry[]>();
  for (const { name } of members) {
    const isWritable = dialect.isWritable(name);
    const mayFold = limits !== NEVER && name !== domain && (isWritable || dialect.coversUnwritable);
    const entry = { text: name, depth: 1, names: 1, mustFold: !isWritable };
    if (mayFold) push(byParent, parentOf(name), entry);
    else if (isWritable) done.push(entry);
    else unwritable.push(name);
  }
  const top = labelCount(domain);
  // Deepest parents first. What stays of a parent goes on to the parent above it.
  for (let labels = deepest(byParent.keys()); labels >= top; labels--) {
    for (const [parent, entries] of [...byParent].filter(([one]) => labelCount(one) === labels)) {
      byParent.delete(parent);
      const isTop = labels === top;
      const kept = limits.onlyAtTop && !isTop ? entries : foldAt(parent, entries, dialect, limits.atLeast);
      for (const entry of kept) {
        if (!isTop) push(byParent, parentOf(parent), { ...entry, depth: entry.depth + 1 });
        else if (entry.mustFold) unwritable.push(entry.text);
        else done.push(entry);
      }
    }
  }
  return done;
}

/** The entries below one parent, folded where there are enough of them, or one must be. */
function foldAt(
  parent: string,
  entries: readonly Entry[],
  dialect: Dialect,
  atLeast: number,
): readonly Entry[] {
  if (!dialect.isWritable(parent)) return entries;
  const groups = new Map<number, Entry[]>();
  for (const entry of entries) push(groups, dialect.isPerDepth ? entry.depth : 1, entry);
  return [...groups].flatMap(([depth, group]) => {
    if (group.length < atLeast && !group.some(({ mustFold }) => mustFold)) return group;
    const names = group.reduce((sum, entry) => sum + entry.names, 0);
    return [{ text: dialect.wildcard(parent, depth), depth, names, mustFold: false }];
  });
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

const deepest = (parents: Iterable<string>): number => {
  let most = 0;
  for (const parent of parents) most = Math.max(most, labelCount(parent));
  return most;
};

/** Whether another entry of the list covers this one. */
function isCovered(text: string, texts: ReadonlyMap<string, number>, dialect: Dialect): boolean {
  return coveringTexts(text.replace(/^(?:\*\.)+/, ''), dialect, labelCount(text)).some(
    (wildcard) => wildcard !== text && texts.has(wildcard),
  );
}

/** The entries that would cover a name of `labels` labels, besides itself: `*.b.c`, `*.c` ... */
function coveringTexts(name: string, dialect: Dialect, labels = labelCount(name)): readonly string[] {
  const found: string[] = [];
  const own = labelCount(name) === labels ? parentOf(name) : name;
  for (let parent = own; parent !== ''; parent = parentOf(parent))
    found.push(dialect.wildcard(parent, labels - labelCount(parent)));
  return found;
}

/** Whether a list allows a name. `entries`: those of `foldNames` in the same dialect. */
export function allows(entries: ReadonlySet<string>, name: string, dialect: Dialect): boolean {
  if (entries.has(name)) return true;
  if (!dialect.isWritable(name) && !dialect.coversUnwritable) return false;
  return coveringTexts(name, dialect).some((wildcard) => entries.has(wildcard));
}

/** Sorts by the last label, then the one before it: `a.example.com`, `b.example.com`, `example.org`. */
function byLastLabel(one: string, other: string): number {
  const a = reversed(one);
  const b = reversed(other);
  return a < b ? -1 : a > b ? 1 : 0;
}

const reversed = (name: string): string => name.split('.').reverse().join('.');
