import type { Query } from '../aggregation/query.ts';
import { eventId } from '../cloudwatch/envelope.ts';
import type { InputRecord } from '../model/firehose-record.ts';
import type { Output } from '../outputs/output.ts';
import type { ClientKeys } from './collect-queries.ts';
import { placesOf, placesOfText } from './places.ts';
import type { EnvelopeEvents, ReadRecord, TextRecord } from './read.ts';
import type { RecordEvents } from './rewrite-events.ts';
import type { BatchContext, WriterContext } from './writer-context.ts';

/** Collects the queries of the `index`-th record that may share their records with others (`AGGREGATE`). */
export function collectQueries(
  { output, wrap, collectQueries: collect }: WriterContext,
  batch: BatchContext,
  input: InputRecord,
  record: ReadRecord,
  index: number,
  keys: ClientKeys,
): readonly Query[] {
  if (record.kind === 'envelope') {
    // The events of several envelopes are not numbered as one list.
    return record.following.length > 0 ? [] : collect(envelopeEvents(output, batch, record), index, keys);
  }
  if (record.kind !== 'text') return [];
  return collect(textEvents(batch, input, record, wrapGroupOf(wrap, record)), index, keys);
}

/** The events of an envelope. */
export const envelopeEvents = (
  { namesLogStream }: Output,
  { attributor, stream }: BatchContext,
  { envelope, events }: EnvelopeEvents,
): RecordEvents => ({
  events,
  idOf: (index) => eventId(envelope, index),
  placeOf: placesOf({ envelope, stream, namesLogStream }, attributor),
  attributor,
});

/** The events of lines without an envelope; `logGroup` is that of the envelope which they will get. */
export const textEvents = (
  { attributor, stream }: BatchContext,
  { recordId }: InputRecord,
  { events }: TextRecord,
  logGroup: string | undefined,
): RecordEvents => ({
  events,
  idOf: (index) => `${recordId}/${index}`,
  placeOf: placesOfText({ ...stream, logGroup }, attributor),
  attributor,
});

/** The log group of the envelope that lines get (`WRAP`): undefined where one of them is not DNS, or none is. */
export function wrapGroupOf(wrap: WriterContext['wrap'], { lines, events }: TextRecord): string | undefined {
  if (wrap === undefined) return undefined;
  let found = 0;
  for (let i = 0; i < events.length; i++) {
    if (typeof events.at(i) === 'object') found++;
    else if (!BLANK.test(lines[i] ?? '')) return undefined;
  }
  return found > 0 ? wrap.logGroup : undefined;
}

// Not `trim`: in binary text it also takes bytes that are no blanks.
const BLANK = /^[ \t\r]*$/;
