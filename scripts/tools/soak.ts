// `npm run soak [-- --minutes 30]`: mixed traffic without a pause, pods coming and going, so that one core is busy; memory must stay flat, no
// handle may be left, and every event must be accounted for.
import { parseArgs } from 'node:util';
import { bundleUrl } from '../../src/cli/commands/invoke.ts';
import type { Probe } from '../../src/cli/lib/simulate/function.ts';
import type { InputRecord } from '../../src/cli/lib/simulate/ledger.ts';
import { MIXED } from '../../src/cli/lib/simulate/lines.ts';
import type { Random } from '../../src/cli/lib/simulate/random.ts';
import { runStream } from '../../src/cli/lib/simulate/run.ts';
import type { Traffic } from '../../src/cli/lib/simulate/traffic.ts';
import { print, progress, table } from '../../src/cli/terminal.ts';
import { startWorld } from './faults/world.ts';

type Sample = Probe & { readonly atMinutes: number };

const { minutes: minutesText } = parseArgs({
  options: { minutes: { type: 'string', default: '30' } },
}).values;
const minutes = Number(minutesText);
const startMs = Date.now();
const minutesGone = (): number => (Date.now() - startMs) / 60_000;

const MEBIBYTE = 2 ** 20;
/** More than this is no noise of the allocator any more. */
const MAX_SLOPE_MIB_PER_MINUTE = 0.5;
const PROBE_EVERY_MINUTES = 0.05;

/** Everything that comes by, in all its forms, until the time is up. */
function* mixedTraffic(traffic: Traffic, random: Random): Generator<InputRecord> {
  let toldMinute = 0;
  while (minutesGone() < minutes) {
    const dice = random.int(100);
    if (dice < 80) yield traffic.envelope(traffic.drafts(MIXED, 50 + random.int(400)));
    else if (dice < 85) yield traffic.envelope(traffic.drafts(MIXED, 100), { plain: true });
    else if (dice < 90) yield traffic.lines(traffic.drafts(MIXED, 50));
    else if (dice < 95)
      yield traffic.opaque((marker) => Buffer.from(`${marker} ${random.hex(random.int(4000))}`));
    else if (dice < 99) yield traffic.opaque((marker) => Buffer.from(`\x1f\x8b${marker}`, 'latin1'));
    else yield traffic.control();
    if (minutesGone() - toldMinute >= 1) {
      toldMinute = Math.floor(minutesGone());
      progress(`${toldMinute} of ${minutes} minutes`);
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

const world = await startWorld();
const churn = setInterval(world.churn, 100);
const samples: Sample[] = [];
let nextProbeMinutes = 0;
const report = await runStream({
  bundle: bundleUrl('dist/index.mjs'),
  // The history is bounded by time: short, so that it is full when measuring begins.
  env: { ...world.env, HISTORY_MINUTES: '1', REFRESH_SECONDS: '5' },
  records: mixedTraffic,
  nodeArgs: ['--expose-gc'],
  stream: {
    // Making up and checking the traffic takes longer than the function does: that would leave it idle.
    repeats: 4,
    probeAt: () => minutesGone() >= nextProbeMinutes,
    onProbe: (probe) => {
      samples.push({ ...probe, atMinutes: minutesGone() });
      nextProbeMinutes = minutesGone() + PROBE_EVERY_MINUTES;
    },
  },
});

clearInterval(churn);
await world.close();

// Caches fill and code is compiled first: the last two thirds tell.
const settled = samples.slice(Math.ceil(samples.length / 3));
const [first, last] = [settled[0], settled.at(-1)];
const mebibytes = (bytes: number): string => (bytes / MEBIBYTE).toFixed(2);
const rows = (['heapUsed', 'external', 'rss'] as const).map((name) => [
  name,
  mebibytes(first?.[name] ?? 0),
  mebibytes(last?.[name] ?? 0),
  plusMinus(slope(settled, (sample) => sample[name])),
]);
// A leak lifts the floor; what is in use at the moment of a probe comes and goes.
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
for (const violation of violations) print(`broken rule: ${violation}`);

const live = slope(settled, ({ heapUsed, external }) => heapUsed + external);
// Only what stands out of the noise counts; a longer run has less of it.
const isFlat = live.perMinute - 2 * live.error < MAX_SLOPE_MIB_PER_MINUTE && handles.after <= handles.before;
const isClean = totals.lost === 0 && violations.length === 0 && stats.coldStarts === 1;
print(
  `\nheap and external: ${plusMinus(live)} MiB per minute: ${isFlat ? 'memory flat' : 'MEMORY GROWS'}, ${isClean ? 'ledger clean' : 'LEDGER NOT CLEAN'}`,
);
process.exitCode = isFlat && isClean ? 0 : 1;
