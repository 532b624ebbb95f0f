// The tables of a run, and the goals that it missed.
import { table } from '../../../src/cli/terminal.ts';
import { FATES } from './kubelet.ts';
import type { LagScore, RowScore, Score } from './rows.ts';

/** Lag at which the shares of right answers of a warm function have to be reached, seconds. */
const GOAL_LAG = 60;
const GOAL_ALL = 99;
const GOAL_CLASS = 95;
/** Classes with fewer queries are not judged. */
const MIN_QUERIES = 500;
/** Their last moments are not in the API: the share is reported only. */
const REPORTED_ONLY: ReadonlySet<string> = new Set(['dead node', 'evicted', 'new sandbox']);

const sizeOf = ({ right, wrong, unknown }: Score): number => right + wrong + unknown;
const share = (part: number, score: Score): number => (100 * part) / Math.max(1, sizeOf(score));
const percent = (part: number, score: Score): string => share(part, score).toFixed(2);

function sum(lag: LagScore): Score {
  const all = { right: 0, wrong: 0, unknown: 0 };
  for (const { right, wrong, unknown } of lag.byFate.values()) {
    all.right += right;
    all.wrong += wrong;
    all.unknown += unknown;
  }
  return all;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.floor(q * (sorted.length - 1))] ?? 0;

/** Prints the shares by row and lag, and by class of pods. */
export function printReport(rows: readonly RowScore[]): void {
  const all = rows.flatMap(({ row, lags }) =>
    lags.map((lag) => {
      const score = sum(lag);
      const parts = [score.right, score.wrong, score.unknown].map((part) => percent(part, score));
      return [row.name, `${lag.lagSeconds} s`, String(sizeOf(score)), ...parts, String(score.wrong)];
    }),
  );
  console.log(table(['function', 'lag', 'queries', 'right %', 'wrong %', 'unknown %', 'wrong'], all));
  const byFate = rows.flatMap(({ row, lags }) =>
    lags.map((lag) => [
      row.name,
      `${lag.lagSeconds} s`,
      ...FATES.map((fate) => {
        const score = lag.byFate.get(fate);
        return score === undefined ? '-' : `${percent(score.right, score)} of ${sizeOf(score)}`;
      }),
    ]),
  );
  console.log(
    `\nRight, per cent, by what became of the pod:\n${table(['function', 'lag', ...FATES], byFate)}`,
  );
  for (const { row, tookMs, lastError } of rows) {
    const sorted = [...tookMs].sort((a, b) => a - b);
    const [half, most, max] = [0.5, 0.95, 1].map((q) => quantile(sorted, q));
    console.log(
      `${row.name}: look-ups took ${half} ms (median), ${most} ms (95 %), ${max} ms (longest); ${lastError ?? 'no errors'}`,
    );
  }
}

/** The goals that were missed. The first row is the warm function. */
export function missedGoals(rows: readonly RowScore[], minQueries: number): readonly string[] {
  const missed = rows.flatMap(({ lags }) => lags.flatMap(({ examples }) => examples));
  const total = rows.flatMap(({ lags }) => lags).reduce((all, lag) => all + sizeOf(sum(lag)), 0);
  if (total < minQueries) missed.push(`only ${total} queries were scored, not ${minQueries}`);
  for (const { row, lags } of rows) {
    for (const lag of row.goal === undefined ? [] : lags.filter(({ lagSeconds }) => lagSeconds >= GOAL_LAG)) {
      const score = sum(lag);
      if (share(score.right, score) < (row.goal ?? 0))
        missed.push(
          `${row.name}, ${lag.lagSeconds} s: ${percent(score.right, score)} % right, not ${row.goal} %`,
        );
    }
  }
  const warm = rows[0]?.lags.find(({ lagSeconds }) => lagSeconds === GOAL_LAG);
  if (warm === undefined) return missed;
  const all = sum(warm);
  if (share(all.right, all) < GOAL_ALL)
    missed.push(`warm, ${GOAL_LAG} s: ${percent(all.right, all)} % right, not ${GOAL_ALL} %`);
  for (const [fate, score] of warm.byFate) {
    if (sizeOf(score) < MIN_QUERIES || REPORTED_ONLY.has(fate)) continue;
    if (share(score.right, score) < GOAL_CLASS)
      missed.push(
        `warm, ${GOAL_LAG} s, ${fate}: ${percent(score.right, score)} % right, not ${GOAL_CLASS} %`,
      );
  }
  return missed;
}
