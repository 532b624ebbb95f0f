// Aggregations of DQL: functions of many records.
import type { Expression } from './parse.ts';
import { compare, type Row, type Value } from './values.ts';

type Aggregation = (values: readonly Value[], named: Row) => Value;

const present = (values: readonly Value[]): Value[] => values.filter((value) => value !== null);
const numbers = (values: readonly Value[]): number[] => values.filter((value) => typeof value === 'number');
const distinct = (values: readonly Value[]): Value[] => {
  const byText = new Map(present(values).map((value) => [JSON.stringify(value), value]));
  return [...byText.values()];
};
const extreme =
  (sign: 1 | -1) =>
  (values: readonly Value[]): Value =>
    present(values).reduce<Value>(
      (best, value) => (best === null || (compare(value, best) ?? 0) * sign > 0 ? value : best),
      null,
    );
const percentile = (values: readonly Value[], share: number): Value => {
  const sorted = numbers(values).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
};

const AGGREGATIONS: Readonly<Record<string, Aggregation>> = {
  count: (values) => values.length,
  countIf: (values) => values.filter((value) => value === true).length,
  countDistinct: (values) => distinct(values).length,
  collectDistinct: (values, { maxLength }) =>
    distinct(values).slice(0, typeof maxLength === 'number' ? maxLength : undefined),
  takeAny: (values) => present(values)[0] ?? null,
  sum: (values, { default: missing = null }) =>
    numbers(values).length === 0 ? missing : numbers(values).reduce((sum, value) => sum + value, 0),
  avg: (values) =>
    numbers(values).length === 0
      ? null
      : numbers(values).reduce((sum, value) => sum + value, 0) / numbers(values).length,
  min: extreme(-1),
  max: extreme(1),
  median: (values) => percentile(values, 0.5),
  percentile: (values, named) => percentile(values, Number(named['1']) / 100),
};

/** The value of `sum(dns.query.count)` over records; `evaluated` evaluates an expression for one of them. */
export function aggregate(
  expression: Expression,
  rows: readonly Row[],
  evaluated: (expression: Expression, row: Row) => Value,
): Value {
  const name = expression.kind === 'call' ? expression.name : '';
  const run = AGGREGATIONS[name];
  if (expression.kind !== 'call' || run === undefined) throw new Error(`unknown aggregation ${name}`);
  const [first, ...rest] = expression.args;
  const named = Object.fromEntries(
    rest.map(({ parameter, value }, i) => [parameter ?? String(i + 1), evaluated(value, {})]),
  );
  return run(
    rows.map((row) => (first === undefined ? null : evaluated(first.value, row))),
    named,
  );
}
