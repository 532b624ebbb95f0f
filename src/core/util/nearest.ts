/** The known word with the fewest edits to `word`; undefined where none is nearer than half its length. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // A setting is short; comparing more would only cost time.
  const text = word.slice(0, MAX_LENGTH);
  let best: string | undefined;
  let bestEdits = Math.max(2, Math.ceil(text.length / 2));
  for (const candidate of known) {
    const edits = editsBetween(text, candidate);
    if (edits >= bestEdits) continue;
    best = candidate;
    bestEdits = edits;
  }
  return best;
}

const MAX_LENGTH = 100;

/** Least number of insertions, deletions and replacements of characters (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
