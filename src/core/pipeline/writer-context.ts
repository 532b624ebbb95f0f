import type { RecordRoles } from '../aggregation/index.ts';
import type { Attributor, AttributorFactory } from '../attribution/index.ts';
import { BATCH_LIMITS, type BatchLimits } from '../model/batch-limits.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { StreamIdentity } from '../model/origin.ts';
import { leanFieldsOf } from '../model/record-fields/omission.ts';
import type { Settings } from '../model/settings.ts';
import type { BatchSummary } from '../model/summary.ts';
import { OUTPUTS } from '../outputs/index.ts';
import type { EnvelopeWriter, Output } from '../outputs/output.ts';
import { createTextLinesWriter, type TextLinesWriter } from '../outputs/text-lines.ts';
import { createWrappedLinesWriter, type WrappedLinesWriter } from '../outputs/wrapped-lines.ts';
import { createDescribeQuestion } from '../question/index.ts';
import { createVolumeFilter } from '../question/volume-filter.ts';
import { createEncoders } from '../record/encoders.ts';
import { createJsonEncoder } from '../record/json-encoder.ts';
import { createRecordWriter } from '../record/writer.ts';
import { type ByteWriter, createByteWriter } from '../util/byte-writer.ts';
import type { Acceleration } from './acceleration.ts';
import { createQueryCollector, type QueryCollector } from './collect-queries.ts';
import { createEventsRewriter, type EventsRewriter } from './rewrite-events.ts';

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
  /** `WRAP`; undefined: lines without an envelope stay without one. */
  readonly wrap: { readonly logGroup: string; readonly lines: WrappedLinesWriter } | undefined;
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
    const encoders = acceleration.encoders(createEncoders(json, settings), level);
    const lean = { ...settings, omit: [...settings.omit, ...leanFieldsOf(settings.outputFormat)] };
    const writers = {
      whole: createRecordWriter(json, encoders, settings),
      // The fast path keeps the encoded form of a client with all its fields on the client.
      lean: createRecordWriter(json, createEncoders(json, lean), lean),
    };
    return createEventsRewriter(filter, describeQuestion, writers, out);
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
    wrap:
      settings.wrap === undefined
        ? undefined
        : { logGroup: settings.wrap, lines: createWrappedLinesWriter(out) },
    limits,
    collectQueries: createQueryCollector(filter, describeQuestion),
  };
}
