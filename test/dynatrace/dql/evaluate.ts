// Runs queries, processors and matchers over records in memory. Not a Dynatrace: it knows what the shipped files use, and
// fails at anything else. Where Dynatrace's behaviour is not documented, both possibilities can be chosen (`Options`).
import { aggregate } from './aggregate.ts';
import type { Argument, Command, Expression } from './parse.ts';
import { compare, Duration, Elements, FUNCTIONS, operate, type Row, type Value } from './values.ts';

/** One value that a metric processor extracted. */
export type MetricPoint = { readonly metric: string; readonly value: number; readonly row: Row };

/** What a query runs on. */
export type Environment = {
  readonly logs: readonly Row[];
  readonly metrics?: readonly MetricPoint[];
  /** Lookup tables: `/lookups/eks_dns/tunnels`. */
  readonly tables?: Readonly<Record<string, readonly Row[]>>;
  /** Values of a dashboard's variables are in the query already; this is the time that `now()` gives. */
  readonly now: Date;
  /** Whether `fieldsFlatten` replaces fields that are there. */
  readonly flattenReplaces?: boolean;
};

const valueAt = (row: Row, name: string): Value => row[name] ?? null;

/** The value of an expression for one record. */
export function evaluate(expression: Expression, row: Row, env: Environment): Value {
  const of = (inner: Expression): Value => evaluate(inner, row, env);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'duration':
      return new Duration(expression.ms);
    case 'field':
      return valueAt(row, expression.name);
    case 'list':
      return expression.items.map(({ value }) => of(value));
    case 'not': {
      const value = of(expression.of);
      return typeof value === 'boolean' ? !value : null;
    }
    case 'index': {
      const target = of(expression.of);
      if (expression.key === undefined) return Array.isArray(target) ? new Elements(target as Value[]) : null;
      if (target === null) return null;
      if (expression.key.kind === 'field') return valueAt(target as Row, expression.key.name);
      return (target as readonly Value[])[Number(of(expression.key))] ?? null;
    }
    case 'binary':
      return elementwise([of(expression.left), of(expression.right)], ([left = null, right = null]) =>
        operate(expression.op, left, right),
      );
    case 'call':
      return call(expression.name, expression.args, row, env);
    case 'query':
      throw new Error('a subquery is not a value');
  }
}

function call(name: string, args: readonly Argument[], row: Row, env: Environment): Value {
  if (name === 'now') return env.now;
  const apply = FUNCTIONS[name];
  if (apply === undefined) throw new Error(`unknown function ${name}`);
  const named = Object.fromEntries(
    args.flatMap(({ parameter, value }) =>
      parameter === undefined ? [] : [[parameter, evaluate(value, row, env)]],
    ),
  );
  const positional = args
    .filter(({ parameter }) => parameter === undefined)
    .map(({ value }) => evaluate(value, row, env));
  if (name.startsWith('i') && name !== 'if' && name !== 'in' && !name.startsWith('is'))
    return apply(positional, named);
  return elementwise(positional, (values) => apply(values, named));
}

/** Applies a function to each element where an argument is `field[]`. */
function elementwise(values: readonly Value[], apply: (values: readonly Value[]) => Value): Value {
  const elements = values.find((value) => value instanceof Elements);
  if (!(elements instanceof Elements)) return apply(values);
  return new Elements(
    elements.values.map((_, i) =>
      apply(values.map((value) => (value instanceof Elements ? (value.values[i] ?? null) : value))),
    ),
  );
}

const stored = (value: Value): Value => (value instanceof Elements ? value.values : value);

/** Runs a query and returns its records. */
export function runQuery(commands: readonly Command[], env: Environment): Row[] {
  return commands.reduce<Row[]>((rows, command) => runCommand(command, rows, env), []);
}

/** Runs the commands of a DQL processor on one record. */
export function runProcessor(commands: readonly Command[], row: Row, env: Environment): Row {
  return commands.reduce<Row[]>((rows, command) => runCommand(command, rows, env), [row])[0] ?? {};
}

function runCommand({ name, args }: Command, rows: Row[], env: Environment): Row[] {
  const run = COMMANDS[name];
  if (run === undefined) throw new Error(`unknown command ${name}`);
  return run(rows, args, env);
}

const parameterOf = (args: readonly Argument[], name: string): Expression | undefined =>
  args.find(({ parameter }) => parameter === name)?.value;
const positionalOf = (args: readonly Argument[]): Argument[] =>
  args.filter(({ parameter }) => parameter === undefined);
const itemsOf = (expression: Expression | undefined): readonly Argument[] =>
  expression === undefined
    ? []
    : expression.kind === 'list'
      ? expression.items
      : [{ parameter: undefined, alias: undefined, value: expression, isDescending: false }];

const literalOf = (one: Argument | undefined): Value =>
  one?.value.kind === 'literal' ? one.value.value : null;

/** `name` or `alias = expression`. */
function columnOf({ alias, value }: Argument): string {
  const name = alias ?? (value.kind === 'field' ? value.name : undefined);
  if (name === undefined) throw new Error('a column without a name');
  return name;
}

const COMMANDS: Readonly<
  Record<string, (rows: Row[], args: readonly Argument[], env: Environment) => Row[]>
> = {
  fetch: (_rows, args, env) => {
    const from = parameterOf(args, 'from');
    const start = from === undefined ? null : evaluate(from, {}, env);
    return env.logs.filter((row) => start === null || (compare(valueAt(row, 'timestamp'), start) ?? 0) >= 0);
  },
  load: (_rows, args, env) => {
    const path = args[0]?.value;
    const table = path?.kind === 'literal' ? env.tables?.[String(path.value)] : undefined;
    if (table === undefined) throw new Error('no such lookup table');
    return [...table];
  },
  filter: (rows, args, env) =>
    rows.filter((row) => positionalOf(args).every(({ value }) => evaluate(value, row, env) === true)),
  parse: (rows, args, env) => {
    const [source, pattern] = positionalOf(args);
    const [, kind, field] = /^(\w+):(\w+)$/.exec(String(literalOf(pattern))) ?? [];
    if (kind !== 'JSON' || field === undefined || source === undefined) throw new Error('unknown pattern');
    const only = parameterOf(args, 'parsingPrerequisite');
    return rows.map((row) => {
      const isWanted = only === undefined || evaluate(only, row, env) === true;
      return { ...row, [field]: isWanted ? jsonOf(evaluate(source.value, row, env)) : null };
    });
  },
  fieldsFlatten: (rows, args, env) => {
    const name = columnOf(args[0] as Argument);
    const prefix = parameterOf(args, 'prefix');
    const before = prefix === undefined ? `${name}.` : String(evaluate(prefix, {}, env));
    return rows.map((row) => {
      const members = Object.entries((valueAt(row, name) ?? {}) as Row).map(([key, value]) => [
        before + key,
        value,
      ]);
      const flat = Object.fromEntries(members) as Row;
      return env.flattenReplaces === false ? { ...flat, ...withoutNull(row) } : { ...row, ...flat };
    });
  },
  fieldsAdd: (rows, args, env) => rows.map((row) => addFields(row, args, env)),
  fields: (rows, args, env) =>
    rows.map((row) =>
      Object.fromEntries(args.map((one) => [columnOf(one), stored(evaluate(one.value, row, env))])),
    ),
  fieldsRemove: (rows, args) =>
    rows.map((row) => {
      const gone = new Set(args.map(columnOf));
      return Object.fromEntries(Object.entries(row).filter(([key]) => !gone.has(key)));
    }),
  limit: (rows, args) => rows.slice(0, Number(literalOf(args[0]))),
  sort: (rows, args, env) =>
    rows.toSorted((a, b) => {
      for (const { value, isDescending } of args) {
        const order = compare(evaluate(value, a, env), evaluate(value, b, env)) ?? 0;
        if (order !== 0) return isDescending ? -order : order;
      }
      return 0;
    }),
  expand: (rows, args, env) =>
    rows.flatMap((row) => {
      const [one] = positionalOf(args);
      const value = one && evaluate(one.value, row, env);
      if (!Array.isArray(value)) throw new Error('expand of something other than an array');
      return value.map((element: Value) => ({ ...row, [columnOf(one as Argument)]: element }));
    }),
  summarize: (rows, args, env) => {
    const columns = positionalOf(args).flatMap(({ alias, value }) =>
      value.kind === 'list' ? value.items : [{ alias, value } as Argument],
    );
    return groupsOf(rows, itemsOf(parameterOf(args, 'by')), env).map(({ key, members }) => ({
      ...key,
      ...Object.fromEntries(
        columns.map((one) => [
          columnOf(one),
          aggregate(one.value, members, (inner, row) => evaluate(inner, row, env)),
        ]),
      ),
    }));
  },
  makeTimeseries: (rows, args, env) =>
    seriesOf(
      args,
      rows,
      env,
      (one, members) => aggregate(one, members, (inner, row) => evaluate(inner, row, env)),
      (row) => valueAt(row, 'timestamp'),
    ),
  timeseries: (_rows, args, env) => {
    const only = parameterOf(args, 'filter');
    const points = (env.metrics ?? []).filter(
      ({ row }) =>
        only === undefined || itemsOf(only).every(({ value }) => evaluate(value, row, env) === true),
    );
    const rows = points.map(({ metric, value, row }) => ({ ...row, metric, value }));
    return seriesOf(
      args,
      rows,
      env,
      (one, members) => metricValue(one, members, env),
      (row) => valueAt(row, 'timestamp'),
    );
  },
  join: (rows, args, env) => join(rows, args, env),
  lookup: (rows, args, env) => {
    const table = runQuery(subqueryOf(args), env);
    const sourceField = columnOf(itemsOf(parameterOf(args, 'sourceField'))[0] as Argument);
    const lookupField = columnOf(itemsOf(parameterOf(args, 'lookupField'))[0] as Argument);
    const prefix = parameterOf(args, 'prefix');
    const before = prefix === undefined ? 'lookup.' : String(evaluate(prefix, {}, env));
    return rows.map((row) => {
      const value = valueAt(row, sourceField);
      const found =
        value === null ? undefined : table.find((one) => compare(valueAt(one, lookupField), value) === 0);
      return {
        ...row,
        ...Object.fromEntries(Object.entries(found ?? {}).map(([key, one]) => [before + key, one])),
      };
    });
  },
};

const withoutNull = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

function addFields(row: Row, args: readonly Argument[], env: Environment): Row {
  let result = row;
  for (const one of args) result = { ...result, [columnOf(one)]: stored(evaluate(one.value, result, env)) };
  return result;
}

/** A JSON object as a record; null for any other text. */
function jsonOf(value: Value): Row | null {
  try {
    const parsed: unknown = JSON.parse(String(value));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Row) : null;
  } catch {
    return null;
  }
}

function groupsOf(
  rows: readonly Row[],
  by: readonly Argument[],
  env: Environment,
): { key: Row; members: Row[] }[] {
  const groups = new Map<string, { key: Row; members: Row[] }>();
  for (const row of rows) {
    const key = Object.fromEntries(by.map((one) => [columnOf(one), evaluate(one.value, row, env)]));
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? { key, members: [] };
    groups.set(id, group);
    group.members.push(row);
  }
  return [...groups.values()];
}

const MINUTE_MS = 60_000;

function seriesOf(
  args: readonly Argument[],
  rows: readonly Row[],
  env: Environment,
  aggregated: (one: Expression, members: readonly Row[]) => Value,
  timeOf: (row: Row) => Value,
): Row[] {
  const columns = positionalOf(args).flatMap((one) => (one.value.kind === 'list' ? one.value.items : [one]));
  const interval = parameterOf(args, 'interval');
  const widthMs = interval?.kind === 'duration' ? interval.ms : MINUTE_MS;
  const binOf = (row: Row): number => Math.floor((timeOf(row) as Date).getTime() / widthMs);
  // Minutes without any record are left out: there may be years between records.
  const bins = [...new Set(rows.map(binOf))].toSorted((a, b) => a - b);
  return groupsOf(rows, itemsOf(parameterOf(args, 'by')), env).map(({ key, members }) => {
    const byBin = new Map<number, Row[]>(bins.map((bin) => [bin, []]));
    for (const row of members) byBin.get(binOf(row))?.push(row);
    const values = (one: Argument): Value => bins.map((bin) => aggregated(one.value, byBin.get(bin) ?? []));
    return { ...key, ...Object.fromEntries(columns.map((one) => [columnOf(one), values(one)])) };
  });
}

/** `sum(eks_dns.queries, default: 0, filter: {dns.response_code == "SERVFAIL"})`. */
function metricValue(expression: Expression, rows: readonly Row[], env: Environment): Value {
  if (expression.kind !== 'call' || expression.name !== 'sum')
    throw new Error('only sums of metrics are known');
  const metric = expression.args[0]?.value;
  const only = itemsOf(parameterOf(expression.args, 'filter'));
  const values = rows
    .filter((row) => metric?.kind === 'field' && row.metric === metric.name)
    .filter((row) => only.every(({ value }) => evaluate(value, row, env) === true))
    .map(({ value }) => Number(value));
  const missing = parameterOf(expression.args, 'default');
  if (values.length === 0) return missing === undefined ? null : evaluate(missing, {}, env);
  return values.reduce((sum, value) => sum + value, 0);
}

function subqueryOf(args: readonly Argument[]): readonly Command[] {
  const query = args[0]?.value;
  if (query?.kind !== 'query') throw new Error('expected a subquery');
  return query.commands;
}

function join(rows: readonly Row[], args: readonly Argument[], env: Environment): Row[] {
  const right = runQuery(subqueryOf(args), env);
  const conditions = itemsOf(parameterOf(args, 'on'));
  const kind = parameterOf(args, 'kind');
  const fields = itemsOf(parameterOf(args, 'fields'));
  const taken = (match: Row | undefined): Row =>
    Object.fromEntries(fields.map((one) => [columnOf(one), match ? evaluate(one.value, match, env) : null]));
  const holds = (row: Row, other: Row): boolean =>
    conditions.every(({ value }) => evaluate(value, { left: row, right: other }, env) === true);
  // Pairs that the first condition, `left[a] == right[b]`, excludes are not looked at.
  const key = conditions[0]?.value;
  if (key?.kind !== 'binary' || key.op !== '==') throw new Error('a join begins with an equality');
  const byKey = new Map<string, Row[]>();
  for (const other of right) {
    const text = JSON.stringify(evaluate(key.right, { right: other }, env));
    byKey.set(text, [...(byKey.get(text) ?? []), other]);
  }
  return rows.flatMap((row) => {
    const candidates = byKey.get(JSON.stringify(evaluate(key.left, { left: row }, env))) ?? [];
    const matches = candidates.filter((other) => holds(row, other));
    if (matches.length > 0) return matches.map((match) => ({ ...row, ...taken(match) }));
    return kind?.kind === 'field' && kind.name === 'leftOuter' ? [{ ...row, ...taken(undefined) }] : [];
  });
}
