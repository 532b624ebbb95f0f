// The queries that are shipped, each in `dynatrace/queries/<name>.dql`.
import { readdirSync, readFileSync } from 'node:fs';
import { CHARTS, chartFromLogs } from './charts.ts';
import { expandQuery } from './expand-query.ts';
import { listQueries } from './lists.ts';

const SOURCES = 'scripts/tools/dynatrace/queries';

const read = (name: string): string => expandQuery(readFileSync(`${SOURCES}/${name}.dql`, 'utf8'));

/** Text of every query by name, in the order of their names; `lists/tunnels` reads a lookup table. */
export function queryLibrary(): ReadonlyMap<string, string> {
  const written = readdirSync(SOURCES).map((file) => file.replace('.dql', ''));
  const all = [
    ...written.map((name) => [name, read(name)] as const),
    ...CHARTS.map((chart) => [chart.name, expandQuery(chartFromLogs(chart))] as const),
    ...listQueries().map(([name, source]) => [name, expandQuery(source)] as const),
  ];
  return new Map(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Text of one query. */
export function queryText(name: string): string {
  const text = queryLibrary().get(name);
  if (text === undefined) throw new Error(`no query ${name}`);
  return text;
}

/** The question that a query answers: its first comment. */
export const questionOf = (query: string): string => query.slice('// '.length, query.indexOf('\n'));
