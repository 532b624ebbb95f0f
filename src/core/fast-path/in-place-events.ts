import { collectKeys, type LookupKeysBuilder } from '../attribution/lookup-keys.ts';
import type { Envelope } from '../model/envelope.ts';
import type { EventLookupKeys } from '../model/ports.ts';
import {
  type EnvelopeReader,
  type EventList,
  type EventReader,
  heldBytes,
  NOT_DNS,
  type ReadEvent,
  UNTRUSTED,
} from '../pipeline/read-events.ts';
import { type Judge, limitToTrust } from '../trust/index.ts';
import { MAX_SIMPLE_CHARS } from '../util/json.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import { createProducerReader } from '../wrapper/producer.ts';
import { createInPlaceUnwrapper, skipWrapperHead } from './container-insights.ts';
import { createEscapedLine, type InPlaceReader } from './escaped-line.ts';

/** An event that is parsed when it is written. */
const PARSE_ON_WRITE = 'parse-on-write';

type HeldEvent = ReadEvent | typeof PARSE_ON_WRITE;

type InPlaceEventList = EventList & {
  readonly envelope: Envelope;
  readonly arrivalMs: number;
  readonly events: readonly HeldEvent[];
};

/**
 * Creates a reader of envelopes that extracts only the look-up keys of lines in the common layouts, and parses these
 * lines when they are written: parsing later is cheaper than holding their events for the whole batch.
 */
export function createInPlaceEnvelopeReader(
  createReader: () => EventReader,
  readers: readonly InPlaceReader[],
  judge: Judge,
): EnvelopeReader {
  const ordinary = createReader();
  // For lines that `scanKeys` accepted and `parse` rejected. Such a line is never part of a split line.
  const late = createReader();
  const lines = createInPlaceLines(readers, judge);

  // One function for all lists: V8 would optimise a closure per list from scratch.
  function at(this: InPlaceEventList, index: number): ReadEvent {
    const event = this.events[index] ?? NOT_DNS;
    if (event !== PARSE_ON_WRITE) return event;
    const { envelope, arrivalMs } = this;
    return lines.parse(envelope, index, arrivalMs) ?? late.read(envelope, index, arrivalMs);
  }

  return (envelope, arrivalMs, keys: LookupKeysBuilder): InPlaceEventList => {
    ordinary.startRecord();
    late.startRecord();
    lines.startRecord();
    const events: HeldEvent[] = [];
    const errors: number[] = [];
    let parsed = 0;
    for (let index = 0; index < envelope.events.length; index++) {
      // The rest of a split line need not look like DNS: only the ordinary reader can join it.
      const lineKeys = ordinary.isPending() ? undefined : lines.scanKeys(envelope, index);
      if (lineKeys !== undefined) {
        events.push(PARSE_ON_WRITE);
        collectKeys(keys, lineKeys);
        continue;
      }
      const event = ordinary.read(envelope, index, arrivalMs);
      events.push(event);
      if (typeof event !== 'object') continue;
      parsed++;
      if (event.isError) errors.push(index);
      collectKeys(keys, event);
    }
    const { length } = events;
    return { envelope, arrivalMs, events, errors, length, heldBytes: heldBytes(length, parsed), at };
  };
}

/** Tries the readers on a line, first the one that read the last line: neighbouring lines share a source. */
function createInPlaceLines(readers: readonly InPlaceReader[], judge: Judge) {
  const producers = createProducerReader();
  const unwrap = createInPlaceUnwrapper(producers);
  const line = createEscapedLine();
  let first = 0;

  /** Moves `line` to an event; false where the event has no message, or one so long that its JSON may be too complex. */
  const moveTo = (envelope: Envelope, index: number): boolean => {
    const span = envelope.events[index];
    if (span === undefined || span.messageStart < 0) return false;
    if (span.messageEnd - span.messageStart > MAX_SIMPLE_CHARS) return false;
    line.text = envelope.text;
    line.bytes = envelope.bytes;
    line.start = span.messageStart + 1;
    line.end = span.messageEnd - 1;
    line.level = 1;
    line.timestampMs = span.timestampMs;
    line.logGroup = span.systemFields?.logGroup ?? envelope.logGroup;
    return true;
  };
  return {
    startRecord: producers.reset,
    scanKeys: (envelope: Envelope, at: number): EventLookupKeys | undefined => {
      if (!moveTo(envelope, at)) return undefined;
      skipWrapperHead(line);
      for (let i = 0; i < readers.length; i++) {
        const index = (first + i) % readers.length;
        const reader = readers[index];
        // What will be refused is not looked up: each address could cost a call of EC2.
        if (reader === undefined || judge.refusesGroup(reader.source, line.logGroup)) continue;
        const keys = reader.scanKeys(line);
        if (keys === undefined) continue;
        first = index;
        return keys;
      }
      return undefined;
    },
    parse: (envelope: Envelope, at: number, arrivalMs: number): ReadEvent | undefined => {
      if (!moveTo(envelope, at)) return undefined;
      line.timeIsArrival = !isTimeMs(line.timestampMs);
      if (line.timeIsArrival) line.timestampMs = arrivalMs;
      line.timeMs = undefined;
      unwrap(line, envelope.logStream);
      line.isWrapped = line.level > 1;
      line.streamProducer = producers.ofStream(envelope.logStream);
      for (let i = 0; i < readers.length; i++) {
        const index = (first + i) % readers.length;
        const event = readers[index]?.parse(line);
        if (event === undefined) continue;
        first = index;
        const trust = judge.trustIn(event.source, line.logGroup, line);
        return trust === undefined ? UNTRUSTED : limitToTrust(event, trust, line);
      }
      return undefined;
    },
  };
}
