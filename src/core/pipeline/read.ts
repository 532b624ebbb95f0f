import { collectKeys, type LookupKeysBuilder } from '../attribution/index.ts';
import { type DecodedRecord, decodeRecord } from '../cloudwatch/decode-record.ts';
import { peekWrapper } from '../fast-path/container-insights.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { Envelope } from '../model/envelope.ts';
import type { InputRecord } from '../model/firehose-record.ts';
import type { EscapedLine, Line, UnwrappedLine } from '../model/log-line.ts';
import type { EventLookupKeys, LogSource } from '../model/ports.ts';
import { stringValue } from '../util/json-scan.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import { createUnwrapper, type Unwrapper } from '../wrapper/index.ts';

/** A log event that no source knows. */
const NOT_DNS = 'not-dns';
/** A log event that a source thought could be its own and could not read. */
export const UNPARSED = 'unparsed';
/** A log event that is read where it stands, once it is to be written. */
const LATER = 'later';

/** One log event: what it says about DNS, or why nothing. */
export type ReadEvent = DnsEvent | typeof NOT_DNS | typeof UNPARSED;

/**
 * A record as read: its kind, and per event (or line) the DNS event in it. Of lines in the most common layouts only what
 * the look-up wants is read before it: to keep their events over the whole batch would cost more than to read them.
 */
export type ReadRecord =
  | {
      readonly kind: 'envelope';
      readonly envelope: Envelope;
      readonly gzipped: boolean;
      readonly bytes: number;
      readonly arrivalMs: number;
      readonly events: readonly (ReadEvent | typeof LATER)[];
    }
  | { readonly kind: 'text'; readonly lines: readonly string[]; readonly events: readonly ReadEvent[] }
  | Exclude<DecodedRecord, { kind: 'envelope' | 'text' }>;

/** Reads records, one after the other. */
export type RecordReader = {
  /** Reads a record, and adds to `keys` what its events want to know. */
  read(input: InputRecord, keys: LookupKeysBuilder): ReadRecord;
  /** An event of a record; good until the next call. */
  eventAt(record: ReadRecord, index: number): ReadEvent;
};

/**
 * Creates the reader of all batches: V8 makes fast what lives long. `sources` are asked in order; inflating stops at
 * `maxInflatedBytes`.
 */
export function createRecordReader(sources: readonly LogSource[], maxInflatedBytes: number): RecordReader {
  const unwrap = createUnwrapper();
  const raw = createRawReader(sources);
  // For lines that looked common and were not; they are no parts of others.
  const unwrapAlone = createUnwrapper();

  const readText = (text: string, arrivalMs: number, keys: LookupKeysBuilder): ReadRecord => {
    const lines = text.split('\n');
    const line = { timestampMs: arrivalMs, timeIsArrival: true, logStream: undefined };
    const events = lines.map((one) => {
      const event = readLine(unwrap, sources, { ...line, text: utf8(one) });
      if (typeof event === 'object') collectKeys(keys, event);
      return event;
    });
    return { kind: 'text', lines, events };
  };

  const readDecoded = (by: Unwrapper, envelope: Envelope, index: number, arrivalMs: number): ReadEvent => {
    const span = envelope.events[index];
    if (span === undefined || span.messageStart < 0) return NOT_DNS;
    const text = stringValue(envelope.text.slice(span.messageStart, span.messageEnd), envelope.isAscii);
    if (text === undefined) return NOT_DNS;
    const timeIsArrival = !isTimeMs(span.timestampMs);
    const timestampMs = timeIsArrival ? arrivalMs : span.timestampMs;
    return readLine(by, sources, { text, timestampMs, timeIsArrival, logStream: envelope.logStream });
  };

  return {
    read: (input, keys) => {
      const record = decodeRecord(input.data, maxInflatedBytes);
      if (record.kind !== 'envelope' && record.kind !== 'text') return record;
      unwrap.reset();
      unwrapAlone.reset();
      const { arrivalMs } = input;
      if (record.kind === 'text') return readText(record.text, arrivalMs, keys);
      const { envelope } = record;
      const events: (ReadEvent | typeof LATER)[] = [];
      for (let i = 0; i < envelope.events.length; i++) {
        const wanted = unwrap.isPending() ? undefined : raw.scanKeys(envelope, i);
        const event = wanted === undefined ? readDecoded(unwrap, envelope, i, arrivalMs) : LATER;
        events.push(event);
        if (wanted !== undefined) collectKeys(keys, wanted);
        else if (typeof event === 'object') collectKeys(keys, event);
      }
      return { ...record, arrivalMs, events };
    },
    eventAt: (record, index) => {
      if (record.kind !== 'envelope' && record.kind !== 'text') return NOT_DNS;
      const event = record.events[index] ?? NOT_DNS;
      if (event !== LATER) return event;
      if (record.kind === 'text') return NOT_DNS;
      const { envelope, arrivalMs } = record;
      return (
        raw.read(unwrapAlone, envelope, index, arrivalMs) ??
        readDecoded(unwrapAlone, envelope, index, arrivalMs)
      );
    },
  };
}

/** Reads messages of the most common layouts where they stand, without decoding them. */
function createRawReader(sources: readonly LogSource[]) {
  const quick = sources.filter(({ parseInPlace }) => parseInPlace !== undefined);
  const raw: EscapedLine = {
    text: '',
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    depth: 1,
    timestampMs: 0,
    timeIsArrival: false,
    timeMs: undefined,
    producer: undefined,
  };
  // Neighbouring lines are of one source: the one that read the last is asked first.
  let first = 0;
  const turnTo = (envelope: Envelope, index: number): boolean => {
    const span = envelope.events[index];
    if (span === undefined || span.messageStart < 0) return false;
    raw.text = envelope.text;
    raw.bytes = envelope.bytes;
    raw.start = span.messageStart + 1;
    raw.end = span.messageEnd - 1;
    raw.depth = 1;
    raw.timestampMs = span.timestampMs;
    return true;
  };
  return {
    scanKeys: (envelope: Envelope, at: number): EventLookupKeys | undefined => {
      if (!turnTo(envelope, at)) return undefined;
      peekWrapper(raw);
      for (let i = 0; i < quick.length; i++) {
        const index = (first + i) % quick.length;
        const wanted = quick[index]?.scanKeys?.(raw);
        if (wanted === undefined) continue;
        first = index;
        return wanted;
      }
      return undefined;
    },
    read: (unwrap: Unwrapper, envelope: Envelope, at: number, arrivalMs: number): DnsEvent | undefined => {
      if (!turnTo(envelope, at)) return undefined;
      // An event without a usable time has arrived some time before its record did: no more is known.
      raw.timeIsArrival = !isTimeMs(raw.timestampMs);
      if (raw.timeIsArrival) raw.timestampMs = arrivalMs;
      raw.timeMs = undefined;
      unwrap.raw(raw, envelope.logStream);
      for (let i = 0; i < quick.length; i++) {
        const index = (first + i) % quick.length;
        const event = quick[index]?.parseInPlace?.(raw);
        if (event === undefined) continue;
        first = index;
        return event;
      }
      return undefined;
    },
  };
}

function readLine(unwrap: Unwrapper, sources: readonly LogSource[], line: Line): ReadEvent {
  // A part of a split line need not look like DNS.
  const isPart = unwrap.mayBePart(line.text);
  let unwrapped: UnwrappedLine | undefined;
  for (const source of sources) {
    if (!isPart && !source.prefilter(line.text)) continue;
    unwrapped ??= unwrap(line);
    const dns = source.parse(line, unwrapped);
    if (dns !== undefined) return dns;
  }
  if (unwrapped === undefined || isPart) return NOT_DNS;
  // It may have been looked at for its wrapper alone, which tells who printed it and not that it is DNS.
  const { text } = unwrapped;
  return sources.some((source) => source.prefilter(text)) ? UNPARSED : NOT_DNS;
}

const NOT_ASCII = /[\x80-\xff]/;

const utf8 = (binary: string): string =>
  NOT_ASCII.test(binary) ? Buffer.from(binary, 'latin1').toString('utf8') : binary;
