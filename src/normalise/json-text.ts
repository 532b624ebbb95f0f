/**
 * Writes JSON as text, without building objects first. A record stands either alone (`depth` 1) or as the text of an
 * envelope's `message` (`depth` 2), where every quote is written `\"`; one writer serves both. All text is binary (one
 * character per UTF-8 byte), like the envelope that it is put into.
 */
export type JsonText = {
  /** `"` or `\"`. */
  readonly q: string;
  /** A string value with its quotes. */
  string(value: string): string;
  /** The same for long values that hold quotes and little else to escape: log lines, JSON. */
  line(value: string): string;
  /** `"name":` with the comma before it. */
  key(name: string): string;
};

/** Dynatrace's cap for an attribute value, bytes. */
const MAX_VALUE_BYTES = 32_000;

// No quote, no backslash, no control character, nothing beyond ASCII: what nearly every value is made of.
const PLAIN = /^[ !#-[\]-~]*$/;
const NOT_ASCII = /[\u0080-\uffff]/;

/** The writer for a depth; see `JsonText`. */
export function createJsonText(depth: 1 | 2): JsonText {
  const q = depth === 1 ? '"' : '\\"';
  const anything =
    depth === 1
      ? (value: string): string => toBinary(JSON.stringify(value))
      : (value: string): string => toBinary(JSON.stringify(JSON.stringify(value)).slice(1, -1));
  const escapeLine = createLineEscaper(q, depth === 1 ? '\\"' : '\\\\\\"');
  const string = (value: string): string => (PLAIN.test(value) ? q + value + q : anything(value));
  return {
    q,
    string,
    line: (value) => escapeLine(value) ?? anything(value),
    key: (name) => `,${string(name)}:`,
  };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Escapes the quotes of a line in one walk over its bytes; undefined where something else needs escaping. Half the cost of
 * `JSON.stringify` twice, and a JSON line is the longest value of its record.
 */
function createLineEscaper(q: string, escapedQuote: string): (value: string) => string | undefined {
  const ends = Buffer.from(q, 'latin1');
  const quoteBytes = escapedQuote.length;
  let input = Buffer.allocUnsafe(0);
  let output = Buffer.allocUnsafe(0);
  return (value) => {
    if (input.length <= value.length * 3) {
      input = Buffer.allocUnsafe(value.length * 3 + 1024);
      output = Buffer.allocUnsafe(input.length * quoteBytes + 2 * ends.length);
    }
    // Constants: the loop must not look up what cannot change.
    const [from, to] = [input, output];
    const length = from.write(value, 0, 'utf8');
    if (length !== value.length) return undefined;
    let at = ends.copy(to, 0);
    for (let i = 0; i < length; i++) {
      const byte = from[i] ?? 0;
      if (byte === QUOTE) {
        for (let slash = 1; slash < quoteBytes; slash++) to[at++] = BACKSLASH;
        to[at++] = QUOTE;
      } else if (byte < 0x20 || byte === BACKSLASH || byte === 0x7f) return undefined;
      else to[at++] = byte;
    }
    at += ends.copy(to, at);
    return to.toString('latin1', 0, at);
  };
}

function toBinary(json: string): string {
  return NOT_ASCII.test(json) ? Buffer.from(json, 'utf8').toString('latin1') : json;
}

/**
 * The same text in one piece. V8 keeps what `+` has joined as a tree, and walks that tree again each time it is written
 * as a part of something else; a fragment that is used ten thousand times should be walked once.
 */
export const flat = (binary: string): string => Buffer.from(binary, 'latin1').toString('latin1');

/** Cuts a value to Dynatrace's cap of 32,000 bytes of UTF-8, never inside a character. */
export function capValue(value: string): string {
  if (value.length * 3 <= MAX_VALUE_BYTES || Buffer.byteLength(value) <= MAX_VALUE_BYTES) return value;
  const bytes = Buffer.from(value, 'utf8');
  let end = MAX_VALUE_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
