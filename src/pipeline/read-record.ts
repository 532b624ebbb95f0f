import { stringValue } from '../decode/json-scan.ts';
import { type DecodedRecord, decodeRecord } from '../decode/record.ts';
import { createUnwrapper, type Unwrapper } from '../decode/unwrap.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { Envelope } from '../model/envelope.ts';
import type { Line, RawLine, UnwrappedLine } from '../model/line.ts';
import type { InputRecord } from '../model/outcome.ts';
import type { LogSource } from '../model/ports.ts';
import { isTimeMs } from '../model/time.ts';

/** A log event that no source knows. */
const NOT_DNS = 'not-dns';
/** A log event that a source thought could be its own and could not read. */
export const UNPARSED = 'unparsed';

/** One log event: what it says about DNS, or why nothing. */
export type ReadEvent = DnsEvent | typeof NOT_DNS | typeof UNPARSED;

/** A record as read: its kind, and per event (or line) the DNS event in it. */
export type ReadRecord =
  | {
      readonly kind: 'envelope';
      readonly envelope: Envelope;
      readonly gzipped: boolean;
      readonly bytes: number;
      readonly events: readonly ReadEvent[];
    }
  | { readonly kind: 'text'; readonly lines: readonly string[]; readonly events: readonly ReadEvent[] }
  | Exclude<DecodedRecord, { kind: 'envelope' | 'text' }>;

/** Reads one record; `sources` are asked in order. Inflating stops at `maxInflatedBytes`. */
export function readRecord(
  input: InputRecord,
  sources: readonly LogSource[],
  maxInflatedBytes: number,
): ReadRecord {
  const record = decodeRecord(input.data, maxInflatedBytes);
  if (record.kind === 'envelope') {
    return { ...record, events: readEnvelopeEvents(record.envelope, sources, input.arrivalMs) };
  }
  if (record.kind !== 'text') return record;
  const lines = record.text.split('\n');
  const read = createEventReader(createUnwrapper(), sources);
  const line = { timestampMs: input.arrivalMs, timeIsArrival: true, logStream: undefined };
  return { kind: 'text', lines, events: lines.map((text) => read({ ...line, text: utf8(text) })) };
}

function readEnvelopeEvents(
  envelope: Envelope,
  sources: readonly LogSource[],
  arrivalMs: number,
): ReadEvent[] {
  const unwrap = createUnwrapper();
  const readRaw = createRawReader(envelope, unwrap, sources);
  const read = createEventReader(unwrap, sources);
  const { text, isAscii, logStream } = envelope;
  return envelope.events.map(({ messageStart, messageEnd, timestampMs: logged }) => {
    if (messageStart < 0) return NOT_DNS;
    // An event without a usable time has arrived some time before its record did: no more is known.
    const timeIsArrival = !isTimeMs(logged);
    const timestampMs = timeIsArrival ? arrivalMs : logged;
    const dns = readRaw(messageStart + 1, messageEnd - 1, timestampMs, timeIsArrival);
    if (dns !== undefined) return dns;
    const message = stringValue(text.slice(messageStart, messageEnd), isAscii);
    return message === undefined ? NOT_DNS : read({ text: message, timestampMs, timeIsArrival, logStream });
  });
}

/** Reads messages of the most common layouts where they stand, without decoding them. */
function createRawReader(
  { text, bytes, logStream }: Envelope,
  unwrap: Unwrapper,
  sources: readonly LogSource[],
): (start: number, end: number, timestampMs: number, timeIsArrival: boolean) => DnsEvent | undefined {
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
  return (start, end, timestampMs, timeIsArrival) => {
    raw.start = start;
    raw.end = end;
    raw.depth = 1;
    raw.timestampMs = timestampMs;
    raw.timeIsArrival = timeIsArrival;
    raw.timeMs = undefined;
    if (!unwrap.raw(raw, logStream)) return undefined;
    for (const source of quick) {
      const dns = source.parseRaw?.(raw);
      if (dns !== undefined) return dns;
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
