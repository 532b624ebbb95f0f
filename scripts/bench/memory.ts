// Memory of the function, and the cheapest memory setting: more memory gives more CPU, up to one core.
import { pathToFileURL } from 'node:url';
import { createFunction, type Probe } from '../../src/cli/lib/simulate/function.ts';
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

/** Measures a child's memory after one and after twenty batches, and models the cost of memory settings. */
export async function measureMemory(): Promise<Findings> {
  const shapes: ShapeRow[] = [];
  for (const shape of SHAPES) {
    shapes.push({ shape, ...(await measureProcess(shape)), mbPerSecond: await measureSpeed(shape) });
  }
  const settings = SETTINGS_MB.map((memoryMb) => modelOf(memoryMb, shapes));
  return {
    figures: { shapes, settings },
    text: [processTable(shapes), settingsTable(settings), NOTE].join('\n\n'),
    verdicts: [],
  };
}

type Held = { readonly first: Probe; readonly last: Probe };
type ShapeRow = Held & { readonly shape: Shape; readonly plainMb: number; readonly mbPerSecond: number };

/** Runs the built bundle in a child process, without the heap limit of Lambda's runtime. */
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

/** MB of raw logs (inflated envelopes) that one core of this machine transforms per second. */
async function measureSpeed(shape: Shape): Promise<number> {
  const { event, plainBytes } = createBatch(shape, GZIP_BYTES);
  const { transform } = createBenchTransform();
  return (plainBytes / MB / (await medianCpuMs(3, () => transform(event)))) * 1000;
}

/** Cost of a memory setting. The CPU share grows with memory, up to the one core that a JavaScript thread can use. */
function modelOf(memoryMb: number, shapes: readonly ShapeRow[]) {
  const vCpu = Math.min(1, memoryMb / MB_PER_CPU);
  const costs = shapes.map(({ shape, mbPerSecond, plainMb, last }) => {
    const secondsPerGb = 1024 / (mbPerSecond * vCpu);
    const gbSecondsPerGb = (secondsPerGb * memoryMb) / 1024;
    return {
      shape,
      secondsPerBatch: (secondsPerGb * plainMb) / 1024,
      secondsPerGb,
      gbSecondsPerGb,
      usdPerGb: gbSecondsPerGb * USD_PER_GB_SECOND,
      peakShare: last.peakRss / MB / memoryMb,
    };
  });
  return { memoryMb, vCpu, costs };
}

const processTable = (rows: readonly ShapeRow[]): string =>
  table(
    [
      'MB in a separate process',
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

type Model = ReturnType<typeof modelOf>;

function settingsTable(rows: readonly Model[]): string {
  const all = ({ costs }: Model, read: (cost: Model['costs'][number]) => string): string =>
    costs.map(read).join(' / ');
  return table(
    ['Lambda MB', 'vCPU', 's per batch', 's per GB raw', 'GB-s per GB raw', 'USD per GB raw', 'peak RSS %'],
    rows.map((row) => [
      String(row.memoryMb),
      fixed(row.vCpu),
      all(row, ({ secondsPerBatch }) => fixed(secondsPerBatch)),
      all(row, ({ secondsPerGb }) => fixed(secondsPerGb, 0)),
      all(row, ({ gbSecondsPerGb }) => fixed(gbSecondsPerGb, 0)),
      all(row, ({ usdPerGb }) => fixed(usdPerGb, 5)),
      all(row, ({ peakShare }) => fixed(peakShare * 100, 0)),
    ]),
  );
}

const NOTE = [
  `Each cell: ${SHAPES.join(' / ')}. Modelled from one core of this machine: ${MB_PER_CPU} MB = 1 vCPU,`,
  `${USD_PER_GB_SECOND} USD per GB-second (arm64). Up to ${MB_PER_CPU} MB, more memory is faster at`,
  'the same cost per GB of logs; above, it costs more. Peak RSS is without heap limit; with less memory V8 collects earlier.',
].join('\n');
