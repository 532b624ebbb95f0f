// Where the time of an event goes: each stage on its own, over a whole batch of each shape.
import { progress, table } from '../../src/cli/terminal.ts';
import { decodeRecord } from '../../src/decode/record.ts';
import { createEnricher, createKeyCollector } from '../../src/enrich.ts';
import { REPLACE } from '../../src/model/edit.ts';
import { createSummary } from '../../src/model/summary.ts';
import { createRecordText } from '../../src/normalise/record-text.ts';
import { gzip } from '../../src/outputs/gzip.ts';
import { createEventEditor } from '../../src/pipeline/edit-event.ts';
import { type ReadRecord, readRecord } from '../../src/pipeline/read-record.ts';
import { createDesk } from '../../src/pipeline/write-record.ts';
import { createSources } from '../../src/sources/index.ts';
import { createBatch, SHAPES, type Shape } from './batches.ts';
import type { Findings } from './section.ts';
import { createBenchTransform, fixed, GZIP_BYTES, medianCpuMs } from './setup.ts';

const ROUNDS = 5;

const STAGES = [
  ['decode', 'base64, gunzip, spans of the envelope'],
  ['read', 'message out of JSON, recognise, unwrap, parse'],
  ['enrich', 'look-up keys, who asked'],
  ['text', 'name facts, signals, text of the record'],
  ['bytes', 'record into envelope, text flattened to bytes'],
  ['gzip', 'gzip at our level, padding, base64'],
] as const;

type Stage = (typeof STAGES)[number][0];
type StageNs = Readonly<Record<Stage | 'whole', number>>;

/** Measures ns of CPU per event and stage. `whole` is the transform itself: what the sum leaves is garbage collection. */
export async function measureStages(): Promise<Findings> {
  const figures: { readonly shape: Shape; readonly nsPerEvent: StageNs }[] = [];
  for (const shape of SHAPES) figures.push({ shape, nsPerEvent: await measureStagesOf(shape) });
  const rows = STAGES.map(([stage, what]) => [
    stage,
    ...figures.map(({ nsPerEvent }) => fixed(nsPerEvent[stage], 0)),
    what,
  ]);
  const sum = ({ nsPerEvent }: (typeof figures)[number]): number =>
    STAGES.reduce((total, [stage]) => total + nsPerEvent[stage], 0);
  rows.push(['sum', ...figures.map((row) => fixed(sum(row), 0)), '']);
  rows.push(['whole transform', ...figures.map(({ nsPerEvent }) => fixed(nsPerEvent.whole, 0)), '']);
  return { figures, text: table(['ns of CPU per event', ...SHAPES, 'does'], rows), verdicts: [] };
}

/** Stages that cannot run without the one before are measured together with it, which is then subtracted. */
async function measureStagesOf(shape: Shape): Promise<StageNs> {
  progress(`stages of ${shape}`);
  const { event, events } = createBatch(shape, GZIP_BYTES / 2);
  const { settings, directory: source, transform } = createBenchTransform();
  const inputs = event.records.map(({ recordId, data }) => ({ recordId, data, arrivalMs: 0 }));
  const sources = createSources(settings);
  const directory = await source
    .begin(Date.now())
    .lookup({ clientIps: new Set(), vpcIps: new Map(), instanceIds: new Set() });
  const desk = createDesk(settings);
  const ns = async (work: () => unknown): Promise<number> =>
    ((await medianCpuMs(ROUNDS, work)) / events) * 1e6;

  const readAll = () =>
    inputs.map((input) => readRecord(input, sources, settings.maxInflatedBytes, () => undefined));
  const records = readAll().filter(isEnvelope);

  const decode = await ns(() => inputs.map(({ data }) => decodeRecord(data, settings.maxInflatedBytes)));
  const read = await ns(readAll);
  const attributeAll = (): void => {
    const enricher = createEnricher(directory, settings, desk.clients);
    const collector = createKeyCollector();
    for (const { envelope, events } of records) {
      const attribute = enricher.forBatch(envelope.logGroup);
      for (let i = 0; i < events.count; i++) {
        const dns = events.at(i);
        if (typeof dns !== 'object') continue;
        collector.add(dns);
        attribute(dns);
      }
    }
    collector.keys();
  };
  const enrich = await ns(attributeAll);

  const editors = () => {
    const enricher = createEnricher(directory, settings, desk.clients);
    return records.map((record) => {
      const { logGroup, owner } = record.envelope;
      const origin = { logGroup, logStream: undefined, accountId: owner, region: settings.region };
      const editor = createEventEditor(desk.noise, createSummary(), {
        events: record.events,
        attribute: enricher.forBatch(logGroup),
        question: desk.inMessage.question,
        text: createRecordText(desk.inMessage, origin),
        idOf: () => '',
        out: desk.out,
      });
      return { record, editor };
    });
  };
  const text = await ns(() => {
    for (const { record, editor } of editors()) {
      desk.out.reset();
      for (let i = 0; i < record.events.count; i++) if (editor.decide(i) === REPLACE) editor.write();
    }
  });
  const writeAll = <T>(each: (bytes: Buffer) => T): T[] =>
    editors().map(({ record: { envelope }, editor }) => {
      desk.out.reset();
      desk.output.write(envelope, editor, desk.out, {
        region: settings.region,
        timestamp: desk.inMessage.timestamp,
      });
      return each(desk.out.bytes());
    });
  const bytes = await ns(() => writeAll((written) => written.length));
  const written = writeAll((part) => Buffer.from(part));
  const minBytes = (i: number): number => Buffer.byteLength(inputs[i]?.data ?? '', 'base64');
  const pack = await ns(() => written.map((part, i) => gzip(part, minBytes(i)).data.toString('base64')));
  const whole = await ns(() => transform(event));
  return {
    decode,
    read: read - decode,
    enrich,
    text: Math.max(0, text - enrich),
    bytes: bytes - text,
    gzip: pack,
    whole,
  };
}

const isEnvelope = (record: ReadRecord): record is Extract<ReadRecord, { kind: 'envelope' }> =>
  record.kind === 'envelope';
