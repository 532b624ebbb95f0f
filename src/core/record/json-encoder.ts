import type { EncodedText, EscapeLevel } from '../model/encoded-text.ts';
import type { ByteWriter } from '../util/byte-writer.ts';

/**
 * Writes JSON as text, without building objects first, at an escape level: a record of its own (1), or the text of an
 * envelope's `message` (2), where every quote is written `\"`. A lone surrogate becomes U+FFFD. All text is binary (one character per UTF-8 byte), like
 * the envelope that it is put into.
 */
export type JsonEncoder = {
  readonly level: EscapeLevel;
  /** `"` or `\"`. */
  readonly quote: string;
  /** A string value with its quotes. */
  string(value: string): string;
  /** `,"name":` */
  key(name: string): string;
  /** Appends a string value with its quotes; faster than `string` for values with many quotes: log lines, JSON. */
  write(out: ByteWriter, value: string): void;
  /** Appends a string value without its quotes. */
  writeBody(out: ByteWriter, value: string | EncodedText): void;
};

// No quote, no backslash, no control character, nothing beyond ASCII: nearly all values.
const PLAIN = /^[ !#-[\]-~]*$/;
const BEYOND_ASCII = /[\u0080-\uffff]/;

// Up to this length, looking at each character is faster than the call into native code that encodes a string.
const SHORT = 32;

/** Creates the encoder of a level. */
export function createJsonEncoder(level: EscapeLevel): JsonEncoder {
  const quote = level === 1 ? '"' : '\\"';
  const escaped =
    level === 1
      ? (value: string): string => toBinary(JSON.stringify(value.toWellFormed()))
      : (value: string): string =>
          toBinary(JSON.stringify(JSON.stringify(value.toWellFormed())).slice(1, -1));
  const string = (value: string): string => (PLAIN.test(value) ? quote + value + quote : escaped(value));
  const quoteBytes = bytesOf(quote);
  const innerQuote = bytesOf(level === 1 ? '\\"' : '\\\\\\"');
  const writeBody = (out: ByteWriter, value: string | EncodedText): void => {
    if (typeof value === 'object') {
      value.appendTo(out, level);
      return;
    }
    const start = out.length();
    if (value.length <= SHORT ? out.tryPlain(value) : out.tryQuoted(value, innerQuote)) return;
    out.truncate(start);
    out.addText(escaped(value).slice(quote.length, -quote.length));
  };
  const write = (out: ByteWriter, value: string): void => {
    out.addBytes(quoteBytes);
    writeBody(out, value);
    out.addBytes(quoteBytes);
  };
  return { level, quote, string, key: (name) => `,${string(name)}:`, write, writeBody };
}

function toBinary(json: string): string {
  return BEYOND_ASCII.test(json) ? Buffer.from(json, 'utf8').toString('latin1') : json;
}

/** Binary text as bytes to be kept: outside Node's pool, where each piece would keep 8 kB alive. */
export function bytesOf(binary: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(binary.length);
  bytes.write(binary, 'latin1');
  return bytes;
}
