import type { EscapedSlice } from '../fast-path/escaped-slice.ts';
import type { ByteWriter } from '../util/byte-writer.ts';

/**
 * Writes JSON as text, without building objects first. A record stands either alone (`depth` 1) or as the text of an
 * envelope's `message` (`depth` 2), where every quote is written `\"`; one writer serves both. All text is binary (one
 * character per UTF-8 byte), like the envelope that it is put into.
 */
export type JsonText = {
  readonly depth: 1 | 2;
  /** `"` or `\"`. */
  readonly q: string;
  /** A string value with its quotes. */
  string(value: string): string;
  /** Writes the same; quicker for values that hold quotes and little else to escape: log lines, JSON. */
  write(out: ByteWriter, value: string): void;
  /** Writes the same without the quotes around it. */
  body(out: ByteWriter, value: string | EscapedSlice): void;
  /** `"name":` with the comma before it. */
  key(name: string): string;
};

/** Dynatrace's cap for an attribute value, bytes. */
const MAX_VALUE_BYTES = 32_000;

// No quote, no backslash, no control character, nothing beyond ASCII: what nearly every value is made of.
const PLAIN = /^[ !#-[\]-~]*$/;
const NOT_ASCII = /[\u0080-\uffff]/;

// Up to here looking at each character beats the call into native code that makes bytes of them.
const SHORT = 32;

/** The writer for a depth; see `JsonText`. */
export function createJsonText(depth: 1 | 2): JsonText {
  const q = depth === 1 ? '"' : '\\"';
  const anything =
    depth === 1
      ? (value: string): string => toBinary(JSON.stringify(value))
      : (value: string): string => toBinary(JSON.stringify(JSON.stringify(value)).slice(1, -1));
  const string = (value: string): string => (PLAIN.test(value) ? q + value + q : anything(value));
  const open = bytesOf(q);
  const quote = bytesOf(depth === 1 ? '\\"' : '\\\\\\"');
  const body = (out: ByteWriter, value: string | EscapedSlice): void => {
    if (typeof value === 'object') {
      out.raw(value, depth);
      return;
    }
    const start = out.length();
    if (value.length <= SHORT ? out.plain(value) : out.quoted(value, quote)) return;
    out.truncate(start);
    out.add(anything(value).slice(q.length, -q.length));
  };
  const write = (out: ByteWriter, value: string): void => {
    out.put(open);
    body(out, value);
    out.put(open);
  };
  return { depth, q, string, write, body, key: (name) => `,${string(name)}:` };
}

function toBinary(json: string): string {
  return NOT_ASCII.test(json) ? Buffer.from(json, 'utf8').toString('latin1') : json;
}

/** Binary text as bytes that are kept: not in Node's pool, of which one piece keeps eight kB alive. */
export function bytesOf(binary: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(binary.length);
  bytes.write(binary, 'latin1');
  return bytes;
}

/** Cuts a value to Dynatrace's cap of 32,000 bytes of UTF-8, never inside a character. */
export function capValue(value: string): string {
  if (value.length * 3 <= MAX_VALUE_BYTES || Buffer.byteLength(value) <= MAX_VALUE_BYTES) return value;
  const bytes = Buffer.from(value, 'utf8');
  let end = MAX_VALUE_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
