// `npm run bench:attribution`: right, wrong and missing attributions of three rules, on the same simulated queries.
// Then "who else speaks" (`attribution-speakers.ts`). Exits with 1 if a wrong pod is named, or too few right ones in a warm
// function, or if anything is `exact` without proof. `-- --speakers` runs only that part, `-- --full` more of it.
import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import { table } from '../../src/cli/terminal.ts';
import { currentListRule, newestOwnerRule, ourRule, type Rule } from './attribution-rules.ts';
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

type Score = { right: number; wrong: number; unknown: number };

/** Runs a scenario; returns scores by rule, then by lag. */
async function play(scenario: Scenario): Promise<Map<Rule, Map<number, Score>>> {
  const { churn, coldStartMs, outageAtMs, everyMs, watchLagMs = 0 } = scenario;
  const cluster = createSimulatedCluster({ ...CALM, ...churn }, START_MS, 7);
  const rules = [ourRule(cluster.api, watchLagMs), newestOwnerRule(), currentListRule()];
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
  for (let sinceMs = 0; sinceMs < WARM_UP_MS + DURATION_MS; sinceMs += stepMs()) {
    const nowMs = START_MS + Math.round(sinceMs);
    cluster.advanceTo(nowMs);
    const isDown = outageAtMs !== undefined && sinceMs >= outageAtMs && sinceMs < outageAtMs + 600_000;
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
  const { name, coldStartMs, outageAtMs, everyMs } = scenario;
  const isWarm = [coldStartMs, outageAtMs, everyMs].every((each) => each === undefined);
  const goal = isWarm ? (GOALS.get(lag) ?? 0) : 0;
  const wrong = score.wrong > 0 ? [`${name}, ${lag} s: ${score.wrong} wrong`] : [];
  const isShort = score.right < (goal / 100) * allOf(score);
  return [
    ...wrong,
    ...(isShort ? [`${name}, ${lag} s: ${percent(score.right, score)} % right, not ${goal} %`] : []),
  ];
}

const faults: string[] = [];
const rows: string[][] = [];
for (const scenario of process.argv.includes('--speakers') ? [] : SCENARIOS) {
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
faults.push(...(await printSpeakers(process.argv.includes('--full') ? 400 : 40)));
console.log(
  faults.length === 0 ? 'Goals met: no wrong pod, enough right ones, no proof missing.' : faults.join('\n'),
);
process.exitCode = faults.length === 0 ? 0 : 1;
