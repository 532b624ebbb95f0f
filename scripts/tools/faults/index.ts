// `npm run test:faults [-- part of a name]`: the fault matrix, through the built bundle; ends with 1 when anything is lost.
import { bundleUrl } from '../../../src/cli/commands/invoke.ts';
import type { Fate } from '../../../src/cli/lib/simulate/ledger.ts';
import { type RunOptions, type RunReport, runStream } from '../../../src/cli/lib/simulate/run.ts';
import { paint, print, table } from '../../../src/cli/terminal.ts';
import { AROUND_FAULTS } from './around.ts';
import { EVENT_FAULTS } from './events.ts';
import { amongHealthy, type Fault } from './fault.ts';
import { OUTSIDE_FAULTS } from './outside.ts';
import { RECORD_FAULTS } from './records.ts';

const FATES: readonly Fate[] = ['normalised', 'passedThrough', 'dropped', 'backedUp'];
const HEAD = [
  'fault',
  'events in',
  'delivered',
  'passed through',
  'dropped by rule',
  'backed up',
  'lost',
  '',
];

/** The metrics that the function emitted, summed up by name. */
type Metrics = Map<string, number>;

async function runFault(fault: Fault): Promise<RunReport & { readonly metrics: Metrics }> {
  const outside = await fault.outside?.();
  const metrics: Metrics = new Map();
  const options: RunOptions = {
    bundle: bundleUrl('dist/index.mjs'),
    // Without a directory nothing is looked up: a test must never reach for a real account.
    env: { EC2_LOOKUP: 'off', ...outside?.env, ...fault.env },
    records: (traffic, random) => amongHealthy(fault, traffic, random),
    dropped: fault.dropped,
    stream: { ...fault.stream, ...(await inflationLimit(fault)) },
    timeoutMs: fault.timeoutMs,
    onLine: (line) => addMetrics(metrics, line),
  };
  try {
    return { ...(await runStream(options)), metrics };
  } finally {
    await outside?.close();
  }
}

/** Runs the same traffic without the function to learn how far requests inflate then. */
async function inflationLimit(fault: Fault): Promise<RunOptions['stream']> {
  if (fault.inflation === undefined) return {};
  const { stats } = await runStream({
    bundle: bundleUrl('test/support/stub-handler.mjs'),
    env: {},
    records: (traffic, random) => amongHealthy(fault, traffic, random),
  });
  return { endpoint: { maxInflatedBytes: stats.largestInflatedRequestBytes * fault.inflation } };
}

function addMetrics(metrics: Metrics, line: string): void {
  if (!line.startsWith('{"_aws"')) return;
  for (const [name, value] of Object.entries(JSON.parse(line) as object)) {
    if (typeof value === 'number') metrics.set(name, (metrics.get(name) ?? 0) + value);
  }
}

/** What is wrong with a run, in words; empty when it went as it must. */
function verdict({ ends, tells }: Fault, report: Awaited<ReturnType<typeof runFault>>): readonly string[] {
  const { totals, violations, metrics } = report;
  const unexpected = FATES.filter((fate) => totals[fate] > 0 !== ends.includes(fate));
  return [
    ...(totals.lost === 0 ? [] : [`${totals.lost} events lost`]),
    ...unexpected.map((fate) => `${totals[fate]} events ${fate}`),
    ...(tells === undefined || (metrics.get(tells) ?? 0) > 0 ? [] : [`${tells} not raised`]),
    ...violations.slice(0, 3),
  ];
}

const wanted = process.argv[2] ?? '';
const faults = [...RECORD_FAULTS, ...EVENT_FAULTS, ...AROUND_FAULTS, ...OUTSIDE_FAULTS].filter(({ name }) =>
  name.includes(wanted),
);
const rows: string[][] = [];
let isClean = true;
for (const fault of faults) {
  const report = await runFault(fault);
  const faulty = verdict(fault, report);
  isClean &&= faulty.length === 0;
  const { eventsIn, lost, ...fates } = report.totals;
  const counts = [eventsIn, ...FATES.map((fate) => fates[fate]), lost].map(String);
  rows.push([
    fault.name,
    ...counts,
    faulty.length === 0 ? paint('green', 'ok') : paint('red', faulty.join('\n')),
  ]);
}
print(table(HEAD, rows));
print(`\n${faults.length} faults, ${isClean ? 'nothing lost, no rule broken' : 'NOT CLEAN'}`);
process.exitCode = isClean ? 0 : 1;
