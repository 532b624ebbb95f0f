// The bytes of JSON that have a meaning outside strings.

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

const SPACES = [0x20, 0x0a, 0x0d, 0x09];

/** What a byte means within a value, outside strings. */
export const Kind = { other: 0, quote: 1, open: 2, close: 3, delimiter: 4 } as const;

const KINDS = new Uint8Array(256);
KINDS[QUOTE] = Kind.quote;
for (const byte of [OPEN_ARRAY, OPEN_OBJECT]) KINDS[byte] = Kind.open;
for (const byte of [CLOSE_ARRAY, CLOSE_OBJECT]) KINDS[byte] = Kind.close;
for (const byte of [COMMA, ...SPACES]) KINDS[byte] = Kind.delimiter;

/** The `Kind` of a byte; from a table, because every byte of a page is looked up. */
export const kindOf = (byte: number): number => KINDS[byte] ?? Kind.other;

/** Position of the first byte at or after `from` that is not white space. */
export function skipSpace(chunk: Buffer, from: number): number {
  let i = from;
  while (i < chunk.length && kindOf(chunk[i] ?? 0) === Kind.delimiter && chunk[i] !== COMMA) i += 1;
  return i;
}
