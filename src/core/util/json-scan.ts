// A JSON scanner that returns positions instead of values, so that everything unchanged can be copied byte for byte. It
// works on "binary" text (see binary-text.ts): the syntax characters of JSON are ASCII, so UTF-8 needs no decoding.
// https://www.rfc-editor.org/rfc/rfc8259
import { hasNonAscii } from './binary-text.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** First position at or after `at` that is not JSON white space. */
export function skipSpace(text: string, at: number): number {
  let i = at;
  for (;;) {
    const c = text.charCodeAt(i);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return i;
    i++;
  }
}

/** Position after the closing quote of the string that opens at `at`; -1 when the string is not closed. */
export function stringEnd(text: string, at: number): number {
  let i = at + 1;
  for (;;) {
    const quote = text.indexOf('"', i);
    if (quote < 0) return -1;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    i = quote + 1;
  }
}

/** Position after the value of any kind that starts at `at`; -1 when it is cut off. Brackets are counted, not matched. */
export function valueEnd(text: string, at: number): number {
  let depth = 0;
  let i = at;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      i = stringEnd(text, i);
      if (i < 0) return -1;
    } else if (c === 0x7b || c === 0x5b) {
      depth++;
      i++;
    } else if (c === 0x7d || c === 0x5d) {
      // The closing bracket of the enclosing value ends a number, `true`, `false` or `null`.
      if (depth === 0) return i;
      depth--;
      i++;
    } else if (depth === 0 && (c === 0x2c || c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09)) {
      return i;
    } else {
      i++;
      continue;
    }
    if (depth === 0) return i;
  }
  return depth === 0 && i > at ? i : -1;
}

/**
 * Calls `visit(key, start, end)` for every member of the object that opens at `at`; `start` and `end` delimit the value.
 * Returns the position after the object, or -1 when the text is not an object, or `visit` returned false to end the visit.
 */
export function eachMember(
  text: string,
  at: number,
  visit: (key: string, start: number, end: number) => boolean | undefined,
): number {
  if (text.charCodeAt(at) !== 0x7b) return -1;
  let i = skipSpace(text, at + 1);
  if (text.charCodeAt(i) === 0x7d) return i + 1;
  for (;;) {
    if (text.charCodeAt(i) !== QUOTE) return -1;
    const keyEnd = stringEnd(text, i);
    if (keyEnd < 0) return -1;
    const key = nameValue(text.slice(i, keyEnd));
    i = skipSpace(text, keyEnd);
    if (text.charCodeAt(i) !== 0x3a) return -1;
    const start = skipSpace(text, i + 1);
    const end = valueEnd(text, start);
    if (end <= start) return -1;
    if (visit(key, start, end) === false) return -1;
    i = skipSpace(text, end);
    const c = text.charCodeAt(i);
    if (c === 0x7d) return i + 1;
    if (c !== 0x2c) return -1;
    i = skipSpace(text, i + 1);
  }
}

// No name that is looked for has more characters, escaped or not.
const MAX_NAME = 256;

/** The name that a literal stands for; a literal that is not valid, or very long, is its own name. */
function nameValue(literal: string): string {
  const name = literal.indexOf('\\') < 0 || literal.length > MAX_NAME ? undefined : stringValue(literal);
  return name ?? literal.slice(1, -1);
}

/** As `eachMember`: calls `visit(start, end)` for every element of the array that opens at `at`. */
export function eachElement(
  text: string,
  at: number,
  visit: (start: number, end: number) => boolean | undefined,
): number {
  if (text.charCodeAt(at) !== 0x5b) return -1;
  let i = skipSpace(text, at + 1);
  if (text.charCodeAt(i) === 0x5d) return i + 1;
  for (;;) {
    const end = valueEnd(text, i);
    if (end <= i) return -1;
    if (visit(i, end) === false) return -1;
    i = skipSpace(text, end);
    const c = text.charCodeAt(i);
    if (c === 0x5d) return i + 1;
    if (c !== 0x2c) return -1;
    i = skipSpace(text, i + 1);
  }
}

/** Decodes a string literal (quotes included) in binary text; undefined when it is not a valid string. */
export function stringValue(literal: string, isAscii = false): string | undefined {
  try {
    const plain = literal.indexOf('\\') < 0;
    // Without a backslash the text is taken literally: a raw control character is invalid JSON, but the log line is
    // readable nevertheless.
    const value = plain ? literal.slice(1, -1) : (JSON.parse(literal) as unknown);
    if (typeof value !== 'string') return undefined;
    return isAscii || !hasNonAscii(literal) ? value : decodeUtf8(literal);
  } catch {
    return undefined;
  }
}

function decodeUtf8(literal: string): string {
  return JSON.parse(Buffer.from(literal, 'latin1').toString('utf8')) as string;
}
