import { joinedObjects } from '../util/joined-objects.ts';

const OPEN_BRACE = 0x7b;
const LEVEL_AT_START = /^\[(?:DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /;
const LEVEL = /\[(?:DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /g;

/**
 * Splits text in which no line break stands between several records: JSON objects (`{...}{...}`), or lines of CoreDNS
 * (`[INFO] ... 0.000005874s[INFO] ...`). The parts are the text, in order and without a gap; undefined for one part.
 * Whether the parts are records at all is for the caller to find out.
 */
export function gluedParts(text: string): readonly string[] | undefined {
  return text.charCodeAt(0) === OPEN_BRACE ? joinedObjects(text) : joinedLines(text);
}

function joinedLines(text: string): readonly string[] | undefined {
  if (!LEVEL_AT_START.test(text)) return undefined;
  const starts = [...text.matchAll(LEVEL)].map(({ index }) => index);
  return starts.length > 1 ? starts.map((from, i) => text.slice(from, starts[i + 1])) : undefined;
}
