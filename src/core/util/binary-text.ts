// "Binary" text has one character per byte of UTF-8 (Node's `latin1`), so that it can be cut at byte positions and
// copied without decoding.

const NON_ASCII = /[\x80-\xff]/;

/** Whether binary text contains a byte outside ASCII. */
export const hasNonAscii = (binary: string): boolean => NON_ASCII.test(binary);

/** Decodes binary text; ASCII is returned as it is. */
export const decodeBinary = (binary: string): string =>
  hasNonAscii(binary) ? Buffer.from(binary, 'latin1').toString('utf8') : binary;
