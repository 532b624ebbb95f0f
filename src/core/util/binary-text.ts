// "Binary" text has one character per byte of UTF-8 (Node's `latin1`), so that it can be cut at byte positions and
// copied without decoding.

const BEYOND_ASCII = /[\x80-\xff]/;

/** Whether binary text holds a byte outside ASCII. */
export const hasNonAscii = (binary: string): boolean => BEYOND_ASCII.test(binary);

/** Decodes binary text; ASCII is returned as it is. */
export const decodeBinary = (binary: string): string =>
  hasNonAscii(binary) ? Buffer.from(binary, 'latin1').toString('utf8') : binary;
