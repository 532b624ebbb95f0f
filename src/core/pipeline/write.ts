import type { RecordRoles } from '../aggregation/index.ts';
import type { Query } from '../aggregation/query.ts';
import type { Attributor, AttributorFactory } from '../attribution/index.ts';
import { eventId } from '../cloudwatch/envelope.ts';
import { gzip } from '../firehose/gzip.ts';
import { BATCH_LIMITS, type BatchLimits } from '../model/batch-limits.ts';
import type { Client } from '../model/client.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { StreamIdentity } from '../model/origin.ts';
import type { Settings } from '../model/settings.ts';
import { type BatchSummary, eventCounts, restoreEventCounts } from '../model/summary.ts';
import { OUTPUTS } from '../outputs/index.ts';
import type { EnvelopeWriter, Output } from '../outputs/output.ts';
import { createTextLinesWriter, type TextLinesWriter } from '../outputs/text-lines.ts';
import { createDescribeQuestion } from '../question/index.ts';
import { createVolumeFilter } from '../question/volume-filter.ts';
import { createEncoders } from '../record/encoders.ts';
import { createJsonEncoder } from '../record/json-encoder.ts';
import { createRecordWriter } from '../record/writer.ts';
import { type ByteWriter, createByteWriter } from '../util/byte-writer.ts';
import type { Acceleration } from './acceleration.ts';
import { type ClientKeys, createQueryCollector, type QueryCollector } from './collect-queries.ts';
import { DROPPED, joinEnvelopes, type RewrittenEnvelope, UNCHANGED } from './joined-envelopes.ts';
import { originsOf, placesOf, placesOfText } from './places.ts';
import { type EnvelopeEvents, envelopesOf, type ReadRecord } from './read.ts';
import {
  createEventsRewriter,
  type EventsRewriter,
  type RecordEvents,
  type Rewritten,
} from './rewrite-events.ts';
import { createMetadataRemover } from './without-metadata.ts';

type EnvelopeRecord = Extract<ReadRecord, { kind: 'envelope' }>;
type TextRecord = Extract<ReadRecord, { kind: 'text' }>;

/** What writing needs for all batches of the process. */
export type WriterContext = {
  readonly output: Output;
  /** The memory that all records are written to, one after the other. */
  readonly out: ByteWriter;
  readonly createAttributor: AttributorFactory;
  readonly envelopes: EnvelopeWriter;
  readonly rewriteMessages: EventsRewriter;
  readonly lines: TextLinesWriter;
  readonly rewriteLines: EventsRewriter;
  readonly limits: BatchLimits;
  readonly collectQueries: QueryCollector;
};

/** What writing needs for one batch, or for one record of it. */
export type BatchContext = {
  readonly attributor: Attributor;
  readonly stream: StreamIdentity;
  readonly summary: BatchSummary;
  /** What `AGGREGATE` makes of the events of the record. */
  readonly roles?: RecordRoles | undefined;
};

/** Creates the context of a configuration. */
export function createWriterContext(
  settings: Settings,
  acceleration: Acceleration,
  limits = BATCH_LIMITS,
): WriterContext {
  const output = OUTPUTS[settings.outputFormat];
  const out = createByteWriter();
  const filter = createVolumeFilter(settings);
  const describeQuestion = createDescribeQuestion(settings);
  const createRewriter = (level: EscapeLevel) => {
    const json = createJsonEncoder(level);
    const parts = acceleration.recordParts(
      { describeQuestion, encoders: createEncoders(json, settings) },
      level,
    );
    const writer = createRecordWriter(json, parts.encoders, settings);
    return { parts, rewrite: createEventsRewriter(filter, parts, writer, out) };
  };
  const messages = createRewriter(output.escapeLevel);
  return {
    output,
    out,
    createAttributor: acceleration.createAttributors(settings),
    envelopes: output.createWriter(out),
    rewriteMessages: messages.rewrite,
    lines: createTextLinesWriter(out),
    rewriteLines: output.escapeLevel === 1 ? messages.rewrite : createRewriter(1).rewrite,
    limits,
    collectQueries: createQueryCollector(filter, messages.parts),
  };
}

/** Writes a record with its DNS events normalised, and counts them in the summary of the batch. */
export function writeRecord(
  context: WriterContext,
  batch: BatchContext,
  input: InputRecord,
  record: ReadRecord,
): Outcome {
  switch (record.kind) {
    case 'envelope':
      return writeEnvelopes(context, batch, input, record);
    case 'text':
      return writeText(context, batch, input, record);
    case 'control':
      return dropped(input);
    case 'foreign':
    case 'unread':
      return unchanged(input);
    case 'failed':
      return { input, result: 'ProcessingFailed', data: undefined };
  }
}

/** Collects the queries of the `index`-th record that may share their records with others (`AGGREGATE`). */
export function collectQueries(
  { output, collectQueries: collect }: WriterContext,
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
  return record.kind === 'text' ? collect(textEvents(batch, input, record), index, keys) : [];
}

const envelopeEvents = (
  { namesLogStream }: Output,
  { attributor, stream }: BatchContext,
  { envelope, events }: EnvelopeEvents,
): RecordEvents => ({
  events,
  idOf: (index) => eventId(envelope, index),
  placeOf: placesOf({ envelope, stream, namesLogStream }, attributor),
  attributor,
});

const textEvents = (
  { attributor, stream }: BatchContext,
  { recordId }: InputRecord,
  { events }: TextRecord,
): RecordEvents => ({
  events,
  idOf: (index) => `${recordId}/${index}`,
  placeOf: placesOfText(stream, attributor),
  attributor,
});

const unchanged = (input: InputRecord): Outcome => ({ input, result: 'Ok', data: undefined });
const dropped = (input: InputRecord): Outcome => ({ input, result: 'Dropped', data: undefined });

function writeEnvelopes(
  context: WriterContext,
  batch: BatchContext,
  input: InputRecord,
  record: EnvelopeRecord,
): Outcome {
  const { limits } = context;
  const maxBytes = record.gzipped ? limits.recordBytes : limits.plainRecordBytes;
  const envelopes = envelopesOf(record);
  const before = envelopes.length > 1 ? eventCounts(batch.summary) : undefined;
  const bytes = joinEnvelopes(envelopes, (part) => rewriteEnvelope(context, batch, part, maxBytes));
  if (bytes === UNCHANGED) return unchanged(input);
  if (bytes === DROPPED) return dropped(input);
  if (before !== undefined && bytes.length > maxBytes) {
    restoreEventCounts(batch.summary, before);
    batch.summary.degraded.original++;
    return unchanged(input);
  }
  if (!record.gzipped) return { input, result: 'Ok', data: Buffer.from(bytes) };
  let inflatedBytes = 0;
  for (const { envelope } of envelopes) inflatedBytes += envelope.text.length;
  const ratio = Math.max(MAX_RATIO, inflatedBytes / Math.max(1, record.bytes));
  return { input, result: 'Ok', ...gzip(bytes, Math.ceil(bytes.length / ratio)) };
}

function rewriteEnvelope(
  { output, out, envelopes, rewriteMessages }: WriterContext,
  batch: BatchContext,
  part: EnvelopeEvents,
  maxBytes: number,
): RewrittenEnvelope {
  const { envelope, events } = part;
  const context = { envelope, stream: batch.stream, namesLogStream: output.namesLogStream };
  const isSmall = isSurelyWithin(maxBytes, envelope.text.length, events.length);
  const counts = rewriteWithin(batch, isSmall, (summary, reduceClient) => {
    envelopes.begin(envelope, originsOf(context));
    return rewriteMessages(
      {
        ...envelopeEvents(output, batch, part),
        roles: batch.roles,
        summary,
        maxBytes,
        reduceClient,
      },
      envelopes,
    );
  });
  if (counts.isTooLarge) return UNCHANGED;
  if (events.length > 0 && counts.dropped === events.length) return DROPPED;
  if (!output.rewritesAll && counts.replaced + counts.dropped === 0) return UNCHANGED;
  const bytes = out.bytes();
  return bytes.length === 0 ? UNCHANGED : bytes;
}

/**
 * Most inflated bytes per gzip byte of a rewritten record, unless its input has more. Firehose cuts requests at 1 MiB of
 * gzip, and Dynatrace refuses one over 10 MB; whether it counts inflated bytes is unknown.
 */
const MAX_RATIO = 9;

function writeText(
  { out, lines, rewriteLines, limits }: WriterContext,
  batch: BatchContext,
  input: InputRecord,
  record: TextRecord,
): Outcome {
  const maxBytes = limits.plainRecordBytes;
  const isSmall = isSurelyWithin(maxBytes, record.bytes, record.lines.length);
  const counts = rewriteWithin(batch, isSmall, (summary, reduceClient) => {
    lines.begin(record.lines);
    return rewriteLines(
      {
        ...textEvents(batch, input, record),
        roles: batch.roles,
        summary,
        maxBytes,
        reduceClient,
      },
      lines,
    );
  });
  if (counts.isTooLarge || counts.replaced + counts.dropped === 0) return unchanged(input);
  const bytes = out.bytes();
  return bytes.every((byte) => byte === NEWLINE)
    ? dropped(input)
    : { input, result: 'Ok', data: Buffer.from(bytes) };
}

const NEWLINE = 0x0a;

// A field repeats a part of its line, every character of which has at most seven bytes; about ten fields do. Beyond that
// an event has its pod's metadata (8 kB, each character likewise) and some hundred bytes.
const MAX_GROWTH = 100;
const MAX_EVENT_BYTES = 65_536;

/** Whether a record cannot become larger than `maxBytes`, whatever is in it. */
const isSurelyWithin = (maxBytes: number, bytes: number, events: number): boolean =>
  bytes * MAX_GROWTH + events * MAX_EVENT_BYTES < maxBytes;

/**
 * Rewrites a record; if it becomes too large, once more without the labels and annotations of its pods. Counts in the
 * summary only what is returned.
 */
function rewriteWithin(
  { summary }: BatchContext,
  isSmall: boolean,
  rewrite: (summary: BatchSummary, reduceClient?: (client: Client) => Client) => Rewritten,
): Rewritten {
  if (isSmall) return rewrite(summary);
  const before = eventCounts(summary);
  const whole = rewrite(summary);
  if (!whole.isTooLarge) return whole;
  restoreEventCounts(summary, before);
  if (whole.hasMetadata) {
    const reduced = rewrite(summary, createMetadataRemover());
    if (!reduced.isTooLarge) {
      summary.degraded.withoutMetadata++;
      return reduced;
    }
    restoreEventCounts(summary, before);
  }
  summary.degraded.original++;
  return whole;
}
