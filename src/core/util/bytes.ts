// Steps through the bytes of text in a known layout. Bytes, because looking at each character of a string costs four
// times as much; plain functions, because V8 inlines them (both measured with `npm run bench`).

/** Classes of bytes; a bit each, to be combined with `|`. */
export const CLASS_DIGIT = 1;
export const CLASS_UPPER = 2;
export const CLASS_LOWER = 4;
export const CLASS_DOT = 8;
export const CLASS_COMMA = 16;
/** Printable ASCII that needs no escape in a JSON string: not a quote, not a backslash, and not a space. */
export const CLASS_PLAIN = 32;
/** `CLASS_PLAIN` without capital letters. */
export const CLASS_PLAIN_LOWER = 64;

const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isUpper = byte >= 0x41 && byte <= 0x5a;
  const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
  return (
    (byte >= 0x30 && byte <= 0x39 ? CLASS_DIGIT : 0) |
    (isUpper ? CLASS_UPPER : 0) |
    (byte >= 0x61 && byte <= 0x7a ? CLASS_LOWER : 0) |
    (byte === 0x2e ? CLASS_DOT : 0) |
    (byte === 0x2c ? CLASS_COMMA : 0) |
    (isPlain ? CLASS_PLAIN : 0) |
    (isPlain && !isUpper ? CLASS_PLAIN_LOWER : 0)
  );
});

/** ASCII text as bytes, to compare with. */
export const asciiBytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Whether `text` stands at that position. */
export function startsWithAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/** Position of the first byte from `at` on that is in none of the classes. */
export function skipClass(bytes: Uint8Array, at: number, classes: number): number {
  let i = at;
  while (((CLASSES[bytes[i] ?? 0] ?? 0) & classes) !== 0) i++;
  return i;
}

/** Position behind a number of 1 to `maxDigits` digits; -1 where there is none. */
export function digitsEnd(bytes: Uint8Array, at: number, maxDigits: number): number {
  const end = skipClass(bytes, at, CLASS_DIGIT);
  return end === at || end - at > maxDigits ? -1 : end;
}

/** The number whose digits stand from `at` to `end`. */
export function numberAt(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i++) value = value * 10 + (bytes[i] ?? 0) - 0x30;
  return value;
}

/** Position behind an IPv4 address in canonical spelling; -1 where there is none. */
export function ipv4End(bytes: Uint8Array, at: number): number {
  let next = at;
  for (let part = 1; ; part++) {
    const end = digitsEnd(bytes, next, 3);
    if (end < 0 || numberAt(bytes, next, end) > 255 || (bytes[next] === ZERO && end - next > 1)) return -1;
    if (part === 4) return end;
    if (bytes[end] !== FULL_STOP) return -1;
    next = end + 1;
  }
}

const ZERO = 0x30;
const FULL_STOP = 0x2e;
