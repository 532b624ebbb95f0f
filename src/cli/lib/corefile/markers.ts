// Edits of a Corefile that can be undone to the byte without anything being kept elsewhere: each changed place carries
// a comment that says what stood there.
//   log # eks-dns-firehose
//   pods verified # eks-dns-firehose was: "pods insecure"
import { endOfLine, tokensOf } from './tokens.ts';

const MARK = '# eks-dns-firehose';
const WAS = `${MARK} was: `;
const WAS_ABSENT = `${MARK}: the add-on had no corefile of its own`;

/** Text to put at `[start, end)`. */
export type Edit = { readonly start: number; readonly end: number; readonly text: string };

/** The text with all edits made; they must not overlap. */
export function applied(source: string, edits: readonly Edit[]): string {
  // From the end, so that offsets hold; of several at one place the first stays first.
  const ordered = [...edits].reverse().sort((a, b) => b.start - a.start || b.end - a.end);
  return ordered.reduce(
    (text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end),
    source,
  );
}

/** A line of its own after the line on which `at` lies. */
export function lineAfter(source: string, at: number, indent: string, text: string): Edit {
  const end = endOfLine(source, at);
  const line = `${indent}${text} ${MARK}`;
  if (end === source.length) return { start: end, end, text: `\n${line}` };
  const newline = source[end - 1] === '\r' ? '\r\n' : '\n';
  return { start: end + 1, end: end + 1, text: `${line}${newline}` };
}

/** Other text in the place of `[start, end)`, after which its line must hold nothing but a comment. */
export function instead(source: string, start: number, end: number, text: string): Edit {
  // Saved from the line's first token on, because undoing starts there: `.:53 { log`.
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const from = lineStart + indentAt(source, start).length;
  const saved = JSON.stringify(source.slice(from, end));
  return { start: from, end, text: `${source.slice(from, start)}${text} ${WAS}${saved}` };
}

/** The text under a first line which says that the add-on had none. */
export const markedAbsent = (source: string): string => `${WAS_ABSENT}\n${source}`;

/** The text under that line; undefined where the line is not there. */
export const belowAbsentMark = (source: string): string | undefined =>
  source.startsWith(`${WAS_ABSENT}\n`) ? source.slice(WAS_ABSENT.length + 1) : undefined;

/** White space with which the line of `at` begins. */
export function indentAt(source: string, at: number): string {
  const lineStart = source.lastIndexOf('\n', at - 1) + 1;
  return /^[ \t]*/.exec(source.slice(lineStart))?.[0] ?? '';
}

/** The text as it was before our edits; equal when there are none. */
export function undone(source: string): string {
  const tokens = tokensOf(source);
  // Inside a quoted text the mark is no comment.
  const isQuoted = (at: number): boolean => tokens.some(({ start, end }) => start < at && at < end);
  const kept: string[] = [];
  let offset = 0;
  for (const line of source.split('\n')) {
    const at = line.indexOf(MARK);
    const before = at === -1 || isQuoted(offset + at) ? line : lineBefore(line, at);
    if (before !== undefined) kept.push(before);
    offset += line.length + 1;
  }
  return kept.join('\n');
}

/** A line without our mark at `at`; undefined where the whole line is ours. */
function lineBefore(line: string, at: number): string | undefined {
  const comment = line.slice(at).replace(/\r$/, '');
  if (comment === MARK) return undefined;
  const saved = /^"(?:[^"\\]|\\.)*"/.exec(comment.slice(WAS.length))?.[0];
  if (!comment.startsWith(WAS) || saved === undefined) return line;
  const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
  return indent + (JSON.parse(saved) as string) + line.slice(at + WAS.length + saved.length);
}
