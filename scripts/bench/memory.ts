// What the function holds, and which memory setting costs least: more memory is more CPU, up to a whole core.
import { pathToFileURL } from 'node:url';
import { createFunction, type Probe } from '../../src/cli/simulate/function.ts';
import { fail, progress, table } from '../../src/cli/terminal.ts';
import { createBatch, SHAPES, type Shape } from './batches.ts';
import type { Findings } from './section.ts';
import { createBenchTransform, fixed, GZIP_BYTES, MB, medianCpuMs, writeInventory } from './setup.ts';

const ROUNDS = 20;

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const MB_PER_CPU = 1769;
// arm64, first tier, eu-west-1 and us-east-1: https://aws.amazon.com/lambda/pricing/
const USD_PER_GB_SECOND = 0.0000133334;

const SETTINGS_MB = [256, 512, 1024, 1769, 2048, 3008];

/** Measures a child's memory after one and after twenty batches, and models what a memory setting costs. */
export async function measureMemory(): Promise<Findings> {
  const shapes: ShapeRow[] = [];
  for (const shape of SHAPES) {
    shapes.push({ shape, ...(await measureProcess(shape)), mbPerSecond: await measureSpeed(shape) });
  }
  const settings = SETTINGS_MB.flatMap((memoryMb) => shapes.map((row) => modelOf(memoryMb, row)));
  return {
    figures: { shapes, settings },
    text: [processTable(shapes), settingsTable(settings), NOTE].join('\n\n'),
    verdicts: [],
  };
}

type Held = { readonly first: Probe; readonly last: Probe };
type ShapeRow = Held & { readonly shape: Shape; readonly plainMb: number; readonly mbPerSecond: number };

/** Runs the built bundle in a child; a heap limit as Lambda's runtime would set is not what is measured here. */
async function measureProcess(shape: Shape): Promise<Held & { readonly plainMb: number }> {
  progress(`memory: ${ROUNDS} batches of ${shape}`);
  const { event, plainBytes } = createBatch(shape, GZIP_BYTES);
  const instance = createFunction({
    bundle: pathToFileURL('dist/index.mjs').href,
    env: { DIRECTORY_FILE: writeInventory().directoryFile, EC2_LOOKUP: 'off' },
    timeoutMs: 60_000,
    nodeArgs: ['--expose-gc'],
  });
  const probe = async (): Promise<Probe> => {
    const { probe: held, error } = await instance.invoke(event, { probe: true });
    if (held === undefined || error !== undefined) throw fail(`the function did not answer: ${error}`);
    return held;
  };
  try {
    const first = await probe();
    for (let n = 2; n < ROUNDS; n++) await instance.invoke(event);
    return { first, last: await probe(), plainMb: plainBytes / MB };
  } finally {
    await instance.stop();
  }
}

/** MB of raw log (inflated envelopes) that a core of this machine transforms in a second. */
async function measureSpeed(shape: Shape): Promise<number> {
  const { event, plainBytes } = createBatch(shape, GZIP_BYTES);
  const { transform } = createBenchTransform();
  return (plainBytes / MB / (await medianCpuMs(7, () => transform(event)))) * 1000;
}

/** CPU share grows with memory up to the one core that a JavaScript thread can use. */
function modelOf(memoryMb: number, { shape, mbPerSecond, plainMb, last }: ShapeRow) {
  const share = Math.min(1, memoryMb / MB_PER_CPU);
  const secondsPerGb = 1024 / (mbPerSecond * share);
  const gbSecondsPerGb = (secondsPerGb * memoryMb) / 1024;
  return {
    memoryMb,
    share,
    shape,
    secondsPerBatch: (secondsPerGb * plainMb) / 1024,
    secondsPerGb,
    gbSecondsPerGb,
    usdPerGb: gbSecondsPerGb * USD_PER_GB_SECOND,
    peakShare: last.peakRss / MB / memoryMb,
  };
}

const processTable = (rows: readonly ShapeRow[]): string =>
  table(
    [
      'MB in a process of its own',
      'peak RSS, 1 batch',
      `${ROUNDS} batches`,
      'heap after gc, 1',
      String(ROUNDS),
    ],
    rows.map(({ shape, first, last }) => [
      shape,
      ...[first.peakRss, last.peakRss, first.heapUsed, last.heapUsed].map((bytes) => fixed(bytes / MB, 0)),
    ]),
  );

const settingsTable = (rows: readonly ReturnType<typeof modelOf>[]): string =>
  table(
    [
      'Lambda MB',
      'vCPU',
      'batch',
      's per batch',
      's per GB raw',
      'GB-s per GB raw',
      'USD per GB raw',
      'peak RSS',
    ],
    rows.map((row) => [
      String(row.memoryMb),
      fixed(row.share),
      row.shape,
      fixed(row.secondsPerBatch),
      fixed(row.secondsPerGb, 1),
      fixed(row.gbSecondsPerGb, 1),
      fixed(row.usdPerGb, 5),
      `${fixed(row.peakShare * 100, 0)} %`,
    ]),
  );

const NOTE = [
  `Modelled from one core of this machine: ${MB_PER_CPU} MB = 1 vCPU, ${USD_PER_GB_SECOND} USD per GB-second (arm64).`,
  'Peak RSS is that of a heap without limit, as % of the setting; over 100 % only says that V8 would have to collect sooner.',
].join('\n');
