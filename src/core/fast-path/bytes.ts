// Steps through the bytes of a text of known layout. On bytes, because looking at each character of a string costs four
// times as much, and as plain functions, because V8 makes one piece of them (both measured: `npm run bench`).

/** Kinds of bytes, to be added up. */
export const DIGIT = 1;
export const UPPER = 2;
export const LOWER = 4;
export const DOT = 8;
export const COMMA = 16;
/** Printable ASCII that stands in a JSON string as it is: no quote, no backslash, here also no space. */
export const PLAIN = 32;
/** The same without capital letters. */
export const SMALL = 64;

const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isUpper = byte >= 0x41 && byte <= 0x5a;
  const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
  return (
    (byte >= 0x30 && byte <= 0x39 ? DIGIT : 0) |
    (isUpper ? UPPER : 0) |
    (byte >= 0x61 && byte <= 0x7a ? LOWER : 0) |
    (byte === 0x2e ? DOT : 0) |
    (byte === 0x2c ? COMMA : 0) |
    (isPlain ? PLAIN : 0) |
    (isPlain && !isUpper ? SMALL : 0)
  );
});

/** Text to look for. */
export const literal = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Whether a literal stands there. */
export function isAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/** Position behind the bytes of these kinds. */
export function runEnd(bytes: Uint8Array, at: number, kinds: number): number {
  let i = at;
  while (((KINDS[bytes[i] ?? 0] ?? 0) & kinds) !== 0) i++;
  return i;
}

/** Position behind a number of one to `most` digits; -1 where there is none. */
export function digitsEnd(bytes: Uint8Array, at: number, most: number): number {
  const end = runEnd(bytes, at, DIGIT);
  return end === at || end - at > most ? -1 : end;
}

/** The number whose digits stand there. */
export function numberAt(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i++) value = value * 10 + (bytes[i] ?? 0) - 0x30;
  return value;
}

/** Position behind an IPv4 address in its one usual spelling; -1 where there is none. */
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
