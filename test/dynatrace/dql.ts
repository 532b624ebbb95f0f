import { RECORD_FIELDS } from '../../src/core/model/record-fields/index.ts';

// https://docs.dynatrace.com/docs/shortlink/dql-commands, https://docs.dynatrace.com/docs/shortlink/dql-functions
const COMMANDS =
  'dedup expand fetch fields fieldsAdd fieldsRemove filter join limit makeTimeseries sort summarize'.split(
    ' ',
  );
const FUNCTIONS =
  'arraySize coalesce collectDistinct concat count countDistinct countIf endsWith if in isNotNull isNull max median min now percentile replaceString round stringLength sum takeAny toDouble'.split(
    ' ',
  );
const WORDS =
  'and or not asc desc by on kind fields left right leftOuter inner logs from else decimals maxLength true false null'.split(
    ' ',
  );

/** The query without comments and with empty string literals: only names, numbers and symbols remain. */
const bare = (query: string): string => query.replaceAll(/^\s*\/\/.*$/gm, '').replaceAll(/"[^"]*"/g, '""');

/** Names that are not a field of the record, not defined in the query and not part of the documented language. */
export function unknownNames(query: string): string[] {
  const text = bare(query).replaceAll(/\$\w+/g, '""');
  const defined = new Set([...text.matchAll(/([a-z_]\w*) = /g)].map(([, name]) => name));
  const used = [...text.matchAll(/(?<![\w.])([A-Za-z_]\w*(?:\.\w+)*)(\s*\()?/g)];
  return used
    .filter(([, name = '', call]) => {
      if (call !== undefined) return !FUNCTIONS.includes(name) && !WORDS.includes(name) && !isField(name);
      return !defined.has(name) && !WORDS.includes(name) && !COMMANDS.includes(name) && !isField(name);
    })
    .map(([, name = '']) => name);
}

/** Commands that are not documented in DQL. */
export const unknownCommands = (query: string): string[] =>
  [...bare(query).matchAll(/\|\s*(\w+)/g)]
    .map(([, command = '']) => command)
    .filter((name) => !COMMANDS.includes(name));

function isField(name: string): boolean {
  return RECORD_FIELDS.some((field) =>
    field.name.endsWith('*') ? name.startsWith(field.name.slice(0, -1)) : field.name === name,
  );
}

/** Whether brackets are balanced and nested correctly. */
export function isBalanced(query: string): boolean {
  const open: string[] = [];
  const opening: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
  for (const symbol of bare(query)) {
    if ('([{'.includes(symbol)) open.push(symbol);
    else if (symbol in opening && open.pop() !== opening[symbol]) return false;
  }
  return open.length === 0;
}

/** Comparisons of a field with a string literal in a query, each as `[field, value]`. */
export function comparedValues(query: string): [string, string][] {
  const direct = [...query.matchAll(/([a-z][\w.]*) [!=]= "([^"]*)"/g)].map(
    ([, field = '', value = '']) => [field, value] as [string, string],
  );
  const members = [...query.matchAll(/in\("([^"]*)", ([a-z][\w.]*)\)/g)].map(
    ([, value = '', field = '']) => [field, value] as [string, string],
  );
  const listed = [...query.matchAll(/in\(([a-z][\w.]*), \{([^}]*)\}\)/g)].flatMap(
    ([, field = '', list = '']) =>
      [...list.matchAll(/"([^"]*)"/g)].map(([, value = '']) => [field, value] as [string, string]),
  );
  return [...direct, ...members, ...listed];
}
