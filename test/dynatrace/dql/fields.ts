// What a query says about fields, without running it.
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';
import type { Argument, Command, Expression } from './parse.ts';

/** Parameters whose value is a word of the language, or a column of a lookup table. */
const WORDS: ReadonlySet<string> = new Set(['kind', 'executionOrder', 'lookupField', 'bucket']);

/** Fields that Dynatrace or the queries themselves make: `record` is the parsed content. */
const OTHERS: ReadonlySet<string> = new Set(['record', 'left', 'right', 'logs']);

/** Names in a query that are neither fields of the record nor defined by the query. */
export function unknownFields(commands: readonly Command[]): string[] {
  const seen: string[] = [];
  const defined = new Set<string>();
  visit(commands, (one) => {
    if ('alias' in one) {
      if (one.alias !== undefined) defined.add(one.alias);
    } else if (one.kind === 'field') seen.push(one.name);
  });
  return seen.filter((name) => !defined.has(name) && !OTHERS.has(name) && !isField(name) && !isLooked(name));
}

/** Comparisons of a field with a text, `[field, text]`: `a == "x"`, `in(a, {"x"})`, `in("x", a)`, `matchesValue(a, "x")`. */
export function comparedValues(commands: readonly Command[]): [field: string, value: string][] {
  const found: [string, string][] = [];
  const add = (field: Expression | undefined, value: Expression | undefined): void => {
    const items = value?.kind === 'list' ? value.items.map((item) => item.value) : [value];
    if (field?.kind !== 'field') return;
    for (const item of items)
      if (item?.kind === 'literal' && typeof item.value === 'string') found.push([field.name, item.value]);
  };
  visit(commands, (one) => {
    if ('alias' in one) return;
    if (one.kind === 'binary' && (one.op === '==' || one.op === '!=')) add(one.left, one.right);
    if (one.kind !== 'call' || (one.name !== 'in' && one.name !== 'matchesValue')) return;
    const [first, second] = one.args.map(({ value }) => value);
    add(first, second);
    add(second, first);
  });
  return found;
}

/** Calls `see` for every argument and expression of a query and its subqueries. */
function visit(commands: readonly Command[], see: (one: Argument | Expression) => void): void {
  const argument = (one: Argument): void => {
    see(one);
    if (one.parameter === undefined || !WORDS.has(one.parameter)) expression(one.value);
  };
  const expression = (one: Expression): void => {
    see(one);
    if (one.kind === 'call') one.args.forEach(argument);
    if (one.kind === 'list') one.items.forEach(argument);
    if (one.kind === 'not') expression(one.of);
    if (one.kind === 'index') {
      expression(one.of);
      if (one.key !== undefined) expression(one.key);
    }
    if (one.kind === 'binary') {
      expression(one.left);
      expression(one.right);
    }
    if (one.kind === 'query') visit(one.commands, see);
  };
  for (const { args } of commands) args.forEach(argument);
}

/** Columns that `lookup` adds, by their prefix. */
const isLooked = (name: string): boolean => /^by_(?:domain|name)\./.test(name);

function isField(name: string): boolean {
  return RECORD_FIELDS.some((field) =>
    field.name.endsWith('*') ? name.startsWith(field.name.slice(0, -1)) : field.name === name,
  );
}
