import { collectKeys, type LookupKeysBuilder } from '../attribution/lookup-keys.ts';
import { BATCH_LIMITS } from '../model/batch-limits.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { Envelope } from '../model/envelope.ts';
import type { LogLine, UnwrappedLine } from '../model/log-line.ts';
import type { LogSource } from '../model/ports.ts';
import { type Judge, limitToTrust } from '../trust/index.ts';
import { isTooComplex } from '../util/json.ts';
import { stringValue } from '../util/json-scan.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import { createUnwrapper, type Unwrapper } from '../wrapper/index.ts';

/** A log event that does not belong to any source. */
export const NOT_DNS = 'not-dns';
/** A log event that looks like one of a source and could not be parsed. */
export const UNPARSED = 'unparsed';

/** A line in a DNS log format whose producer may not write DNS logs (`trust/`). */
export const UNTRUSTED = 'untrusted';

/** A log event whose message is longer than any DNS log, and is not read. */
export const TOO_LONG = 'too-long';

/** A log event that passed a source's prefilter, and whose JSON has more values or depth than any DNS log. */
export const TOO_COMPLEX = 'too-complex';

/** The DNS event in a log event, or why there is none. */
export type ReadEvent =
  | DnsEvent
  | typeof NOT_DNS
  | typeof UNPARSED
  | typeof UNTRUSTED
  | typeof TOO_LONG
  | typeof TOO_COMPLEX;

/** The log events of a record, in order. */
export interface EventList {
  readonly length: number;
  /** The event at `index`. The object may be reused: it is valid until the next call on any list. */
  at(index: number): ReadEvent;
  /** Indices of the error lines of CoreDNS. */
  readonly errors: readonly number[];
  /** Estimate of the memory that the list holds, bytes. */
  readonly heldBytes: number;
}

/** Reads log events in the order in which they stand in a record. */
export interface EventReader {
  /** Starts another Firehose record: outstanding parts of split lines are dropped. */
  startRecord(): void;
  /** Reads an event of an envelope. */
  read(envelope: Envelope, index: number, arrivalMs: number): ReadEvent;
  /** Reads a line; `read` calls it with the message of the event. */
  readLine(line: LogLine): ReadEvent;
  /** Whether the rest of a split line is outstanding; the next event may be that rest. */
  isPending(): boolean;
}

/** Reads the events of an envelope and adds their look-up keys to `keys`. */
export type EnvelopeReader = (envelope: Envelope, arrivalMs: number, keys: LookupKeysBuilder) => EventList;

/** Creates an envelope reader that reads every event at once. */
export function createEnvelopeReader(createReader: () => EventReader): EnvelopeReader {
  const reader = createReader();
  return (envelope, arrivalMs, keys) => {
    reader.startRecord();
    return eventList(
      envelope.events.map((_, index) => reader.read(envelope, index, arrivalMs)),
      keys,
    );
  };
}

/** A list of events that are read already; adds their look-up keys to `keys`. */
export function eventList(events: readonly ReadEvent[], keys: LookupKeysBuilder): EventList {
  let parsed = 0;
  const errors: number[] = [];
  for (const [index, event] of events.entries()) {
    if (typeof event !== 'object') continue;
    parsed++;
    if (event.isError) errors.push(index);
    collectKeys(keys, event);
  }
  return {
    length: events.length,
    at: (index) => events[index] ?? NOT_DNS,
    errors,
    heldBytes: heldBytes(events.length, parsed),
  };
}

/** Estimate of the memory of a list, bytes: the positions of all its events, and those of them that are parsed. */
export const heldBytes = (events: number, parsed: number): number => events * 100 + parsed * 600;

/**
 * Creates a reader. The first source that can parse a line, in their order, reads it. Messages over `messageBytes` are not
 * read.
 */
export function createEventReader(
  sources: readonly LogSource[],
  judge: Judge,
  messageBytes = BATCH_LIMITS.messageBytes,
): EventReader {
  const unwrap = createUnwrapper(messageBytes);
  const readLine = (line: LogLine): ReadEvent =>
    line.text.length > messageBytes ? TOO_LONG : readWith(unwrap, sources, judge, line);
  return {
    startRecord: () => {
      unwrap.reset();
      judge.startRecord();
    },
    isPending: unwrap.isPending,
    readLine,
    read: (envelope, index, arrivalMs) => {
      const span = envelope.events[index];
      if (span === undefined || span.messageStart < 0) return NOT_DNS;
      if (span.messageEnd - span.messageStart > messageBytes) return TOO_LONG;
      const text = stringValue(envelope.text.slice(span.messageStart, span.messageEnd), envelope.isAscii);
      if (text === undefined) return NOT_DNS;
      const timeIsArrival = !isTimeMs(span.timestampMs);
      const timestampMs = timeIsArrival ? arrivalMs : span.timestampMs;
      const logGroup = span.systemFields?.logGroup ?? envelope.logGroup;
      return readLine({ text, timestampMs, timeIsArrival, logStream: envelope.logStream, logGroup });
    },
  };
}

function readWith(unwrap: Unwrapper, sources: readonly LogSource[], judge: Judge, line: LogLine): ReadEvent {
  // A part of a split line need not look like DNS, so no prefilter applies to it.
  const isPart = unwrap.mayBePart(line.text);
  let unwrapped: UnwrappedLine | undefined;
  for (const source of sources) {
    if (!isPart && !source.prefilter(line.text)) continue;
    if (unwrapped === undefined && isTooComplex(line.text)) return TOO_COMPLEX;
    unwrapped ??= unwrap(line);
    const event = source.parse(line, unwrapped);
    if (event === undefined) continue;
    const trust = judge.trustIn(source.name, line.logGroup, unwrapped);
    return trust === undefined ? UNTRUSTED : limitToTrust(event, trust, line);
  }
  if (unwrapped === undefined || isPart) return NOT_DNS;
  const unread = unwrapped;
  const isUnparsed = sources.some(
    (source) =>
      source.prefilter(line.text) &&
      source.resembles(unread) &&
      judge.trustIn(source.name, line.logGroup, unread) !== undefined,
  );
  return isUnparsed ? UNPARSED : NOT_DNS;
}
