// Compares the transform with its floor and its rivals, on a batch of each shape, in one run.
import { gunzipSync } from 'node:zlib';
import { Bench } from 'tinybench';
import { progress, table } from '../../src/cli/terminal.ts';
import { type Batch, createBatch, SHAPES } from './batches.ts';
import { type Clients, floor, joinOnly, straightforward } from './rivals.ts';
import type { Findings, Verdict } from './section.ts';
import { collectGarbage, cpuMs, createBenchTransform, fixed, GZIP_BYTES, MB, median } from './setup.ts';

/** Target for the largest record of each shape, bytes. */
const BYTES_PER_RECORD = { coredns: 1200, 'container-insights': 1200, resolver: 1900 } as const;

type ShapeFigures = Awaited<ReturnType<typeof measureShape>>;

/** Measures all four implementations per shape; times are medians of CPU ms per batch. */
export async function measureShapes(): Promise<Findings> {
  const { transform } = createBenchTransform();
  const figures: ShapeFigures[] = [];
  for (const shape of SHAPES) {
    figures.push(await measureShape(createBatch(shape, GZIP_BYTES), transform));
  }
  return {
    figures,
    text: [speeds(figures), sizes(figures), chart(figures)].join('\n\n'),
    verdicts: figures.flatMap(verdictsOf),
  };
}

async function measureShape(batch: Batch, transform: ReturnType<typeof createBenchTransform>['transform']) {
  progress(`${batch.shape}: ${batch.events} events, ${batch.gzipBytes} bytes of gzip`);
  const { response, summary } = await transform(batch.event);
  const outputGzip = response.records.map(({ data }) => Buffer.from(data ?? '', 'base64'));
  const output = outputGzip.map((data) => gunzipSync(data));
  const bytesOf = (parts: readonly Buffer[]): number => parts.reduce((sum, { length }) => sum + length, 0);
  const clients = clientsOf(output);
  const rounds = await inRounds({
    transform: async () => void (await transform(batch.event)),
    floor: () => void floor(batch.event, output),
    straightforward: () => void straightforward(batch.event, clients),
    joinOnly: () => void joinOnly(batch.event),
  });
  const over = (of: (ms: Times) => number): number => median(rounds.map(of));
  const ms = {
    transform: over(({ transform: ours }) => ours),
    floor: over(({ floor: least }) => least),
    straightforward: over(({ straightforward: rival }) => rival),
    joinOnly: over(({ joinOnly: rival }) => rival),
  };
  return {
    shape: batch.shape,
    events: batch.events,
    plainBytes: batch.plainBytes,
    ms,
    costOverFloor: over(({ transform: ours, floor: least }) => ours / least),
    speedOverStraightforward: over(({ transform: ours, straightforward: rival }) => rival / ours),
    bytesPerEvent: bytesOf(output) / batch.events,
    /** Records that had to be degraded to fit the response. */
    degraded: { ...summary.degraded },
    responseBytes: summary.responseBytes,
    recordBytes: recordBytes(output),
    inflation: {
      input: batch.plainBytes / batch.gzipBytes,
      output: bytesOf(output) / bytesOf(outputGzip),
    },
  };
}

/** ms of CPU for a batch, medians of one round. */
type Times = Readonly<Record<'transform' | 'floor' | 'straightforward' | 'joinOnly', number>>;

const ROUNDS = 7;

/**
 * Measures the implementations alternately: the speed of a shared machine varies, so ratios are computed within a
 * round, in which all had similar conditions. The first round is a warm-up.
 */
async function inRounds(implementations: Readonly<Record<keyof Times, () => unknown>>): Promise<Times[]> {
  const rounds: Times[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const bench = new Bench({ time: 600, iterations: 3, warmupTime: 200, warmupIterations: 1, now: cpuMs });
    for (const [name, run] of Object.entries(implementations)) {
      // So that the garbage of one implementation is not collected during the next.
      bench.add(name, async () => void (await run()), { beforeAll: collectGarbage });
    }
    await bench.run();
    const time = (name: keyof Times): number => {
      const result = bench.getTask(name)?.result;
      return result !== undefined && 'latency' in result ? result.latency.p50 : Number.NaN;
    };
    rounds.push({
      transform: time('transform'),
      floor: time('floor'),
      straightforward: time('straightforward'),
      joinOnly: time('joinOnly'),
    });
  }
  return rounds.slice(1);
}

const messagesOf = (output: readonly Buffer[]): string[] =>
  output.flatMap((text) => {
    const { logEvents } = JSON.parse(text.toString('utf8')) as { logEvents: { message: string }[] };
    return logEvents.map(({ message }) => message);
  });

/** The records in envelopes. */
export const recordsOf = (output: readonly Buffer[]): Record<string, unknown>[] =>
  messagesOf(output).map((message) => JSON.parse(message) as Record<string, unknown>);

/** Mean and largest size of a normalised record, bytes; billed without its envelope. */
function recordBytes(output: readonly Buffer[]): { readonly mean: number; readonly largest: number } {
  const sizes = messagesOf(output).map((message) => Buffer.byteLength(message));
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  return { mean: sizes.reduce((sum, size) => sum + size, 0) / sizes.length, largest };
}

/** Members that describe the client. */
const OF_CLIENT =
  /^(?:dns\.(?:client|resolver|signals)|k8s\.|dt\.|host\.id|aws\.(?:availability_zone|ec2|vpc|eks))/;

/** The client members of our records by address, which the straightforward version uses to write equal records. */
export function clientsOf(output: readonly Buffer[]): Clients {
  const clients = new Map<string, Readonly<Record<string, unknown>>>();
  for (const record of recordsOf(output)) {
    const ip = String(record['client.ip']);
    if (clients.has(ip)) continue;
    clients.set(ip, Object.fromEntries(Object.entries(record).filter(([name]) => OF_CLIENT.test(name))));
  }
  return clients;
}

const speeds = (figures: readonly ShapeFigures[]): string =>
  table(
    [
      'batch',
      'events',
      'events/s',
      'MB/s in',
      'ns/event',
      'x floor',
      'x straightforward',
      // The upper bound.
      'the floor',
      'x join only',
    ],
    figures.map(({ shape, events, plainBytes, ms, costOverFloor, speedOverStraightforward }) => [
      shape,
      String(events),
      fixed((events / ms.transform) * 1000, 0),
      fixed((plainBytes / MB / ms.transform) * 1000, 0),
      fixed((ms.transform / events) * 1e6, 0),
      `${fixed(costOverFloor)} its cost`,
      `${fixed(speedOverStraightforward)} its speed`,
      fixed(ms.straightforward / ms.floor),
      `${fixed(ms.transform / ms.joinOnly)} its cost`,
    ]),
  );

const sizes = (figures: readonly ShapeFigures[]): string =>
  table(
    [
      'batch',
      'bytes/record',
      'largest',
      'with envelope',
      'inflated per gzip byte: in',
      'out',
      'response MB',
      'degraded',
    ],
    figures.map(({ shape, bytesPerEvent, recordBytes, inflation, responseBytes, degraded }) => [
      shape,
      fixed(recordBytes.mean, 0),
      String(recordBytes.largest),
      fixed(bytesPerEvent, 0),
      fixed(inflation.input, 1),
      fixed(inflation.output, 1),
      fixed(responseBytes / MB),
      degradedText(degraded),
    ]),
  );

const degradedText = (steps: ShapeFigures['degraded']): string =>
  Object.entries(steps)
    .filter(([, records]) => records > 0)
    .map(([step, records]) => `${records} ${step}`)
    .join(', ') || 'none';

const BAR_WIDTH = 60;

/** Bars of CPU ms per batch, all to one scale. */
function chart(figures: readonly ShapeFigures[]): string {
  const longest = Math.max(...figures.flatMap(({ ms }) => Object.values(ms)));
  return figures
    .flatMap(({ shape, ms }) => [
      `${shape}, ms of CPU per batch`,
      ...Object.entries(ms).map(([name, value]) => {
        const bar = '#'.repeat(Math.max(1, Math.round((value / longest) * BAR_WIDTH)));
        return `  ${(name === 'joinOnly' ? 'join only' : name).padEnd(16)}${bar} ${fixed(value, 1)}`;
      }),
    ])
    .join('\n');
}

function verdictsOf(figures: ShapeFigures): Verdict[] {
  const { shape, costOverFloor, speedOverStraightforward, recordBytes, inflation } = figures;
  const cap = BYTES_PER_RECORD[shape];
  const verdict = (target: string, found: string, isMet: boolean): Verdict => ({
    target: `${shape}: ${target}`,
    found,
    isMet,
  });
  return [
    verdict('<= 1.5 x floor', fixed(costOverFloor), costOverFloor <= 1.5),
    verdict('>= 3 x straightforward', fixed(speedOverStraightforward), speedOverStraightforward >= 3),
    verdict(`<= ${cap} bytes per record`, `largest ${recordBytes.largest}`, recordBytes.largest <= cap),
    verdict(
      `inflates <= input (${fixed(inflation.input)})`,
      fixed(inflation.output),
      inflation.output <= inflation.input,
    ),
  ];
}
