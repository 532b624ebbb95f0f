import type { EscapeLevel } from '../model/encoded-text.ts';
import type { Envelope } from '../model/envelope.ts';
import type { Origin } from '../model/origin.ts';
import type { ByteWriter } from '../util/byte-writer.ts';

/**
 * Writes the events of one Firehose record, one after the other. Between `beginRecord` and `endRecord` the caller appends
 * the normalised record to the same `ByteWriter`.
 */
export interface EventsWriter {
  /** The event stays as it is. */
  keep(index: number): void;
  /** The event is left out. */
  drop(index: number): void;
  /** The event's message is replaced with a normalised record. */
  beginRecord(index: number): void;
  endRecord(index: number): void;
  /** Ends the Firehose record. It is empty when every event was dropped. */
  end(): void;
}

/** Writes envelopes, one after the other. */
export interface EnvelopeWriter extends EventsWriter {
  /** Starts an envelope; `originOf` tells where each of its events was written. */
  begin(envelope: Envelope, originOf: (index: number) => Origin): void;
}

/** A form in which envelopes leave the function; chosen by `OUTPUT_FORMAT`. */
export type Output = {
  /** The escape level of its normalised records. */
  readonly escapeLevel: EscapeLevel;
  /** Whether records name their log stream, because the output does not keep the envelope. */
  readonly namesLogStream: boolean;
  /** Whether an envelope without any DNS event is rewritten as well. */
  readonly rewritesAll: boolean;
  readonly createWriter: (out: ByteWriter) => EnvelopeWriter;
};
