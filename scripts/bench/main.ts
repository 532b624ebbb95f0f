// `npm run bench`: the transform beside its floor and its rivals, in one run; `--json` for machines.
import { mkdirSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Bench } from 'tinybench';
import { print, printJson, progress, table } from '../../src/cli/terminal.ts';
import { createDirectorySource } from '../../src/directory/index.ts';
import { DEFAULT_SETTINGS } from '../../src/model/settings.ts';
import { createTransform } from '../../src/pipeline/transform.ts';
import { printAdversarialTable } from './adversarial.ts';
import { type Batch, createBatch, createInventory, SHAPES } from './batches.ts';
import { floor, joinOnly, type Pods, straightforward } from './rivals.ts';

const PODS = 2000;
const GZIP_BYTES = 900_000;

const directoryFile = '.cache/bench-directory.json';
mkdirSync('.cache', { recursive: true });
const inventory = createInventory(PODS);
writeFileSync(directoryFile, JSON.stringify(inventory));

const settings = { ...DEFAULT_SETTINGS, directoryFile, region: 'eu-west-1' };
const transform = createTransform(settings, {
  directory: createDirectorySource(settings),
  now: Date.now,
  recordFailed: (_, code, error) => {
    throw error ?? new Error(code);
  },
});

const results: Awaited<ReturnType<typeof measure>>[] = [];
for (const shape of SHAPES) results.push(await measure(createBatch(shape, GZIP_BYTES, PODS)));
if (process.argv.includes('--json')) printJson(results);
else await show();

/** CPU time of this process, ms: what other processes do to the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function measure(batch: Batch) {
  progress(`${batch.shape}: ${batch.events} events, ${batch.gzipBytes} bytes of gzip`);
  const { response } = await transform(batch.event);
  const output = response.records.map(({ data }) => gunzipSync(Buffer.from(data ?? '', 'base64')));
  const outputGzip = response.records.reduce(
    (sum, { data }) => sum + Buffer.byteLength(data ?? '', 'base64'),
    0,
  );
  const outputPlain = output.reduce((sum, { length }) => sum + length, 0);
  const pods = podsOf();
  const bench = new Bench({ time: 2500, warmupTime: 800, iterations: 5, now: cpuMs });
  bench
    .add('transform', async () => void (await transform(batch.event)))
    .add('floor', () => void floor(batch.event, output))
    .add('straightforward', () => void straightforward(batch.event, pods))
    .add('join only', () => void joinOnly(batch.event));
  await bench.run();
  // The median: the machine's other work only ever makes a run slower.
  const ms = (name: string): number => {
    const result = bench.getTask(name)?.result;
    return result !== undefined && 'latency' in result ? result.latency.p50 : Number.NaN;
  };
  return {
    shape: batch.shape,
    events: batch.events,
    ms: {
      transform: ms('transform'),
      floor: ms('floor'),
      straightforward: ms('straightforward'),
      joinOnly: ms('join only'),
    },
    costOverFloor: ms('transform') / ms('floor'),
    speedOverStraightforward: ms('straightforward') / ms('transform'),
    bytesPerEvent: outputPlain / batch.events,
    inflation: { input: batch.plainBytes / batch.gzipBytes, output: outputPlain / outputGzip },
    plainBytes: batch.plainBytes,
  };
}

function podsOf(): Pods {
  return new Map(
    inventory.pods.map((pod) => [
      pod.ips[0] ?? '',
      {
        'k8s.cluster.name': 'bench',
        'k8s.namespace.name': pod.namespace,
        'k8s.workload.kind': 'deployment',
        'k8s.workload.name': pod.name.split('-')[0] ?? '',
        'k8s.pod.name': pod.name,
        'k8s.pod.uid': pod.uid,
        'k8s.node.name': pod.node,
      },
    ]),
  );
}

async function show(): Promise<void> {
  const fixed = (value: number, digits = 2): string => value.toFixed(digits);
  print(
    table(
      [
        'batch',
        'events',
        'events/s',
        'MB/s in',
        'ns/event',
        'x floor (<= 1.5)',
        'x straightforward (>= 3)',
        'x join only',
      ],
      results.map((r) => [
        r.shape,
        String(r.events),
        fixed((r.events / r.ms.transform) * 1000, 0),
        fixed(r.plainBytes / r.ms.transform / 1000, 0),
        fixed((r.ms.transform / r.events) * 1e6, 0),
        fixed(r.costOverFloor),
        fixed(r.speedOverStraightforward),
        fixed(r.ms.transform / r.ms.joinOnly),
      ]),
    ),
  );
  print();
  print(
    table(
      [
        'batch',
        'output bytes/event',
        'inflated bytes per gzip byte: in',
        'out',
        'ms: transform',
        'floor',
        'straightforward',
        'join only',
      ],
      results.map((r) => [
        r.shape,
        fixed(r.bytesPerEvent, 0),
        fixed(r.inflation.input, 1),
        fixed(r.inflation.output, 1),
        ...[r.ms.transform, r.ms.floor, r.ms.straightforward, r.ms.joinOnly].map((value) => fixed(value, 1)),
      ]),
    ),
  );
}
