import { createClientMemory, createEnricher, scopeOf } from '../attribution/index.ts';
import { eventId } from '../cloudwatch/envelope.ts';
import { gzip } from '../firehose/gzip.ts';
import type { Directory } from '../model/directory.ts';
import { DROP, type Editor, KEEP } from '../model/edit.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { Settings } from '../model/settings.ts';
import type { BatchSummary } from '../model/summary.ts';
import { OUTPUTS } from '../outputs/index.ts';
import { createVolumeFilter } from '../question/volume-filter.ts';
import { createFragments } from '../record/encoded-fields.ts';
import { type ByteWriter, createByteWriter } from '../util/byte-writer.ts';
import type { ReadRecord, RecordReader } from './read.ts';
import { createEventEditor } from './rewrite-events.ts';

type EnvelopeRecord = Extract<ReadRecord, { kind: 'envelope' }>;
type TextRecord = Extract<ReadRecord, { kind: 'text' }>;

/** What writing needs and all batches share: texts written before, memory for the next. */
export type Desk = ReturnType<typeof createDesk>;

/** Creates the `Desk` of a configuration; events are read by `reader`. */
export function createDesk(settings: Settings, reader: RecordReader) {
  const output = OUTPUTS[settings.outputFormat];
  const out = createByteWriter();
  const noise = createVolumeFilter(settings);
  const inMessage = createFragments({ ...settings, depth: output.depth });
  const alone = output.depth === 1 ? inMessage : createFragments({ ...settings, depth: 1 });
  const messages = createEventEditor(reader, noise, inMessage, out);
  return {
    settings,
    output,
    out,
    timestamp: inMessage.timestamp,
    clients: createClientMemory(),
    messages,
    lines: alone === inMessage ? messages : createEventEditor(reader, noise, alone, out),
  };
}

/** Writes read records back, one outcome each; counts what it does in `summary`. Create one per batch. */
export function createRecordWriter(
  { settings, output, out, timestamp, clients, messages, lines }: Desk,
  directory: Directory,
  region: string | undefined,
  summary: BatchSummary,
): (input: InputRecord, record: ReadRecord) => Outcome {
  const enricher = createEnricher(directory, settings, clients);

  const writeEnvelope = (input: InputRecord, record: EnvelopeRecord): Outcome => {
    const { envelope, events, gzipped } = record;
    const origin = {
      logGroup: envelope.logGroup,
      logStream: output.namesLogStream ? envelope.logStream : undefined,
      accountId: envelope.owner,
      region,
    };
    messages.begin({
      record,
      idOf: (index) => eventId(envelope, index),
      scope: scopeOf(enricher, origin.logGroup),
      origin,
      enricher,
      summary,
    });
    out.reset();
    output.write(envelope, messages, out, { region, timestamp });
    const { replaced, dropped: gone } = messages.counts;
    if (events.length > 0 && gone === events.length) return dropped(input);
    if (!output.rewritesAll && replaced + gone === 0) return unchanged(input);
    const bytes = out.bytes();
    if (bytes.length === 0) return unchanged(input);
    if (!gzipped) return { input, result: 'Ok', data: Buffer.from(bytes) };
    // The far end may count inflated bytes per request: ours must not inflate more per byte than what came in.
    const minBytes = Math.ceil((bytes.length * record.bytes) / Math.max(1, envelope.text.length));
    return { input, result: 'Ok', ...gzip(bytes, minBytes) };
  };

  const writeText = (input: InputRecord, record: TextRecord): Outcome => {
    const origin = { logGroup: undefined, logStream: undefined, accountId: undefined, region };
    const idOf = (index: number) => `${input.recordId}/${index}`;
    lines.begin({ record, idOf, scope: scopeOf(enricher, undefined), origin, enricher, summary });
    out.reset();
    writeTextLines(record.lines, lines, out);
    const { replaced, dropped: gone } = lines.counts;
    if (replaced + gone === 0) return unchanged(input);
    const bytes = out.bytes();
    return bytes.every((byte) => byte === NEWLINE)
      ? dropped(input)
      : { input, result: 'Ok', data: Buffer.from(bytes) };
  };

  return (input, record) => {
    if (record.kind === 'envelope') return writeEnvelope(input, record);
    if (record.kind === 'text') return writeText(input, record);
    if (record.kind === 'control') return dropped(input);
    return record.kind === 'foreign'
      ? unchanged(input)
      : { input, result: 'ProcessingFailed', data: undefined };
  };
}

const unchanged = (input: InputRecord): Outcome => ({ input, result: 'Ok', data: undefined });
const dropped = (input: InputRecord): Outcome => ({ input, result: 'Dropped', data: undefined });

const NEWLINE = 0x0a;

/** The same lines in the same order, without those that a rule removed; a carriage return stays with its line. */
function writeTextLines(lines: readonly string[], editor: Editor, out: ByteWriter): void {
  let separator = '';
  for (const [i, line] of lines.entries()) {
    const edit = editor.decide(i);
    if (edit === DROP) continue;
    out.add(separator);
    separator = '\n';
    if (edit === KEEP) out.add(line);
    else {
      editor.write();
      if (line.endsWith('\r')) out.add('\r');
    }
  }
}
