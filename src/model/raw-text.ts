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
};

/** The text as it was logged. */
export const decoded = ({ bytes, start, end }: RawText): string =>
  bytes.toString('latin1', start, end).replaceAll('\\', '');

/** One object that serves text after text. */
export type RawTextDraft = { -readonly [K in keyof RawText]: RawText[K] };
