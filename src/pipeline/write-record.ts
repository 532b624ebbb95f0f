import { eventId } from '../decode/envelope.ts';
import { createClientMemory, createEnricher } from '../enrich.ts';
import { type ByteWriter, createByteWriter } from '../model/byte-writer.ts';
import type { Directory } from '../model/directory.ts';
import { DROP, type Editor, KEEP } from '../model/edit.ts';
import type { InputRecord, Outcome } from '../model/outcome.ts';
import type { Settings } from '../model/settings.ts';
import type { BatchSummary } from '../model/summary.ts';
import { createNoiseFilter } from '../noise.ts';
import { createFragments, type Fragments, type Origin } from '../normalise/fragments.ts';
import { createRecordText } from '../normalise/record-text.ts';
import { gzip } from '../outputs/gzip.ts';
import { OUTPUTS } from '../outputs/index.ts';
import { createEventEditor } from './edit-event.ts';
import type { ReadEvents, ReadRecord } from './read-record.ts';

type EnvelopeRecord = Extract<ReadRecord, { kind: 'envelope' }>;
type TextRecord = Extract<ReadRecord, { kind: 'text' }>;

/** What writing needs and all batches share: texts written before, memory for the next. */
export type Desk = ReturnType<typeof createDesk>;

/** Creates the `Desk` of a configuration. */
export function createDesk(settings: Settings) {
  const output = OUTPUTS[settings.outputFormat];
  const inMessage = createFragments({ ...settings, depth: output.depth });
  return {
    settings,
    output,
    inMessage,
    alone: output.depth === 1 ? inMessage : createFragments({ ...settings, depth: 1 }),
    clients: createClientMemory(),
    noise: createNoiseFilter(settings),
    out: createByteWriter(),
  };
}

/** Writes read records back, one outcome each; counts what it does in `summary`. Create one per batch. */
export function createRecordWriter(
  { settings, output, inMessage, alone, clients, noise, out }: Desk,
  directory: Directory,
  region: string | undefined,
  summary: BatchSummary,
): (input: InputRecord, record: ReadRecord) => Outcome {
  const enricher = createEnricher(directory, settings, clients);

  const editing = (events: ReadEvents, shared: Fragments, origin: Origin, idOf: EventId) =>
    createEventEditor(noise, summary, {
      events,
      attribute: enricher.forBatch(origin.logGroup),
      question: shared.question,
      text: createRecordText(shared, origin),
      idOf,
      out,
    });

  const writeEnvelope = (input: InputRecord, record: EnvelopeRecord): Outcome => {
    const { envelope, events, gzipped } = record;
    const origin = {
      logGroup: envelope.logGroup,
      logStream: output.namesLogStream ? envelope.logStream : undefined,
      accountId: envelope.owner,
      region,
    };
    const editor = editing(events, inMessage, origin, (i) => eventId(envelope, i));
    out.reset();
    output.write(envelope, editor, out, { region, timestamp: inMessage.timestamp });
    const { replaced, dropped: gone } = editor.counts;
    if (events.count > 0 && gone === events.count) return dropped(input);
    if (!output.rewritesAll && replaced + gone === 0) return unchanged(input);
    const bytes = out.bytes();
    if (bytes.length === 0) return unchanged(input);
    if (!gzipped) return { input, result: 'Ok', data: Buffer.from(bytes) };
    // The far end may count inflated bytes per request: ours must not inflate more per byte than what came in.
    const minBytes = Math.ceil((bytes.length * record.bytes) / Math.max(1, envelope.text.length));
    return { input, result: 'Ok', ...gzip(bytes, minBytes) };
  };

  const writeText = (input: InputRecord, { lines, events }: TextRecord): Outcome => {
    const origin = { logGroup: undefined, logStream: undefined, accountId: undefined, region };
    const editor = editing(events, alone, origin, (i) => `${input.recordId}/${i}`);
    out.reset();
    writeTextLines(lines, editor, out);
    const { replaced, dropped: gone } = editor.counts;
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

type EventId = (index: number) => string;

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
