import type { LookupKeysBuilder } from '../attribution/lookup-keys.ts';
import { type DecodedRecord, decodeRecord } from '../cloudwatch/decode-record.ts';
import { BATCH_LIMITS, type ReadBudget } from '../model/batch-limits.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { Envelope } from '../model/envelope.ts';
import type { InputRecord } from '../model/firehose-record.ts';
import type { LogSource } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { createJudge } from '../trust/index.ts';
import { decodeBinary } from '../util/binary-text.ts';
import { gluedParts } from '../wrapper/glued.ts';
import type { Acceleration } from './acceleration.ts';
import { createEventReader, type EventList, eventList, type ReadEvent } from './read-events.ts';

/** An envelope and the events in it. */
export type EnvelopeEvents = { readonly envelope: Envelope; readonly events: EventList };

/** A record as read: its kind, and the events (or lines) in it. */
export type ReadRecord =
  | (EnvelopeEvents & {
      readonly kind: 'envelope';
      /** The envelopes behind it in the same record; nearly always none. */
      readonly following: readonly EnvelopeEvents[];
      readonly gzipped: boolean;
      /** Size of the record's data. */
      readonly bytes: number;
    })
  | {
      readonly kind: 'text';
      readonly lines: readonly string[];
      /** Size of the lines. */
      readonly bytes: number;
      readonly events: EventList;
    }
  | Exclude<DecodedRecord, { kind: 'envelope' | 'text' }>;

/** An envelope, or several, and lines without one. */
export type EnvelopeRecord = Extract<ReadRecord, { kind: 'envelope' }>;
export type TextRecord = Extract<ReadRecord, { kind: 'text' }>;

/** All envelopes of a record, in order. */
export const envelopesOf = (record: EnvelopeRecord): readonly [EnvelopeEvents, ...EnvelopeEvents[]] => [
  record,
  ...record.following,
];

/** Reads a record within the budget of its batch, and adds the look-up keys of its events to `keys`. */
export type RecordReader = (input: InputRecord, keys: LookupKeysBuilder, budget?: ReadBudget) => ReadRecord;

/**
 * Creates the reader of records; Create once per process: V8 would optimise
 * new closures from scratch in every batch.
 */
export function createRecordReader(
  sources: readonly LogSource[],
  settings: Settings,
  acceleration: Acceleration,
  limits = BATCH_LIMITS,
): RecordReader {
  const judge = createJudge(settings);
  const createReader = () => createEventReader(sources, judge, limits.messageBytes);
  const readEnvelope = acceleration.createEnvelopeReader(createReader, judge);
  const textReader = createReader();

  const readText = (text: string, arrivalMs: number, keys: LookupKeysBuilder): ReadRecord => {
    textReader.startRecord();
    const readLine = (line: string): ReadEvent =>
      textReader.readLine({
        text: decodeBinary(line),
        // A bare line has no time of its own.
        timestampMs: arrivalMs,
        timeIsArrival: true,
        logStream: undefined,
        logGroup: undefined,
      });
    const lines: string[] = [];
    const events: ReadEvent[] = [];
    for (const line of text.split('\n')) {
      const glued = textReader.isPending() ? undefined : readGlued(line, readLine);
      for (const [part, event] of glued ?? [[line, readLine(line)] as const]) {
        lines.push(part);
        events.push(event);
      }
    }
    return { kind: 'text', lines, bytes: text.length, events: eventList(events, keys) };
  };

  return ({ data, arrivalMs }, keys, budget) => {
    const record = decodeRecord(data, settings.maxInflatedBytes, limits, budget);
    if (record.kind === 'text') return readText(record.text, arrivalMs, keys);
    if (record.kind !== 'envelope') return record;
    const read = (envelope: Envelope): EnvelopeEvents => ({
      envelope,
      events: readEnvelope(envelope, arrivalMs, keys),
    });
    return { ...record, ...read(record.envelope), following: record.following.map(read) };
  };
}

/**
 * The records of a line that are glued together, each with its event. Undefined if one of them is not a DNS event: such a
 * line stays whole.
 */
function readGlued(
  line: string,
  readLine: (line: string) => ReadEvent,
): readonly (readonly [part: string, event: DnsEvent])[] | undefined {
  const records: [string, DnsEvent][] = [];
  for (const part of gluedParts(line) ?? []) {
    const event = readLine(part);
    if (typeof event !== 'object') return undefined;
    records.push([part, event]);
  }
  return records.length === 0 ? undefined : records;
}
