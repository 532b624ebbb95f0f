// Values that a line break divides, as a terminal or a log wraps them.

/** A line break with the white space around it, also as JSON writes it. */
const BREAK = /[ \t]*(?:\\?\r?\n|(?:\\r)?\\n)[ \t]*/g;

/**
 * The text without those line breaks that divide something that `finds` finds; other line breaks stay. `finds` gives matches
 * with their positions.
 */
export function joinWrapped(text: string, finds: (text: string) => readonly RegExpMatchArray[]): string {
  const breaks: { readonly at: number; readonly text: string }[] = [];
  let joined = '';
  let from = 0;
  for (const { index, 0: found } of text.matchAll(BREAK)) {
    joined += text.slice(from, index);
    breaks.push({ at: joined.length, text: found });
    from = index + found.length;
  }
  if (breaks.length === 0) return text;
  joined += text.slice(from);
  const found = finds(joined).map(({ index = 0, 0: match }) => [index, index + match.length] as const);
  let result = '';
  let copied = 0;
  for (const { at, text: gap } of breaks) {
    result += joined.slice(copied, at);
    if (!found.some(([start, end]) => start < at && at < end)) result += gap;
    copied = at;
  }
  return result + joined.slice(copied);
}
