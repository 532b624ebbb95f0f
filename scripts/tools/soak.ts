// `npm run soak [-- --minutes 30]`: continuous mixed traffic with pods being replaced, so that one core is busy. Memory
// must not grow, no handle may leak, and every event must be accounted for.
import { parseArgs } from 'node:util';
import { bundleUrl } from '../../src/cli/lib/io/bundle.ts';
import type { Probe } from '../../src/cli/lib/simulate/function.ts';
import { runStream } from '../../src/cli/lib/simulate/index.ts';
import type { InputRecord } from '../../src/cli/lib/simulate/ledger.ts';
import { MIXED } from '../../src/cli/lib/simulate/lines.ts';
import type { Random } from '../../src/cli/lib/simulate/random.ts';
import type { Traffic } from '../../src/cli/lib/simulate/traffic.ts';
import { print, progress, table } from '../../src/cli/terminal.ts';
import { startStubServices } from './faults/stub-services.ts';

type Sample = Probe & { readonly atMinutes: number };

const { minutes: minutesText } = parseArgs({
  options: { minutes: { type: 'string', default: '30' } },
}).values;
const minutes = Number(minutesText);
const startMs = Date.now();
const elapsedMinutes = (): number => (Date.now() - startMs) / 60_000;

const MEBIBYTE = 2 ** 20;
/** A steeper slope cannot be noise of the allocator. */
const MAX_SLOPE_MIB_PER_MINUTE = 0.5;
const PROBE_EVERY_MINUTES = 0.05;

/** Records of all kinds until the time is up. */
function* mixedTraffic(traffic: Traffic, random: Random): Generator<InputRecord> {
  let reportedMinute = 0;
  while (elapsedMinutes() < minutes) {
    const dice = random.int(100);
    if (dice < 80) yield traffic.envelope(traffic.drafts(MIXED, 50 + random.int(400)));
    else if (dice < 85) yield traffic.envelope(traffic.drafts(MIXED, 100), { plain: true });
    else if (dice < 90) yield traffic.lines(traffic.drafts(MIXED, 50));
    else if (dice < 95)
      yield traffic.opaque((marker) => Buffer.from(`${marker} ${random.hex(random.int(4000))}`));
    else if (dice < 99) yield traffic.opaque((marker) => Buffer.from(`\x1f\x8b${marker}`, 'latin1'));
    else yield traffic.control();
    if (elapsedMinutes() - reportedMinute >= 1) {
      reportedMinute = Math.floor(elapsedMinutes());
      progress(`${reportedMinute} of ${minutes} minutes`);
    }
  }
}

type Line = { readonly perMinute: number; readonly error: number };

/** Slope of a straight line through the samples (least squares) and its standard error, MiB per minute. */
function slope(samples: readonly Sample[], read: (sample: Sample) => number): Line {
  const points = samples.map((sample) => ({ x: sample.atMinutes, y: read(sample) / MEBIBYTE }));
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = mean(({ x }) => (x - meanX) ** 2);
  const perMinute = mean(({ x, y }) => (x - meanX) * (y - meanY)) / spread;
  const rest = mean(({ x, y }) => (y - meanY - perMinute * (x - meanX)) ** 2);
  return { perMinute, error: Math.sqrt(rest / spread / Math.max(1, points.length - 2)) };
}

const plusMinus = ({ perMinute, error }: Line): string => `${perMinute.toFixed(3)} +- ${error.toFixed(3)}`;

const services = await startStubServices();
const churn = setInterval(services.churn, 100);
const samples: Sample[] = [];
let nextProbeMinutes = 0;
const report = await runStream({
  bundle: bundleUrl('dist/index.mjs'),
  // A short history, so that it is full when the measurement begins.
  env: { ...services.env, HISTORY_MINUTES: '1', REFRESH_SECONDS: '5' },
  records: mixedTraffic,
  nodeArgs: ['--expose-gc'],
  stream: {
    // Creating and checking the traffic takes longer than the function, which would be idle without repeats.
    repeats: 4,
    probeAt: () => elapsedMinutes() >= nextProbeMinutes,
    onProbe: (probe) => {
      samples.push({ ...probe, atMinutes: elapsedMinutes() });
      nextProbeMinutes = elapsedMinutes() + PROBE_EVERY_MINUTES;
    },
  },
});

clearInterval(churn);
await services.close();

// Only the last two thirds count: at first caches are filled and code is compiled.
const settled = samples.slice(Math.ceil(samples.length / 3));
const [first, last] = [settled[0], settled.at(-1)];
const mebibytes = (bytes: number): string => (bytes / MEBIBYTE).toFixed(2);
const rows = (['heapUsed', 'external', 'rss'] as const).map((name) => [
  name,
  mebibytes(first?.[name] ?? 0),
  mebibytes(last?.[name] ?? 0),
  plusMinus(slope(settled, (sample) => sample[name])),
]);
// A leak raises the minimum; handles in use during a probe are temporary.
const third = Math.ceil(settled.length / 3);
const fewest = (some: readonly Sample[]): number =>
  Math.min(...some.map(({ resources }) => resources.length));
const most = (some: readonly Sample[]): number => Math.max(...some.map(({ resources }) => resources.length));
const handles = { before: most(settled.slice(0, third)), after: fewest(settled.slice(-third)) };
const { totals, violations, stats } = report;

print(table(['memory, MiB after gc', 'first', 'last', 'slope per minute'], rows));
print(
  `\nhandles: at most ${handles.before} early, at least ${handles.after} late; probes: ${samples.length}`,
);
print(
  `${stats.invocations} invocations, ${stats.coldStarts} cold start, ${totals.eventsIn} events in ${minutes} minutes`,
);
print(`${JSON.stringify(totals)}`);
for (const violation of violations) print(`violated rule: ${violation}`);

const live = slope(settled, ({ heapUsed, external }) => heapUsed + external);
// Only a slope above the noise counts; a longer run has less noise.
const isFlat = live.perMinute - 2 * live.error < MAX_SLOPE_MIB_PER_MINUTE && handles.after <= handles.before;
const isClean = totals.lost === 0 && violations.length === 0 && stats.coldStarts === 1;
print(
  `\nheap and external: ${plusMinus(live)} MiB per minute: ${isFlat ? 'memory flat' : 'MEMORY GROWS'}, ${isClean ? 'ledger clean' : 'LEDGER NOT CLEAN'}`,
);
process.exitCode = isFlat && isClean ? 0 : 1;
