// Where the time of an event goes: each stage on its own, over a whole batch of each shape.
import { progress, table } from '../../src/cli/terminal.ts';
import { attribute, createEnricher, createLookupKeys, scopeOf } from '../../src/core/attribution/index.ts';
import { decodeRecord } from '../../src/core/cloudwatch/decode-record.ts';
import { gzip, padded } from '../../src/core/firehose/gzip.ts';
import { createSummary } from '../../src/core/model/summary.ts';
import { createRecordReader, type ReadRecord } from '../../src/core/pipeline/read.ts';
import { createDesk } from '../../src/core/pipeline/write.ts';
import { createSources } from '../../src/core/sources/index.ts';
import { createBatch, SHAPES, type Shape } from './batches.ts';
import type { Findings } from './section.ts';
import { createBenchTransform, fixed, GZIP_BYTES, medianCpuMs } from './setup.ts';

const ROUNDS = 5;

const STAGES = [
  ['decode', 'base64, gunzip, spans of the envelope'],
  ['read', 'recognise, unwrap, parse, look-up keys'],
  ['again', 'the same once more, for writing'],
  ['enrich', 'who asked'],
  ['write', 'name facts, signals, record into envelope'],
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
  const reader = createRecordReader(createSources(settings), settings.maxInflatedBytes);
  const directory = await source.begin(Date.now()).lookup(createLookupKeys());
  const desk = createDesk(settings, reader);
  const ns = async (work: () => unknown): Promise<number> =>
    ((await medianCpuMs(ROUNDS, work)) / events) * 1e6;

  const readAll = () => {
    const keys = createLookupKeys();
    return inputs.map((input) => reader.read(input, keys));
  };
  const records = readAll().filter(isEnvelope);

  const decode = await ns(() => inputs.map(({ data }) => decodeRecord(data, settings.maxInflatedBytes)));
  const read = await ns(readAll);
  const readAgain = await ns(() => {
    for (const record of records) for (const i of record.events.keys()) reader.eventAt(record, i);
  });

  const enricherOf = () => createEnricher(directory, settings, desk.clients);
  const attributeAll = (): void => {
    const enricher = enricherOf();
    for (const record of records) {
      const scope = scopeOf(enricher, record.envelope.logGroup);
      for (const i of record.events.keys()) {
        const event = reader.eventAt(record, i);
        if (typeof event === 'object') attribute(enricher, scope, event);
      }
    }
  };
  const enrich = await ns(attributeAll);

  const writeAll = <T>(each: (bytes: Buffer) => T): T[] => {
    const enricher = enricherOf();
    return records.map((record) => {
      const { envelope } = record;
      const origin = {
        logGroup: envelope.logGroup,
        logStream: undefined,
        accountId: envelope.owner,
        region: settings.region,
      };
      const scope = scopeOf(enricher, envelope.logGroup);
      desk.messages.begin({ record, idOf: () => '', origin, enricher, scope, summary: createSummary() });
      desk.out.reset();
      desk.output.write(envelope, desk.messages, desk.out, {
        region: settings.region,
        timestamp: desk.timestamp,
      });
      return each(desk.out.bytes());
    });
  };
  const text = await ns(() => writeAll((bytes) => bytes.length));
  const written = writeAll((part) => Buffer.from(part));
  const minBytes = (i: number): number => Buffer.byteLength(inputs[i]?.data ?? '', 'base64');
  const pack = await ns(() => written.map((part, i) => padded(gzip(part, minBytes(i))).toString('base64')));
  const whole = await ns(() => transform(event));
  return {
    decode,
    read: read - decode,
    again: readAgain,
    enrich: enrich - readAgain,
    write: text - enrich,
    gzip: pack,
    whole,
  };
}

const isEnvelope = (record: ReadRecord): record is Extract<ReadRecord, { kind: 'envelope' }> =>
  record.kind === 'envelope';
