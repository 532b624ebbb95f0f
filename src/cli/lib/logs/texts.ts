// The log texts in the lines of a file: a line each, or a JSON text of several lines; without what a tool printed in front.
import { parseJson } from '../io/json.ts';
import { linesOf } from '../io/lines.ts';
import { createCsvReader } from './csv.ts';
import { readStamp, type Stamp } from './stamp.ts';
import { isPart, type Text } from './text.ts';

/** The texts of a file, or of stdin for `-`, in groups as they arrive. Blank lines are none. */
export async function* textsOf(path: string): AsyncGenerator<readonly Text[]> {
  const reader = createTextReader();
  let held: readonly Text[] = [];
  for await (const lines of linesOf(path)) {
    const texts = [...held, ...lines.flatMap((line) => reader.add(line))];
    const end = texts.findLastIndex(({ text }) => !isPart(text)) + 1;
    held = texts.length - end > MAX_PARTS ? [] : texts.slice(end);
    if (texts.length > held.length) yield texts.slice(0, texts.length - held.length);
  }
  const last = [...held, ...reader.flush()];
  if (last.length > 0) yield last;
}

/** Most parts that wait for the rest of their line. */
const MAX_PARTS = 1000;

/** The texts in a whole text. */
export function textsIn(text: string): readonly Text[] {
  const reader = createTextReader();
  const texts = text.split(/\r?\n/).flatMap((line) => reader.add(line));
  return [...texts, ...reader.flush()];
}

/** Lines of a JSON text that is not complete. */
type OpenDocument = { readonly lines: string[]; readonly stamp: Stamp | undefined; depth: number };

/** Creates a reader of lines. Each line is looked at once: what began like JSON and is not becomes lines again. */
function createTextReader() {
  let isFirst = true;
  let open: OpenDocument | undefined;
  let csv: ReturnType<typeof createCsvReader>;

  const start = (line: string): readonly Text[] => {
    if (line.trim() === '') return [];
    const text = isFirst ? line.replace(/^\uFEFF/, '') : line;
    if (isFirst) csv = createCsvReader(text);
    isFirst = false;
    if (csv !== undefined) return csv.add(line);
    const stamp = readStamp(text);
    const message = stamp === undefined ? text : text.slice(stamp.textAt);
    if (!MAY_BE_JSON.test(message)) return [{ text: message, value: undefined, stamp }];
    const value = parseJson(message);
    if (value === undefined) {
      const depth = depthAfter(message, 0);
      // A JSON text that goes on in the next line.
      if (depth > 0) open = { lines: [message], stamp, depth };
      if (depth > 0) return [];
    }
    return [{ text: message, value, stamp }];
  };

  const release = (): readonly Text[] => {
    const { lines, stamp } = open ?? { lines: [], stamp: undefined };
    open = undefined;
    return (
      lines
        .filter((line) => line.trim() !== '')
        // Elements of a list that is not complete are read without the comma behind them.
        .map((line) => line.replace(/(?<=\}) ?,$/, ''))
        .map((text, index) => ({ text, value: parseJson(text), stamp: index === 0 ? stamp : undefined }))
    );
  };

  const add = (line: string): readonly Text[] => {
    if (open === undefined) return start(line);
    if (!CONTINUES_JSON.test(line)) return [...release(), ...start(line)];
    open.lines.push(line);
    open.depth = depthAfter(line, open.depth);
    if (open.depth > 0) return [];
    // Strings of JSON hold no line breaks, so nothing but blanks between the values is lost.
    const text = open.lines.map((part) => part.trim()).join('');
    const value = open.depth === 0 ? parseJson(text) : undefined;
    if (value === undefined) return release();
    const { stamp } = open;
    open = undefined;
    return [{ text, value, stamp }];
  };

  const flush = (): readonly Text[] => [...release(), ...(csv?.flush() ?? [])];
  return { add, flush };
}

const MAY_BE_JSON = /^\s*(?:\{|\[\s*(?:[{["\]]|$))/;

// How a line within a JSON text begins: a name or text, a bracket, a number or a word on its own.
const CONTINUES_JSON =
  /^\s*(?:["{}\],]|\[\s*(?:["{[\]]|-?\d|$)|(?:-?\d[\d.eE+-]{0,30}|true|false|null)\s*(?:[,\]}]|$)|$)/;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** Brackets that are open after a line, if `depth` were before it; -1 where it closes more, or ends within a string. */
function depthAfter(line: string, depth: number): number {
  let open = depth;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(line, at + 1);
      if (at < 0) return -1;
    } else if (code === 0x7b || code === 0x5b) open++;
    else if (code === 0x7d || code === 0x5d) open--;
    if (open < 0) return -1;
  }
  return open;
}

/** Position of the quote that ends a string; -1 where there is none. */
function endOfString(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return -1;
}
