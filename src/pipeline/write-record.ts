import { createEnricher } from '../enrich.ts';
import type { Directory } from '../model/directory.ts';
import { DROP, type EventEdit, KEEP } from '../model/edit.ts';
import type { InputRecord, Outcome } from '../model/outcome.ts';
import type { Settings } from '../model/settings.ts';
import type { BatchSummary } from '../model/summary.ts';
import { createFragments, type Fragments, type Origin } from '../normalise/fragments.ts';
import { createRecordText } from '../normalise/record-text.ts';
import { gzip } from '../outputs/gzip.ts';
import { OUTPUTS } from '../outputs/index.ts';
import { createEventEditor, type EditEvent } from './edit-event.ts';
import type { ReadRecord } from './read-record.ts';

type EnvelopeRecord = Extract<ReadRecord, { kind: 'envelope' }>;
type TextRecord = Extract<ReadRecord, { kind: 'text' }>;

/** Writes read records back, one outcome each; counts what it does in `summary`. Create one per batch. */
export function createRecordWriter(
  settings: Settings,
  directory: Directory,
  region: string | undefined,
  summary: BatchSummary,
): (input: InputRecord, record: ReadRecord) => Outcome {
  const output = OUTPUTS[settings.outputFormat];
  const enricher = createEnricher(directory, settings);
  const editor = createEventEditor(settings, summary);
  const inMessage = createFragments({ ...settings, depth: output.depth });
  const alone = output.depth === 1 ? inMessage : createFragments({ ...settings, depth: 1 });

  const editsOf = (events: EnvelopeRecord['events'], shared: Fragments, origin: Origin, id: EventId) => {
    const text = createRecordText(shared, origin);
    const edit: EditEvent = editor(enricher.forBatch(origin.logGroup), text);
    return events.map((event, i) => edit(event, () => id(i)));
  };

  const writeEnvelope = (input: InputRecord, record: EnvelopeRecord): Outcome => {
    const { envelope, events, gzipped } = record;
    const origin = {
      logGroup: envelope.logGroup,
      logStream: output.namesLogStream ? envelope.logStream : undefined,
      accountId: envelope.owner,
      region,
    };
    const edits = editsOf(events, inMessage, origin, (i) => envelope.events[i]?.id ?? '');
    if (!output.rewritesAll && edits.every((edit) => edit === KEEP)) return unchanged(input);
    const text = output.write(envelope, edits, { region, timestamp: inMessage.timestamp });
    if (text === '') return edits.length > 0 ? dropped(input) : unchanged(input);
    const bytes = Buffer.from(text, 'latin1');
    if (!gzipped) return { input, result: 'Ok', data: bytes };
    // The far end may count inflated bytes per request: ours must not inflate more per byte than what came in.
    const minBytes = Math.ceil((bytes.length * record.bytes) / Math.max(1, envelope.text.length));
    return { input, result: 'Ok', ...gzip(bytes, minBytes) };
  };

  const writeText = (input: InputRecord, { lines, events }: TextRecord): Outcome => {
    const origin = { logGroup: undefined, logStream: undefined, accountId: undefined, region };
    const edits = editsOf(events, alone, origin, (i) => `${input.recordId}/${i}`);
    if (edits.every((edit) => edit === KEEP)) return unchanged(input);
    const kept = lines.flatMap((line, i) => editedLine(line, edits[i] ?? KEEP));
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
