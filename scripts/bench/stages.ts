// Where the time of an event goes: each stage on its own, over a whole batch of each shape.

import { progress, table } from '../../src/cli/terminal.ts';
import { createLookupKeys } from '../../src/core/attribution/lookup-keys.ts';
import { decodeRecord } from '../../src/core/cloudwatch/decode-record.ts';
import { createFastPath } from '../../src/core/fast-path/index.ts';
import { gzip, padded } from '../../src/core/firehose/gzip.ts';
import type { Outcome } from '../../src/core/model/firehose-record.ts';
import { createSummary } from '../../src/core/model/summary.ts';
import { placesOf } from '../../src/core/pipeline/places.ts';
import { createRecordReader, type ReadRecord } from '../../src/core/pipeline/read.ts';
import { writeRecord } from '../../src/core/pipeline/write.ts';
import { createWriterContext } from '../../src/core/pipeline/writer-context.ts';
import { createSources } from '../../src/core/sources/index.ts';
import { createBatch, SHAPES, type Shape } from './batches.ts';
import { inflated } from './rivals.ts';
import type { Findings } from './section.ts';
import { createBenchTransform, fixed, GZIP_BYTES, medianCpuMs } from './setup.ts';

const ROUNDS = 5;

const STAGES = [
  ['decode', 'base64, gunzip, spans of the envelope'],
  ['read', 'find lines, scan look-up keys'],
  ['parse', 'unwrap and parse, for writing'],
  ['attribute', 'client and resolver of the event'],
  ['write', 'question, signals, record into envelope'],
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
  const fastPath = createFastPath(settings);
  const inputs = event.records.map(({ recordId, data }) => ({ recordId, data, arrivalMs: 0 }));
  const readRecord = createRecordReader(createSources(settings), settings, fastPath);
  const directory = await source.begin(Date.now()).lookup(createLookupKeys());
  const context = createWriterContext(settings, fastPath);
  const stream = { accountId: undefined, region: settings.region };
  const ns = async (work: () => unknown): Promise<number> =>
    ((await medianCpuMs(ROUNDS, work)) / events) * 1e6;

  const readAll = (): ReadRecord[] => {
    const keys = createLookupKeys();
    return inputs.map((input) => readRecord(input, keys));
  };
  const records = readAll();

  const decode = await ns(() => inputs.map(({ data }) => decodeRecord(data, settings.maxInflatedBytes)));
  const read = await ns(readAll);
  const parse = await ns(() => {
    for (const record of records) {
      if (record.kind !== 'envelope') continue;
      for (let i = 0; i < record.events.length; i++) record.events.at(i);
    }
  });
  const attribute = await ns(() => {
    const attributor = context.createAttributor(directory);
    for (const record of records) {
      if (record.kind !== 'envelope') continue;
      const placeOf = placesOf({ envelope: record.envelope, stream, namesLogStream: false }, attributor);
      for (let i = 0; i < record.events.length; i++) {
        const event = record.events.at(i);
        if (typeof event === 'object') attributor.attribute(placeOf(i, event.producer).scope, event);
      }
    }
  });
  const writeAll = (): Outcome[] => {
    const attributor = context.createAttributor(directory);
    const batch = { attributor, stream, summary: createSummary() };
    return records.map((record, i) => writeRecord(context, batch, inputs[i] ?? NO_INPUT, record));
  };
  const packed = await ns(writeAll);
  const outcomes = writeAll();
  const texts = inflated(outcomes.map(({ data }) => data?.toString('base64') ?? ''));
  const compress = await ns(() => texts.map((text) => gzip(text, 0)));
  const respond = await ns(() =>
    outcomes.map(({ data, paddingBytes = 0 }) => data && padded({ data, paddingBytes }).toString('base64')),
  );
  const whole = await ns(() => transform(event));
  return {
    decode,
    read: read - decode,
    parse,
    attribute: attribute - parse,
    write: packed - attribute - compress,
    gzip: compress + respond,
    whole,
  };
}

const NO_INPUT = { recordId: '', data: '', arrivalMs: 0 };
