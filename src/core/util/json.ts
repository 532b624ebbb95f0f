import { stringEnd } from './json-scan.ts';

/** A parsed JSON object with unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object: not an array, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a JSON object; undefined for invalid JSON, for any other value, and for text that `isTooComplex`. */
export function parseObject(text: string): JsonObject | undefined {
  if (isTooComplex(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Text up to this length is never too complex: its length is bound enough. */
export const MAX_SIMPLE_CHARS = 8192;
// A response of DNS has 64 kB, so some thousand answers; a log shipper adds some hundred labels and annotations.
const MAX_VALUES = 16_384;
const MAX_DEPTH = 64;

/**
 * Whether JSON text has more values, or is nested deeper, than any log line has. Parsing a value costs up to 5 us and 100
 * bytes, however short it is (measured: objects with hundreds of thousands of members).
 */
export function isTooComplex(text: string): boolean {
  if (text.length <= MAX_SIMPLE_CHARS) return false;
  let values = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      i = stringEnd(text, i) - 1;
      // An open string: it is not JSON.
      if (i < 0) return false;
    } else if (c === COMMA) values++;
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      values++;
      depth++;
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--;
    if (values > MAX_VALUES || depth > MAX_DEPTH) return true;
  }
  return false;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
