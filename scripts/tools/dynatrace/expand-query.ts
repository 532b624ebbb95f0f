// The sources of the queries begin with `fetch dns`, which no Dynatrace has. It is replaced by commands that give the same
// fields whether the OpenPipeline processor has lifted a record into attributes or the record is still JSON in `content`.
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';

/** The bucket in the queries; an example to replace, and a variable of the dashboards. */
export const EXAMPLE_BUCKET = 'default_logs';

/**
 * Fields that are read in another way than `coalesce(record[field], field)`. The record's member comes first, because
 * Dynatrace sets some of the names itself (`log.source`, `aws.region`); behind the processor there is no `record`.
 */
const SPECIAL: Readonly<Record<string, string>> = {
  timestamp: 'coalesce(toTimestamp(record[timestamp]), timestamp)',
  'dns.query.count': 'coalesce(record[dns.query.count], dns.query.count, 1)',
};

/**
 * The queries for the name of the record itself. `AGGREGATE=lookup` lets the search expansions of a look-up ride on the
 * record of its name: `dns.query.count` counts both.
 */
const OWN_QUERIES =
  'own_queries = dns.query.count / if(isNull(dns.question.intended_name), coalesce(arraySize(dns.query.suffixes), 0) + 1, else: 1)';

/** Members of the record that stay as they are: `content` is the text of the log record itself. */
const NOT_LIFTED: ReadonlySet<string> = new Set(['content']);

const FIELDS = RECORD_FIELDS.map(({ name }) => name);

const FETCH = /^( *)fetch dns(.*)$/gm;

/** Replaces every `fetch dns` of a query's source: `fetch dns, from: now() - 14d`. */
export function expandQuery(source: string): string {
  return source.trim().replaceAll(FETCH, (_, indent: string, parameters: string, at: number) => {
    const scope = scopeAt(source.trim(), at);
    const lines = [
      `fetch logs, bucket: {"${EXAMPLE_BUCKET}"}${parameters}`,
      '| filter isNotNull(dns.client.attribution) or contains(content, "\\"dns.client.attribution\\"")',
      '| parse content, "JSON:record", parsingPrerequisite: isNull(dns.client.attribution)',
      `| fieldsAdd ${fieldsIn(scope).map(liftedField).join(`,\n${indent}    `)}`,
      ...(usesOwnQueries(scope) ? [`| fieldsAdd ${OWN_QUERIES}`] : []),
    ];
    return lines.map((line) => indent + line).join('\n');
  });
}

const liftedField = (name: string): string =>
  `${name} = ${SPECIAL[name] ?? `coalesce(record[${name}], ${name})`}`;

/** The text from `at` to the end of its subquery. */
function scopeAt(text: string, at: number): string {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === '[') depth++;
    if (text[i] === ']' && --depth < 0) return text.slice(at, i);
  }
  return text.slice(at);
}

/** Fields of the record that a query names outside its subqueries and texts, in the order of the record. */
function fieldsIn(scope: string): string[] {
  const text = scope.replaceAll(/^\s*\/\/.*$/gm, '').replaceAll(/"[^"]*"/g, '""');
  const own = withoutSubqueries(text);
  const used = new Set([...own.matchAll(/[A-Za-z_]\w*(?:\.\w+)*/g)].map(([name]) => name));
  if (used.has('makeTimeseries')) used.add('timestamp');
  if (used.has('own_queries')) for (const [name] of OWN_QUERIES.matchAll(/dns(?:\.\w+)+/g)) used.add(name);
  const open = FIELDS.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  const listed = new Set(FIELDS.filter((name) => used.has(name) && !NOT_LIFTED.has(name)));
  const others = [...used].filter(
    (name) => !listed.has(name) && open.some((prefix) => name.startsWith(prefix)),
  );
  return [...listed, ...others];
}

const usesOwnQueries = (scope: string): boolean => withoutSubqueries(scope).includes('own_queries');

/** Without `[ fetch dns ... ]`: a subquery lifts its fields itself. */
function withoutSubqueries(text: string): string {
  let result = '';
  let at = 0;
  for (const { index } of text.matchAll(/\[\s*fetch dns/g)) {
    if (index < at) continue;
    result += text.slice(at, index);
    at = index + 1 + scopeAt(text, index + 1).length + 1;
  }
  return result + text.slice(at);
}
