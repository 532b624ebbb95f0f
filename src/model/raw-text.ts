/**
 * ASCII text that still stands in an envelope, inside one JSON string (a bare line) or two (the `log` of a wrapper), and
 * is decoded only for who must have it. Nothing in it is escaped but quotes: those of `"A IN` are `\"` in a bare line and
 * `\\\"` in a wrapped one.
 */
export type RawText = {
  /** The envelope, and where in it the text stands. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** In how many JSON strings, one inside the other. */
  readonly depth: 1 | 2;
  /** The first bytes, where a source sees the same again and again: how many, and how they stand one string deeper. */
  readonly head: RawHead | undefined;
};

/** See `RawText`. */
export type RawHead = { readonly length: number; readonly deeper: Uint8Array };

/** One object that serves text after text. */
export type RawTextDraft = { -readonly [K in keyof RawText]: RawText[K] };

/** The first bytes of texts to come. */
export const rawHead = (bytes: Uint8Array): RawHead => {
  const deeper: number[] = [];
  for (const byte of bytes) {
    // A quote has its backslash before it; both get one more.
    if (byte === 0x5c || byte === 0x22) deeper.push(0x5c);
    deeper.push(byte);
  }
  return { length: bytes.length, deeper: Uint8Array.from(deeper) };
};
