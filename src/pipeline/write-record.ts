import { createClientMemory, createEnricher } from '../enrich.ts';
import type { Directory } from '../model/directory.ts';
import { DROP, type EventEdit, KEEP } from '../model/edit.ts';
import type { InputRecord, Outcome } from '../model/outcome.ts';
import type { Settings } from '../model/settings.ts';
import type { BatchSummary } from '../model/summary.ts';
import { createFragments, type Fragments, type Origin } from '../normalise/fragments.ts';
import { createRecordText } from '../normalise/record-text.ts';
import { createByteWriter } from '../outputs/byte-writer.ts';
import { gzip } from '../outputs/gzip.ts';
import { OUTPUTS } from '../outputs/index.ts';
import { createEventEditor, createJudgement, type EditEvent } from './edit-event.ts';
import type { ReadRecord } from './read-record.ts';

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
    judgement: createJudgement(settings),
    out: createByteWriter(),
  };
}

/** Writes read records back, one outcome each; counts what it does in `summary`. Create one per batch. */
export function createRecordWriter(
  { settings, output, inMessage, alone, clients, judgement, out }: Desk,
  directory: Directory,
  region: string | undefined,
  summary: BatchSummary,
): (input: InputRecord, record: ReadRecord) => Outcome {
  const enricher = createEnricher(directory, settings, clients);
  const editor = createEventEditor(judgement, summary);

  /** Edits the events of a record one by one, and knows afterwards what became of them. */
  const editing = (events: EnvelopeRecord['events'], shared: Fragments, origin: Origin, id: EventId) => {
    const edit: EditEvent = editor(enricher.forBatch(origin.logGroup), createRecordText(shared, origin), id);
    const counts = { changed: 0, dropped: 0 };
    const editOf = (index: number): EventEdit => {
      const event = events[index];
      const result = event === undefined ? KEEP : edit(event, index);
      if (result === DROP) counts.dropped++;
      else if (result !== KEEP) counts.changed++;
      return result;
    };
    return { counts, editOf };
  };

  const writeEnvelope = (input: InputRecord, record: EnvelopeRecord): Outcome => {
    const { envelope, events, gzipped } = record;
    const origin = {
      logGroup: envelope.logGroup,
      logStream: output.namesLogStream ? envelope.logStream : undefined,
      accountId: envelope.owner,
      region,
    };
    const { counts, editOf } = editing(events, inMessage, origin, (i) => envelope.events[i]?.id ?? '');
    out.reset();
    output.write(envelope, editOf, out, { region, timestamp: inMessage.timestamp });
    if (events.length > 0 && counts.dropped === events.length) return dropped(input);
    if (!output.rewritesAll && counts.changed + counts.dropped === 0) return unchanged(input);
    const bytes = out.bytes();
    if (bytes.length === 0) return unchanged(input);
    if (!gzipped) return { input, result: 'Ok', data: Buffer.from(bytes) };
    // The far end may count inflated bytes per request: ours must not inflate more per byte than what came in.
    const minBytes = Math.ceil((bytes.length * record.bytes) / Math.max(1, envelope.text.length));
    return { input, result: 'Ok', ...gzip(bytes, minBytes) };
  };

  const writeText = (input: InputRecord, { lines, events }: TextRecord): Outcome => {
    const origin = { logGroup: undefined, logStream: undefined, accountId: undefined, region };
    const { counts, editOf } = editing(events, alone, origin, (i) => `${input.recordId}/${i}`);
    const kept = lines.flatMap((line, i) => editedLine(line, editOf(i)));
    if (counts.changed + counts.dropped === 0) return unchanged(input);
    if (kept.every((line) => line === '')) return dropped(input);
    return { input, result: 'Ok', data: Buffer.from(kept.join('\n'), 'latin1') };
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

/** A line as it leaves: none, itself, or the record with the carriage return that the line had. */
function editedLine(line: string, edit: EventEdit): string[] {
  if (edit === DROP) return [];
  if (edit === KEEP) return [line];
  return [line.endsWith('\r') ? `${edit}\r` : edit];
}
