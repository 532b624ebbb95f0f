import { skipSpace, valueEnd } from '../util/json-scan.ts';

const OPEN_BRACE = 0x7b;
const LEVEL_AT_START = /^\[(?:DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /;
const LEVEL = /\[(?:DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /g;
/** More than a record without gzip has room for. */
const MAX_PARTS = 20_000;

/**
 * Splits text in which no line break stands between several records: JSON objects (`{...}{...}`), or lines of CoreDNS
 * (`[INFO] ... 0.000005874s[INFO] ...`). The parts are the text, in order and without a gap; undefined for one part.
 * Whether the parts are records at all is for the caller to find out.
 */
export function gluedParts(text: string): readonly string[] | undefined {
  const starts = text.charCodeAt(0) === OPEN_BRACE ? objectStarts(text) : levelStarts(text);
  if (starts.length === 0 || starts.length >= MAX_PARTS) return undefined;
  return [0, ...starts].map((from, i) => text.slice(from, starts[i]));
}

/** Where objects behind the first one start; none if the text is not a row of objects. */
function objectStarts(text: string): readonly number[] {
  const starts: number[] = [];
  let at = valueEnd(text, 0);
  while (at >= 0 && starts.length < MAX_PARTS) {
    at = skipSpace(text, at);
    if (at === text.length) return starts;
    if (text.charCodeAt(at) !== OPEN_BRACE) return [];
    starts.push(at);
    at = valueEnd(text, at);
  }
  return [];
}

function levelStarts(text: string): readonly number[] {
  if (!LEVEL_AT_START.test(text)) return [];
  return [...text.matchAll(LEVEL)].map(({ index }) => index).filter((index) => index > 0);
}
