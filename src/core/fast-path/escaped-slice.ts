/**
 * ASCII text that still stands in an envelope, inside one JSON string (a bare line) or two (the `log` of a wrapper), and
 * is decoded only for who must have it. Nothing in it is escaped but quotes: those of `"A IN` are `\"` in a bare line and
 * `\\\"` in a wrapped one.
 */
export type EscapedSlice = {
  /** The envelope, and where in it the text stands. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** In how many JSON strings, one inside the other. */
  readonly depth: 1 | 2;
  /** The first bytes, where a source sees the same again and again: how many, and how they stand one string deeper. */
  readonly head: SharedPrefix | undefined;
};

/** See `EscapedSlice`. */
export type SharedPrefix = { readonly length: number; readonly deeper: Uint8Array };

/** One object that serves text after text. */
export type EscapedSliceDraft = { -readonly [K in keyof EscapedSlice]: EscapedSlice[K] };

/** The first bytes of texts to come. */
export const sharedPrefix = (bytes: Uint8Array): SharedPrefix => {
  const deeper: number[] = [];
  for (const byte of bytes) {
    // A quote has its backslash before it; both get one more.
    if (byte === 0x5c || byte === 0x22) deeper.push(0x5c);
    deeper.push(byte);
  }
  return { length: bytes.length, deeper: Uint8Array.from(deeper) };
};
