import type { ByteWriter } from '../util/byte-writer.ts';

/**
 * In how many JSON strings, one inside the other, a text stands. 1: a record of its own, quotes are `"` in JSON and `\"`
 * inside its strings. 2: a record inside the `message` of an envelope, where every quote is escaped once more.
 */
export type EscapeLevel = 1 | 2;

/** Text that is copied into the record in encoded form, without being decoded to a JavaScript string first. */
export interface EncodedText {
  /** Appends the text so that it is valid inside a JSON string of that level. */
  appendTo(out: ByteWriter, level: EscapeLevel): void;
}
