// `npm run bench:attribution`: right, wrong and missing attributions of three rules, on the same simulated queries.
// Then "who else speaks" (`attribution-speakers.ts`). Exits with 1 if a wrong pod is named, or too few right ones in a warm
// function or in copies that share a memory, or if anything is `exact` without proof. `-- --speakers` runs only that part,
// `-- --full` more of it, `-- --shared` only the copies that share a memory, `-- --shared --only=S3` those named so.
import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import { table } from '../../src/cli/terminal.ts';
import { createAccounts } from './attribution-accounts.ts';
import { currentListRule, newestOwnerRule, ourRule, type Rule } from './attribution-rules.ts';
import { type Sharing, sharedRule } from './attribution-shared.ts';
import { printSpeakers } from './attribution-speakers.ts';
import { type Churn, createSimulatedCluster, type Query } from './simulated-cluster.ts';

const START_MS = Date.parse('2026-03-01T08:00:00Z');
const WARM_UP_MS = 20 * 60_000;
const DURATION_MS = 60 * 60_000;
const LAGS_SECONDS = [5, 60, 300, 900];

/** Minimum of right answers in a warm function, per cent, by lag in seconds. */
const GOALS = new Map([
  [60, 97],
  [900, 90],
]);

type Scenario = {
  readonly name: string;
  readonly churn: Partial<Churn>;
  /** Interval of cold starts; undefined = none. */
  readonly coldStartMs?: number;
  /** Start of an outage of ten minutes, in which our function cannot reach the API. */
  readonly outageAtMs?: number;
  /** Time between invocations; by default 5 to 60 s. */
  readonly everyMs?: number;
  /** Copies of the function that share a memory; undefined: one without. */
  readonly sharing?: Sharing;
  /** Three accounts with a reader in each, and one function without rights there. */
  readonly hasReaders?: boolean;
  /** Minimum of right answers, per cent, by lag in seconds; by default that of a warm function. */
  readonly goals?: ReadonlyMap<number, number>;
  /** A stretch without invocations by logs, since the start of the simulation. */
  readonly quiet?: readonly [fromMs: number, toMs: number];
  /** How late the cache behind the watches of our function may be. */
  readonly watchLagMs?: number;
};

const CALM: Churn = {
  nodes: 1000,
  servicePodsPerNode: 12,
  jobsPerSecond: 0.2,
  rolloutsPerSecond: 0.1,
  sandboxesPerSecond: 0,
  deathsPerSecond: 0,
  queriesPerSecond: 60,
  skewMs: 2000,
};

const CI = { jobsPerSecond: 12, rolloutsPerSecond: 1 };

const FAILING = { ...CI, sandboxesPerSecond: 0.5, deathsPerSecond: 1 / 60 };

const SCENARIOS: readonly Scenario[] = [
  { name: 'calm', churn: {} },
  { name: 'busy', churn: { jobsPerSecond: 3, rolloutsPerSecond: 2 } },
  { name: 'CI-heavy', churn: CI },
  { name: 'CI-heavy, a new function every 10 min', churn: CI, coldStartMs: 600_000 },
  { name: 'CI-heavy, the API down for 10 min', churn: CI, outageAtMs: WARM_UP_MS + 1_200_000 },
  { name: 'nodes die, sandboxes are replaced', churn: FAILING },
  { name: 'the same, late watch caches', churn: FAILING, watchLagMs: 60_000 },
  { name: 'the same, a new function every 4 min', churn: FAILING, coldStartMs: 240_000 },
  { name: 'the same, called every 200 s', churn: FAILING, everyMs: 200_000 },
];

const MINUTE_MS = 60_000;

/** Half an hour without logs: those of the pause arrive behind it. */
const QUIET = [WARM_UP_MS + 10 * MINUTE_MS, WARM_UP_MS + 40 * MINUTE_MS] as const;

const ONE = { copies: 1, writers: 1 } satisfies Sharing;

const isDuring = (from: number, to: number) => (sinceMs: number) =>
  sinceMs >= WARM_UP_MS + from * MINUTE_MS && sinceMs < WARM_UP_MS + to * MINUTE_MS;

/** A new function every ten minutes. */
const REPLACED = { churn: CI, coldStartMs: 10 * MINUTE_MS };

const SHARED_GOALS = new Map([
  [300, 99.5],
  [900, 99],
]);

const SHARED: readonly Scenario[] = [
  { name: 'a new function every 10 min, memory', ...REPLACED, sharing: ONE, goals: SHARED_GOALS },
  { name: '... without the schedule', ...REPLACED, sharing: { ...ONE, writers: 0 } },
  {
    name: '... five copies in turns',
    ...REPLACED,
    sharing: { copies: 5, writers: 1 },
    goals: SHARED_GOALS,
  },
  {
    name: '... S3 down for 10 min',
    ...REPLACED,
    sharing: { ...ONE, mood: (sinceMs) => (isDuring(15, 25)(sinceMs) ? 'down' : undefined) },
  },
  {
    name: '... a snapshot up to 5 min old',
    ...REPLACED,
    sharing: { ...ONE, mood: (sinceMs) => (sinceMs % (5 * MINUTE_MS) < MINUTE_MS ? undefined : 'lost') },
  },
  { name: '... two writers at once', ...REPLACED, sharing: { copies: 2, writers: 2 }, goals: SHARED_GOALS },
  { name: '... called every 200 s', ...REPLACED, everyMs: 200_000, sharing: ONE, goals: SHARED_GOALS },
  { name: '... no logs for 30 min', ...REPLACED, quiet: QUIET, sharing: ONE, goals: SHARED_GOALS },
  { name: '... no logs for 30 min, no schedule', ...REPLACED, quiet: QUIET, sharing: { ...ONE, writers: 0 } },
  {
    name: 'nodes die, sandboxes are replaced, a new function every 4 min, memory',
    churn: FAILING,
    coldStartMs: 4 * MINUTE_MS,
    sharing: { copies: 2, writers: 1 },
  },
  {
    name: 'three accounts with the same private addresses, three readers, one transform, memory',
    // Together they have the load of one.
    churn: { nodes: 330, jobsPerSecond: 4, rolloutsPerSecond: 0.33, queriesPerSecond: 20 },
    coldStartMs: 10 * MINUTE_MS,
    hasReaders: true,
    goals: SHARED_GOALS,
  },
];

/** A cluster in the function's own account. */
function createOneCluster(churn: Churn, { watchLagMs = 0, sharing }: Scenario) {
  const cluster = createSimulatedCluster(churn, START_MS, 7);
  const ours = sharing ? sharedRule(cluster.api, START_MS, sharing) : ourRule(cluster.api, watchLagMs);
  return { cluster, ours, others: [newestOwnerRule(), currentListRule()] };
}

type Score = { right: number; wrong: number; unknown: number };

/** Runs a scenario; returns scores by rule, then by lag. */
async function play(scenario: Scenario): Promise<Map<Rule, Map<number, Score>>> {
  const { churn, coldStartMs, outageAtMs, everyMs, quiet } = scenario;
  const allChurn = { ...CALM, ...churn };
  const { cluster, ours, others } = scenario.hasReaders
    ? createAccounts(allChurn, START_MS)
    : createOneCluster(allChurn, scenario);
  const rules = [ours, ...others];
  const random = createRandom(11).fraction;
  const queues = new Map(LAGS_SECONDS.map((lag): [number, Query[]] => [lag, []]));
  const scores = new Map(
    rules.map(
      (rule) =>
        [rule, new Map(LAGS_SECONDS.map((lag) => [lag, { right: 0, wrong: 0, unknown: 0 }]))] as const,
    ),
  );
  let coldStarts = 0;
  const stepMs = () => everyMs ?? 5000 + random() * 55_000;
  const isApiDown = (sinceMs: number) =>
    outageAtMs !== undefined && sinceMs >= outageAtMs && sinceMs < outageAtMs + 600_000;
  let minutes = 0;
  for (let sinceMs = 0; sinceMs < WARM_UP_MS + DURATION_MS; sinceMs += stepMs()) {
    const nowMs = START_MS + Math.round(sinceMs);
    for (; ours.keep && (minutes + 1) * MINUTE_MS <= sinceMs; minutes += 1) {
      const keptMs = START_MS + (minutes + 1) * MINUTE_MS;
      cluster.advanceTo(keptMs);
      await ours.keep(keptMs + CALM.skewMs, !isApiDown(keptMs - START_MS));
    }
    cluster.advanceTo(nowMs);
    if (quiet && sinceMs >= quiet[0] && sinceMs < quiet[1]) continue;
    const isDown = isApiDown(sinceMs);
    if (coldStartMs !== undefined && sinceMs > WARM_UP_MS && sinceMs / coldStartMs > coldStarts + 1) {
      coldStarts = Math.floor(sinceMs / coldStartMs);
      for (const rule of rules) rule.reset();
    }
    const changes = cluster.takeChanges();
    // The function's clock deviates too.
    for (const rule of rules) await rule.learn(changes, nowMs + CALM.skewMs, !isDown);
    const queries = sinceMs < WARM_UP_MS ? [] : cluster.takeQueries();
    for (const [lag, queue] of queues) {
      queue.push(...queries);
      const due = queue.findIndex(({ trueMs }) => trueMs + lag * 1000 > nowMs);
      for (const query of queue.splice(0, due < 0 ? queue.length : due)) {
        for (const rule of rules) count(scores.get(rule)?.get(lag), rule.podOf(query, nowMs), query.pod);
      }
    }
    if (sinceMs < WARM_UP_MS) cluster.takeQueries();
  }
  return scores;
}

function count(score: Score | undefined, answer: string | undefined, truth: string): void {
  if (score === undefined) return;
  if (answer === undefined) score.unknown += 1;
  else if (answer === truth) score.right += 1;
  else score.wrong += 1;
}

const allOf = ({ right, wrong, unknown }: Score): number => Math.max(1, right + wrong + unknown);
const percent = (part: number, score: Score): string => ((100 * part) / allOf(score)).toFixed(2);

/** The goals that our rule missed in a scenario. */
function faultsOf(scenario: Scenario, lag: number, score: Score): readonly string[] {
  const { name, coldStartMs, outageAtMs, everyMs, goals = GOALS } = scenario;
  const isWarm = [coldStartMs, outageAtMs, everyMs].every((each) => each === undefined);
  const goal = isWarm || scenario.goals ? (goals.get(lag) ?? 0) : 0;
  const wrong = score.wrong > 0 ? [`${name}, ${lag} s: ${score.wrong} wrong`] : [];
  const isShort = score.right < (goal / 100) * allOf(score);
  return [
    ...wrong,
    ...(isShort ? [`${name}, ${lag} s: ${percent(score.right, score)} % right, not ${goal} %`] : []),
  ];
}

const faults: string[] = [];
const rows: string[][] = [];
const isOnly = (part: string): boolean => process.argv.includes(`--${part}`);
const [, wanted = ''] = process.argv.find((argument) => argument.startsWith('--only='))?.split('=') ?? [];
const played = [...(isOnly('shared') ? [] : SCENARIOS), ...SHARED].filter(({ name }) =>
  name.includes(wanted),
);
for (const scenario of isOnly('speakers') ? [] : played) {
  const scores = [...(await play(scenario)).values()];
  for (const lag of LAGS_SECONDS) {
    const byRule = scores.flatMap((byLag) => byLag.get(lag) ?? []);
    const [ours] = byRule;
    if (ours === undefined) continue;
    const cells = byRule.map((score) =>
      [score.right, score.wrong, score.unknown].map((part) => percent(part, score).padStart(6)).join(' '),
    );
    rows.push([scenario.name, `${lag} s`, String(allOf(ours)), ...cells]);
    faults.push(...faultsOf(scenario, lag, ours));
  }
}
if (rows.length > 0) {
  console.log('Of all queries, in per cent: right, wrong, unknown.');
  console.log(
    table(
      ['cluster', 'lag', 'queries', 'this directory', 'newest owner, 120 s grace', 'current list only'],
      rows,
    ),
  );
}
if (!isOnly('shared')) faults.push(...(await printSpeakers(process.argv.includes('--full') ? 400 : 40)));
console.log(
  faults.length === 0 ? 'Goals met: no wrong pod, enough right ones, no proof missing.' : faults.join('\n'),
);
process.exitCode = faults.length === 0 ? 0 : 1;
