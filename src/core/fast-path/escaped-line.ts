import type { DnsEvent } from '../model/dns-event.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { LogProducer } from '../model/log-line.ts';
import type { LogSourceName } from '../model/log-sources.ts';
import type { EventLookupKeys } from '../model/ports.ts';

/**
 * A line at its position in the envelope's JSON: `[INFO] 10.0.1.23:40212 - 29008 \"A IN ...`. One object is
 * reused for line after line.
 */
export type EscapedLine = {
  /** The envelope, as binary text and as bytes. */
  text: string;
  bytes: Buffer;
  /** The line's position, without wrapper and final newline. */
  start: number;
  end: number;
  level: EscapeLevel;
  /** As in `LogLine` and `UnwrappedLine`. */
  timestampMs: number;
  timeIsArrival: boolean;
  timeMs: number | undefined;
  producer: LogProducer | undefined;
  streamProducer: LogProducer | undefined;
  isWrapped: boolean;
  logGroup: string | undefined;
};

/**
 * Reads lines of one source in place, in the layout that nearly all of its lines have. Both functions return undefined
 * for any other line, which the source itself then reads. The returned object is reused: it is valid until the next call.
 */
export type InPlaceReader = {
  readonly source: LogSourceName;
  /**
   * The look-up keys of a line that `parse` is likely to read, at a fraction of its cost. Of a wrapped line only the
   * start is known.
   */
  scanKeys(line: EscapedLine): EventLookupKeys | undefined;
  /** The event that the source would read from the decoded line. */
  parse(line: EscapedLine): DnsEvent | undefined;
};

/** Creates an empty line. */
export const createEscapedLine = (): EscapedLine => ({
  text: '',
  bytes: Buffer.alloc(0),
  start: 0,
  end: 0,
  level: 1,
  timestampMs: 0,
  timeIsArrival: false,
  timeMs: undefined,
  producer: undefined,
  streamProducer: undefined,
  isWrapped: false,
  logGroup: undefined,
});
