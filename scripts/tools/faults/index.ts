// `npm run test:faults [-- part of a name]`: runs the fault matrix on the built bundle; exits with 1 if any event is
// lost or a rule is violated.
import { bundleUrl } from '../../../src/cli/lib/io/bundle.ts';
import type { Probe } from '../../../src/cli/lib/simulate/function.ts';
import { type RunOptions, type RunReport, runStream } from '../../../src/cli/lib/simulate/index.ts';
import type { Outcome } from '../../../src/cli/lib/simulate/ledger.ts';
import { paint, print, table } from '../../../src/cli/terminal.ts';
import { COST_FAULTS } from './cost.ts';
import { EVENT_FAULTS } from './events.ts';
import { amongHealthy, type Fault } from './fault.ts';
import { HOSTILE_FAULTS } from './hostile-services.ts';
import { RECORD_FAULTS } from './records.ts';
import { RUNTIME_FAULTS } from './runtime.ts';
import { SERVICE_FAULTS } from './services.ts';

const OUTCOMES: readonly Outcome[] = ['normalised', 'passedThrough', 'dropped', 'backedUp'];
const HEAD = [
  'fault',
  'events in',
  'delivered',
  'passed through',
  'dropped by rule',
  'backed up',
  'lost',
  'peak memory',
  'CPU',
  '',
];

/** Sums of the function's metrics by name. */
type Metrics = Map<string, number>;

/** What the function cost: its peak memory, bytes, and the CPU time of the dearest invocation, ms. */
type Cost = { peakBytes: number; cpuMs: number };

type FaultReport = RunReport & { readonly metrics: Metrics; readonly cost: Cost; readonly leaks: string[] };

/** Options of Node in a function with 512 MB, as Lambda sets them. */
const SMALL_HEAP = ['--max-old-space-size=460', '--max-semi-space-size=26'];

async function runFault(fault: Fault): Promise<FaultReport> {
  const services = await fault.services?.();
  const metrics: Metrics = new Map();
  const cost: Cost = { peakBytes: 0, cpuMs: 0 };
  const leaks: string[] = [];
  const isMeasured = fault.maxPeakBytes !== undefined;
  let cpuBefore = 0;
  const onProbe = ({ peakRss, cpuMs }: Probe): void => {
    // A new process starts from zero.
    const spentMs = cpuMs < cpuBefore ? cpuMs : cpuMs - cpuBefore;
    cpuBefore = cpuMs;
    cost.peakBytes = Math.max(cost.peakBytes, peakRss);
    cost.cpuMs = Math.max(cost.cpuMs, spentMs);
  };
  const options: RunOptions = {
    bundle: bundleUrl('dist/index.mjs'),
    // No look-ups without a directory: a test must never call a real account.
    env: { EC2_LOOKUP: 'off', ...services?.env, ...fault.env },
    records: (traffic, random) => amongHealthy(fault, traffic, random),
    dropped: fault.dropped,
    stream: {
      ...fault.stream,
      ...(isMeasured ? { probeAt: () => true, onProbe } : {}),
    },
    nodeArgs: isMeasured ? SMALL_HEAP : [],
    timeoutMs: fault.timeoutMs,
    onLine: (line) => {
      addMetrics(metrics, line);
      if (fault.secret?.test(line)) leaks.push(line);
    },
  };
  try {
    return { ...(await runStream(options)), metrics, cost, leaks };
  } finally {
    await services?.close();
  }
}

function addMetrics(metrics: Metrics, line: string): void {
  if (!line.startsWith('{"_aws"')) return;
  for (const [name, value] of Object.entries(JSON.parse(line) as object)) {
    if (typeof value === 'number') metrics.set(name, (metrics.get(name) ?? 0) + value);
  }
}

/** The problems of a run; empty if there are none. */
function problemsOf(
  { outcomes: expected, metric, maxPeakBytes = Infinity, maxCpuMs = Infinity, check }: Fault,
  { totals, violations, metrics, stats, cost, leaks }: FaultReport,
): readonly string[] {
  const isMeasured = maxPeakBytes < Infinity;
  const unexpected = OUTCOMES.filter((outcome) => totals[outcome] > 0 !== expected.includes(outcome));
  return [
    ...(totals.lost === 0 ? [] : [`${totals.lost} events lost`]),
    ...unexpected.map((outcome) => `${totals[outcome]} events ${outcome}`),
    ...(metric === undefined || (metrics.get(metric) ?? 0) > 0 ? [] : [`${metric} not raised`]),
    ...(isMeasured && stats.functionErrors > 0 ? [`the function failed ${stats.functionErrors} times`] : []),
    ...(cost.peakBytes <= maxPeakBytes ? [] : [`${megabytes(cost.peakBytes)} of memory`]),
    ...(cost.cpuMs <= maxCpuMs ? [] : [`${seconds(cost.cpuMs)} of CPU`]),
    ...(leaks.length === 0 ? [] : [`a secret is printed: ${leaks[0]?.slice(0, 100)}`]),
    ...(check?.() ?? []),
    ...violations.slice(0, 3),
  ];
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const pattern = process.argv[2] ?? '';
const faults = [
  ...RECORD_FAULTS,
  ...EVENT_FAULTS,
  ...COST_FAULTS,
  ...RUNTIME_FAULTS,
  ...SERVICE_FAULTS,
  ...HOSTILE_FAULTS,
].filter(({ name }) => name.includes(pattern));
const rows: string[][] = [];
let isClean = true;
for (const fault of faults) {
  const report = await runFault(fault);
  const problems = problemsOf(fault, report);
  isClean &&= problems.length === 0;
  const { eventsIn, lost, ...outcomes } = report.totals;
  const counts = [eventsIn, ...OUTCOMES.map((outcome) => outcomes[outcome]), lost].map(String);
  rows.push([
    fault.name,
    ...counts,
    report.cost.peakBytes > 0 ? megabytes(report.cost.peakBytes) : '',
    report.cost.peakBytes > 0 ? seconds(report.cost.cpuMs) : '',
    problems.length === 0
      ? paint('green', 'ok')
      : problems.map((problem) => paint('red', problem)).join('\n'),
  ]);
}
print(table(HEAD, rows));
print(`\n${faults.length} faults, ${isClean ? 'nothing lost, no rule violated' : 'NOT CLEAN'}`);
process.exitCode = isClean ? 0 : 1;
