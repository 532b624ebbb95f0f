// Edits of a Corefile that can be undone exactly, with no state stored elsewhere: each edit leaves a comment that
// holds the replaced text.
//   log # eks-dns-firehose
//   pods verified # eks-dns-firehose was: "pods insecure"
import { endOfLine, tokensOf } from './tokens.ts';

const MARKER = '# eks-dns-firehose';
const WAS = `${MARKER} was: `;
const WAS_ABSENT = `${MARKER}: the add-on had no corefile of its own`;

/** Replacement text for `[start, end)`. */
export type Edit = { readonly start: number; readonly end: number; readonly text: string };

/** The text after all edits, which must not overlap. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  // Backwards, so that offsets stay valid; edits at the same offset keep their order.
  const ordered = [...edits].reverse().sort((a, b) => b.start - a.start || b.end - a.end);
  return ordered.reduce(
    (text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end),
    source,
  );
}

/** Inserts a new line after the line of `at`. */
export function insertAfterLine(source: string, at: number, indent: string, text: string): Edit {
  const end = endOfLine(source, at);
  const line = `${indent}${text} ${MARKER}`;
  if (end === source.length) return { start: end, end, text: `\n${line}` };
  const newline = source[end - 1] === '\r' ? '\r\n' : '\n';
  return { start: end + 1, end: end + 1, text: `${line}${newline}` };
}

/** Replaces `[start, end)`; the rest of its line must be empty or a comment. */
export function replaceRange(source: string, start: number, end: number, text: string): Edit {
  // Saves the text from the line's first token on, because undoing starts there: `.:53 { log`.
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const from = lineStart + indentAt(source, start).length;
  const saved = JSON.stringify(source.slice(from, end));
  return { start: from, end, text: `${source.slice(from, start)}${text} ${WAS}${saved}` };
}

/** Puts a first line above the Corefile that says that the add-on had no Corefile before. */
export const withAbsentMarker = (source: string): string => `${WAS_ABSENT}\n${source}`;

/** The Corefile below that line; undefined if the line is missing. */
export const withoutAbsentMarker = (source: string): string | undefined =>
  source.startsWith(`${WAS_ABSENT}\n`) ? source.slice(WAS_ABSENT.length + 1) : undefined;

/** Indentation of the line of `at`. */
export function indentAt(source: string, at: number): string {
  const lineStart = source.lastIndexOf('\n', at - 1) + 1;
  return /^[ \t]*/.exec(source.slice(lineStart))?.[0] ?? '';
}

/** The text before our edits; unchanged if there are none. */
export function withoutEdits(source: string): string {
  const tokens = tokensOf(source);
  // Inside quotes the marker is text, not a comment.
  const isQuoted = (at: number): boolean => tokens.some(({ start, end }) => start < at && at < end);
  const kept: string[] = [];
  let offset = 0;
  for (const line of source.split('\n')) {
    const at = line.indexOf(MARKER);
    const before = at === -1 || isQuoted(offset + at) ? line : lineBefore(line, at);
    if (before !== undefined) kept.push(before);
    offset += line.length + 1;
  }
  return kept.join('\n');
}

/** The line before our edit, whose marker is at `at`; undefined if we inserted the whole line. */
function lineBefore(line: string, at: number): string | undefined {
  const comment = line.slice(at).replace(/\r$/, '');
  if (comment === MARKER) return undefined;
  const saved = /^"(?:[^"\\]|\\.)*"/.exec(comment.slice(WAS.length))?.[0];
  if (!comment.startsWith(WAS) || saved === undefined) return line;
  const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
  return indent + (JSON.parse(saved) as string) + line.slice(at + WAS.length + saved.length);
}
