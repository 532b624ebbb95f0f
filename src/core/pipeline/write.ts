import type { Attributor, AttributorFactory } from '../attribution/index.ts';
import { eventId } from '../cloudwatch/envelope.ts';
import { gzip } from '../firehose/gzip.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { StreamIdentity } from '../model/origin.ts';
import type { Settings } from '../model/settings.ts';
import type { BatchSummary } from '../model/summary.ts';
import { OUTPUTS } from '../outputs/index.ts';
import type { EnvelopeWriter, Output } from '../outputs/output.ts';
import { createTextLinesWriter, type TextLinesWriter } from '../outputs/text-lines.ts';
import { describeQuestion } from '../question/index.ts';
import { createVolumeFilter } from '../question/volume-filter.ts';
import { createEncoders } from '../record/encoders.ts';
import { createJsonEncoder } from '../record/json-encoder.ts';
import { createRecordWriter } from '../record/writer.ts';
import { type ByteWriter, createByteWriter } from '../util/byte-writer.ts';
import type { Acceleration } from './acceleration.ts';
import { originsOf, placesOf, placesOfText } from './places.ts';
import type { ReadRecord } from './read.ts';
import { createEventsRewriter, type EventsRewriter } from './rewrite-events.ts';

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
};

/** What writing needs for one batch. */
export type BatchContext = {
  readonly attributor: Attributor;
  readonly stream: StreamIdentity;
  readonly summary: BatchSummary;
};

/** Creates the context of a configuration. */
export function createWriterContext(settings: Settings, acceleration: Acceleration): WriterContext {
  const output = OUTPUTS[settings.outputFormat];
  const out = createByteWriter();
  const filter = createVolumeFilter(settings);
  const createRewriter = (level: EscapeLevel): EventsRewriter => {
    const json = createJsonEncoder(level);
    const parts = acceleration.recordParts(
      { describeQuestion, encoders: createEncoders(json, settings) },
      level,
    );
    return createEventsRewriter(filter, parts, createRecordWriter(json, parts.encoders, settings), out);
  };
  const rewriteMessages = createRewriter(output.escapeLevel);
  return {
    output,
    out,
    createAttributor: acceleration.createAttributors(settings),
    envelopes: output.createWriter(out),
    rewriteMessages,
    lines: createTextLinesWriter(out),
    rewriteLines: output.escapeLevel === 1 ? rewriteMessages : createRewriter(1),
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
      return writeEnvelope(context, batch, input, record);
    case 'text':
      return writeText(context, batch, input, record);
    case 'control':
      return dropped(input);
    case 'foreign':
      return unchanged(input);
    case 'failed':
      return { input, result: 'ProcessingFailed', data: undefined };
  }
}

const unchanged = (input: InputRecord): Outcome => ({ input, result: 'Ok', data: undefined });
const dropped = (input: InputRecord): Outcome => ({ input, result: 'Dropped', data: undefined });

function writeEnvelope(
  { output, out, envelopes, rewriteMessages }: WriterContext,
  { attributor, stream, summary }: BatchContext,
  input: InputRecord,
  { envelope, events, gzipped, bytes: inputBytes }: EnvelopeRecord,
): Outcome {
  const context = { envelope, stream, namesLogStream: output.namesLogStream };
  envelopes.begin(envelope, originsOf(context));
  const counts = rewriteMessages(
    {
      events,
      idOf: (index) => eventId(envelope, index),
      placeOf: placesOf(context, attributor),
      attributor,
      summary,
    },
    envelopes,
  );
  if (events.length > 0 && counts.dropped === events.length) return dropped(input);
  if (!output.rewritesAll && counts.replaced + counts.dropped === 0) return unchanged(input);
  const bytes = out.bytes();
  if (bytes.length === 0) return unchanged(input);
  if (!gzipped) return { input, result: 'Ok', data: Buffer.from(bytes) };
  // The receiver may count inflated bytes per request: the output must not inflate more per byte than the input did.
  const minBytes = Math.ceil((bytes.length * inputBytes) / Math.max(1, envelope.text.length));
  return { input, result: 'Ok', ...gzip(bytes, minBytes) };
}

function writeText(
  { out, lines, rewriteLines }: WriterContext,
  { attributor, stream, summary }: BatchContext,
  input: InputRecord,
  record: TextRecord,
): Outcome {
  lines.begin(record.lines);
  const counts = rewriteLines(
    {
      events: record.events,
      idOf: (index) => `${input.recordId}/${index}`,
      placeOf: placesOfText(stream, attributor),
      attributor,
      summary,
    },
    lines,
  );
  if (counts.replaced + counts.dropped === 0) return unchanged(input);
  const bytes = out.bytes();
  return bytes.every((byte) => byte === NEWLINE)
    ? dropped(input)
    : { input, result: 'Ok', data: Buffer.from(bytes) };
}

const NEWLINE = 0x0a;
