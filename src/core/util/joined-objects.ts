import { skipSpace, valueEnd } from './json-scan.ts';

const OPEN_BRACE = 0x7b;
/** More than a record without gzip has room for. */
const MAX_OBJECTS = 20_000;

/**
 * Splits a row of JSON objects, `{...}{...}`, with nothing but white space between them. The parts are the text, in order
 * and without a gap; undefined for a single object and for any other text. What is inside the objects is not checked.
 */
export function joinedObjects(text: string): readonly string[] | undefined {
  if (text.charCodeAt(0) !== OPEN_BRACE) return undefined;
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = text.charCodeAt(from) === OPEN_BRACE ? valueEnd(text, from) : -1;
    if (end < 0 || parts.length === MAX_OBJECTS) return undefined;
    const next = skipSpace(text, end);
    parts.push(text.slice(from, next));
    from = next;
  }
  return parts.length > 1 ? parts : undefined;
}
