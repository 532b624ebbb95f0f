import { stringValue } from '../decode/json-scan.ts';
import { type DecodedRecord, decodeRecord } from '../decode/record.ts';
import { createUnwrapper, type Unwrapper } from '../decode/unwrap.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { Envelope, EventSpan } from '../model/envelope.ts';
import type { Line, RawLine, UnwrappedLine } from '../model/line.ts';
import type { InputRecord } from '../model/outcome.ts';
import type { LogSource } from '../model/ports.ts';
import { isTimeMs } from '../model/time.ts';

/** A log event that no source knows. */
const NOT_DNS = 'not-dns';
/** A log event that a source thought could be its own and could not read. */
export const UNPARSED = 'unparsed';
/** A log event that is read where it stands whenever it is asked for. */
const RAW = 'raw';

/** One log event: what it says about DNS, or why nothing. */
export type ReadEvent = DnsEvent | typeof NOT_DNS | typeof UNPARSED;

/**
 * The events of a record, read once for the look-up. An event that `parseRaw` reads is not kept but read once more:
 * that costs less than the garbage collector's care for it over the whole batch, and is the same object each time.
 */
export type ReadEvents = { readonly count: number; readonly at: (index: number) => ReadEvent };

/** A record as read: its kind, and per event (or line) the DNS event in it. */
export type ReadRecord =
  | {
      readonly kind: 'envelope';
      readonly envelope: Envelope;
      readonly gzipped: boolean;
      readonly bytes: number;
      readonly events: ReadEvents;
    }
  | { readonly kind: 'text'; readonly lines: readonly string[]; readonly events: ReadEvents }
  | Exclude<DecodedRecord, { kind: 'envelope' | 'text' }>;

/** Reads one record; `sources` are asked in order, `visit` is told of every DNS event. Inflating stops at `maxInflatedBytes`. */
export function readRecord(
  input: InputRecord,
  sources: readonly LogSource[],
  maxInflatedBytes: number,
  visit: (event: DnsEvent) => void,
): ReadRecord {
  const record = decodeRecord(input.data, maxInflatedBytes);
  if (record.kind === 'envelope') {
    return { ...record, events: readEnvelopeEvents(record.envelope, sources, input.arrivalMs, visit) };
  }
  if (record.kind !== 'text') return record;
  const lines = record.text.split('\n');
  const read = createEventReader(createUnwrapper(), sources);
  const line = { timestampMs: input.arrivalMs, timeIsArrival: true, logStream: undefined };
  const events = lines.map((text) => {
    const event = read({ ...line, text: utf8(text) });
    if (typeof event === 'object') visit(event);
    return event;
  });
  return { kind: 'text', lines, events: { count: events.length, at: (index) => events[index] ?? NOT_DNS } };
}

function readEnvelopeEvents(
  envelope: Envelope,
  sources: readonly LogSource[],
  arrivalMs: number,
  visit: (event: DnsEvent) => void,
): ReadEvents {
  const unwrap = createUnwrapper();
  const readRaw = createRawReader(envelope, arrivalMs, unwrap, sources);
  const read = createEventReader(unwrap, sources);
  const { text, isAscii, logStream } = envelope;
  const kept = envelope.events.map((span): ReadEvent | typeof RAW => {
    if (span.messageStart < 0) return NOT_DNS;
    const raw = unwrap.isPending() ? undefined : readRaw(span);
    if (raw !== undefined) {
      visit(raw);
      return RAW;
    }
    const message = stringValue(text.slice(span.messageStart, span.messageEnd), isAscii);
    if (message === undefined) return NOT_DNS;
    const event = read({ text: message, ...timeOf(span, arrivalMs), logStream });
    if (typeof event === 'object') visit(event);
    return event;
  });
  const at = (index: number): ReadEvent => {
    const event = kept[index];
    const span = envelope.events[index];
    if (event !== RAW || span === undefined) return event === RAW ? NOT_DNS : (event ?? NOT_DNS);
    return readRaw(span) ?? NOT_DNS;
  };
  return { count: kept.length, at };
}

/** An event without a usable time has arrived some time before its record did: no more is known. */
function timeOf({ timestampMs }: EventSpan, arrivalMs: number) {
  const timeIsArrival = !isTimeMs(timestampMs);
  return { timestampMs: timeIsArrival ? arrivalMs : timestampMs, timeIsArrival };
}

/** Reads messages of the most common layouts where they stand, without decoding them. */
function createRawReader(
  { text, bytes, logStream }: Envelope,
  arrivalMs: number,
  unwrap: Unwrapper,
  sources: readonly LogSource[],
): (span: EventSpan) => DnsEvent | undefined {
  const quick = sources.filter(({ parseRaw }) => parseRaw !== undefined);
  const raw: RawLine = {
    text,
    bytes,
    start: 0,
    end: 0,
    depth: 1,
    timestampMs: 0,
    timeIsArrival: false,
    timeMs: undefined,
    emitter: undefined,
  };
  return ({ messageStart, messageEnd, timestampMs }) => {
    raw.start = messageStart + 1;
    raw.end = messageEnd - 1;
    raw.depth = 1;
    raw.timeIsArrival = !isTimeMs(timestampMs);
    raw.timestampMs = raw.timeIsArrival ? arrivalMs : timestampMs;
    raw.timeMs = undefined;
    unwrap.raw(raw, logStream);
    for (const source of quick) {
      const event = source.parseRaw?.(raw);
      if (event !== undefined) return event;
    }
    return undefined;
  };
}

function createEventReader(unwrap: Unwrapper, sources: readonly LogSource[]): (line: Line) => ReadEvent {
  return (line) => {
    // A part of a split line need not look like DNS.
    const isPart = unwrap.mayBePart(line.text);
    let unwrapped: UnwrappedLine | undefined;
    for (const source of sources) {
      if (!isPart && !source.mayHold(line.text)) continue;
      unwrapped ??= unwrap(line);
      const dns = source.parse(line, unwrapped);
      if (dns !== undefined) return dns;
    }
    return unwrapped === undefined || isPart ? NOT_DNS : UNPARSED;
  };
}

const NOT_ASCII = /[\x80-\xff]/;

const utf8 = (binary: string): string =>
  NOT_ASCII.test(binary) ? Buffer.from(binary, 'latin1').toString('utf8') : binary;
