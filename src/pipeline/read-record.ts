import { stringValue } from '../decode/json-scan.ts';
import { type DecodedRecord, decodeRecord } from '../decode/record.ts';
import { createUnwrapper } from '../decode/unwrap.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { Envelope } from '../model/envelope.ts';
import type { Line, UnwrappedLine } from '../model/line.ts';
import type { InputRecord } from '../model/outcome.ts';
import type { LogSource } from '../model/ports.ts';
import { isTimeMs } from '../model/time.ts';

/** One log event: what it says about DNS, or nothing. */
export type ReadEvent = {
  readonly dns: DnsEvent | undefined;
  /** True when a source thought it could be its own and could not read it. */
  readonly looksLikeDns: boolean;
};

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

const NOT_DNS: ReadEvent = { dns: undefined, looksLikeDns: false };
const UNPARSED: ReadEvent = { dns: undefined, looksLikeDns: true };

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
  const read = createEventReader(sources);
  const line = { timestampMs: input.arrivalMs, timeIsArrival: true, logStream: undefined };
  return { kind: 'text', lines, events: lines.map((text) => read({ ...line, text: utf8(text) })) };
}

function readEnvelopeEvents(
  envelope: Envelope,
  sources: readonly LogSource[],
  arrivalMs: number,
): ReadEvent[] {
  const read = createEventReader(sources);
  const { text, isAscii, logStream } = envelope;
  return envelope.events.map(({ messageStart, messageEnd, timestampMs }) => {
    const message = messageStart < 0 ? undefined : stringValue(text.slice(messageStart, messageEnd), isAscii);
    if (message === undefined) return NOT_DNS;
    // An event without a usable time has arrived some time before its record did: no more is known.
    const timeIsArrival = !isTimeMs(timestampMs);
    return read({
      text: message,
      timestampMs: timeIsArrival ? arrivalMs : timestampMs,
      timeIsArrival,
      logStream,
    });
  });
}

function createEventReader(sources: readonly LogSource[]): (line: Line) => ReadEvent {
  const unwrap = createUnwrapper();
  return (line) => {
    // A part of a split line need not look like DNS.
    const isPart = unwrap.mayBePart(line.text);
    let unwrapped: UnwrappedLine | undefined;
    for (const source of sources) {
      if (!isPart && !source.mayHold(line.text)) continue;
      unwrapped ??= unwrap(line);
      const dns = source.parse(line, unwrapped);
      if (dns !== undefined) return { dns, looksLikeDns: true };
    }
    return unwrapped === undefined || isPart ? NOT_DNS : UNPARSED;
  };
}

const NOT_ASCII = /[\x80-\xff]/;

const utf8 = (binary: string): string =>
  NOT_ASCII.test(binary) ? Buffer.from(binary, 'latin1').toString('utf8') : binary;
