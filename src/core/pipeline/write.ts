import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import { eventCounts, restoreEventCounts } from '../model/summary.ts';
import { DROPPED, joinEnvelopes, type RewrittenEnvelope, UNCHANGED } from './joined-envelopes.ts';
import { originsOf } from './places.ts';
import {
  type EnvelopeEvents,
  type EnvelopeRecord,
  envelopesOf,
  type ReadRecord,
  type TextRecord,
} from './read.ts';
import { envelopeEvents, textEvents, wrapGroupOf } from './record-events.ts';
import { gzippedRecord, isSurelyWithin, rewriteWithin } from './record-size.ts';
import { wrapperOf } from './wrapper-of.ts';
import type { BatchContext, WriterContext } from './writer-context.ts';

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
  // Among lines, an envelope that is kept is a line of its own.
  const ending = context.output.rewritesAll ? '\n' : '';
  const bytes = joinEnvelopes(envelopes, (part) => rewriteEnvelope(context, batch, part, maxBytes), ending);
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
  return gzippedRecord(input, bytes, inflatedBytes / Math.max(1, record.bytes));
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
  const counts = rewriteWithin(batch, isSmall, (summary, reduction) => {
    envelopes.begin(envelope, originsOf(context));
    return rewriteMessages(
      {
        ...envelopeEvents(output, batch, part),
        roles: batch.roles,
        summary,
        maxBytes,
        reduction,
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

function writeText(
  context: WriterContext,
  batch: BatchContext,
  input: InputRecord,
  record: TextRecord,
): Outcome {
  const { out, lines, rewriteLines, limits, wrap } = context;
  const logGroup = wrapGroupOf(wrap, record);
  if (logGroup !== undefined) return writeWrapped(context, batch, input, record, logGroup);
  const maxBytes = limits.plainRecordBytes;
  const isSmall = isSurelyWithin(maxBytes, record.bytes, record.lines.length);
  const counts = rewriteWithin(batch, isSmall, (summary, reduction) => {
    lines.begin(record.lines);
    return rewriteLines(
      {
        ...textEvents(batch, input, record, undefined),
        roles: batch.roles,
        summary,
        maxBytes,
        reduction,
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

/** Lines that are all DNS, in an envelope of CloudWatch's form, gzipped as CloudWatch does. */
function writeWrapped(
  { out, wrap, rewriteMessages, limits }: WriterContext,
  batch: BatchContext,
  input: InputRecord,
  record: TextRecord,
  logGroup: string,
): Outcome {
  if (wrap === undefined) return unchanged(input);
  const maxBytes = limits.recordBytes;
  const isSmall = isSurelyWithin(maxBytes, record.bytes, record.lines.length);
  const counts = rewriteWithin(batch, isSmall, (summary, reduction) => {
    wrap.lines.begin(wrapperOf(batch.stream, input, record, logGroup));
    return rewriteMessages(
      {
        ...textEvents(batch, input, record, logGroup),
        roles: batch.roles,
        summary,
        maxBytes,
        reduction,
      },
      wrap.lines,
    );
  });
  if (counts.isTooLarge) return unchanged(input);
  return counts.replaced === 0 ? dropped(input) : gzippedRecord(input, out.bytes());
}
