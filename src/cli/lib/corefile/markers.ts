// Edits of a Corefile that can be undone exactly, with no state stored elsewhere: each edit leaves a comment with the
// replaced text, and with a checksum of the Corefile before the edits.
//   log # eks-dns-firehose 1f0c5a2e
//   pods verified # eks-dns-firehose 1f0c5a2e was: "pods insecure"
// The checksum tells the edits from comments of people, whose lines stay as they are. Version 1.0 wrote none.
import { createHash } from 'node:crypto';
import { endOfLine, tokensOf } from './tokens.ts';

const MARKER = '# eks-dns-firehose';
const WAS_ABSENT = `${MARKER}: the add-on had no corefile of its own`;
const TAG = /# eks-dns-firehose ([0-9a-f]{8})(?: was: |\r?$)/gm;

/** Replaces `[start, end)` by a text that ends with the marker. */
export type Edit = {
  readonly start: number;
  readonly end: number;
  readonly text: (marker: string) => string;
};

const tagOf = (source: string): string => createHash('sha256').update(source).digest('hex').slice(0, 8);

/** The text after all edits, which must not overlap. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const marker = `${MARKER} ${tagOf(source)}`;
  // Backwards, so that offsets stay valid; edits at the same offset keep their order.
  const texts = edits.map(({ start, end, text }) => ({ start, end, text: text(marker) }));
  // Two blocks that import one snippet may want the same edit of it.
  const distinct = new Map(texts.map((edit) => [JSON.stringify(edit), edit]));
  const ordered = [...distinct.values()].reverse().sort((a, b) => b.start - a.start || b.end - a.end);
  return ordered.reduce(
    (text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end),
    source,
  );
}

/** Inserts a new line after the line of `at`. */
export function insertAfterLine(source: string, at: number, indent: string, text: string): Edit {
  const end = endOfLine(source, at);
  const line = (marker: string) => `${indent}${text} ${marker}`;
  if (end === source.length) return { start: end, end, text: (marker) => `\n${line(marker)}` };
  const newline = source[end - 1] === '\r' ? '\r\n' : '\n';
  return { start: end + 1, end: end + 1, text: (marker) => `${line(marker)}${newline}` };
}

/** Inserts a new line before the line of `at`, which begins with a directive, with the indentation of that line. */
export function insertBeforeLine(source: string, at: number, text: string): Edit {
  const start = startOfLine(source, at);
  const newline = source[endOfLine(source, at) - 1] === '\r' ? '\r\n' : '\n';
  return { start, end: start, text: (marker) => `${indentAt(source, at)}${text} ${marker}${newline}` };
}

/** Replaces `[start, end)`; the rest of its line must be empty or a comment. */
export function replaceRange(source: string, start: number, end: number, text: string): Edit {
  // Saves the text from the line's first token on, because undoing starts there: `.:53 { log`.
  const from = startOfLine(source, start) + indentAt(source, start).length;
  const saved = JSON.stringify(source.slice(from, end));
  const kept = source.slice(from, start);
  return { start: from, end, text: (marker) => `${kept}${text} ${marker} was: ${saved}` };
}

/** Puts a first line above the Corefile that says that the add-on had no Corefile before. */
export const withAbsentMarker = (source: string): string => `${WAS_ABSENT}\n${source}`;

/** The Corefile below that line; undefined if the line is missing. */
export const withoutAbsentMarker = (source: string): string | undefined =>
  source.startsWith(`${WAS_ABSENT}\n`) ? source.slice(WAS_ABSENT.length + 1) : undefined;

/** Offset of the first character of the line of `at`. */
export const startOfLine = (source: string, at: number): number => source.lastIndexOf('\n', at - 1) + 1;

/** Indentation of the line of `at`. */
export function indentAt(source: string, at: number): string {
  return /^[ \t]*/.exec(source.slice(startOfLine(source, at), at))?.[0] ?? '';
}

/** Distinct checksums that are tried; our own edits leave one. */
const MAX_TAGS = 100;

/** The text before the last edits, if nothing else was changed since; otherwise undefined. */
export function beforeLastEdits(source: string): string | undefined {
  const tags = new Set([...source.matchAll(TAG)].map(([, tag = '']) => tag));
  for (const tag of [...tags].slice(0, MAX_TAGS)) {
    const before = withoutLines(source, (line) => lineBefore(line, `${MARKER} ${tag}`));
    if (tagOf(before) === tag) return before;
  }
  return undefined;
}

/**
 * The text without our edits; unchanged if there are none. If other changes were made since, or version 1.0 made the
 * edits, all lines that look like edits are undone.
 */
export const withoutEdits = (source: string): string => beforeLastEdits(source) ?? withoutLookalikes(source);

function withoutLookalikes(source: string): string {
  const quotes = tokensOf(source).filter(({ isQuoted }) => isQuoted);
  let next = 0;
  // Inside quotes the marker is text, not a comment. Asked for ascending offsets only.
  const isQuoted = (at: number): boolean => {
    while ((quotes[next]?.end ?? at + 1) <= at) next += 1;
    return (quotes[next]?.start ?? at) < at;
  };
  let closesInserted = false;
  return withoutLines(source, (line, offset) => {
    let at = line.indexOf('#');
    while (at !== -1 && isQuoted(offset + at)) at = line.indexOf('#', at + 1);
    const [marker] = (at !== -1 && ANY_MARKER.exec(line.slice(at))) || [];
    if (marker === undefined) {
      closesInserted = false;
      return line;
    }
    const before = lineBefore(line, marker);
    const code = line.slice(0, at).trim();
    const isOurs = before !== undefined || INSERTED.test(code) || (code === '}' && closesInserted);
    closesInserted = isOurs && code === 'pods verified';
    return isOurs ? before : line;
  });
}

const ANY_MARKER = /^# eks-dns-firehose(?: [0-9a-f]{8})?(?= was: "|\r?$)/;
/** Directives that are inserted. */
const INSERTED = /^(?:log(?: .*)?|metadata|pods verified|import \S+)$/;

function withoutLines(source: string, edit: (line: string, offset: number) => string | undefined): string {
  const kept: string[] = [];
  let offset = 0;
  for (const line of source.split('\n')) {
    const before = edit(line, offset);
    if (before !== undefined) kept.push(before);
    offset += line.length + 1;
  }
  return kept.join('\n');
}

/** The line before the edit with this marker; undefined if it inserted the whole line. */
function lineBefore(line: string, marker: string): string | undefined {
  if (line.replace(/\r$/, '').endsWith(` ${marker}`)) return undefined;
  const was = `${marker} was: `;
  const at = line.indexOf(was);
  const saved = at === -1 ? undefined : /^"(?:[^"\\]|\\.)*"/.exec(line.slice(at + was.length))?.[0];
  const text = saved === undefined ? undefined : parseString(saved);
  if (saved === undefined || text === undefined) return line;
  const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
  return indent + text + line.slice(at + was.length + saved.length);
}

function parseString(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}
