import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { dashboard, VARIABLES } from '../../scripts/tools/dynatrace/dashboard.ts';
import { expandQuery } from '../../scripts/tools/dynatrace/expand-query.ts';
import { notebook } from '../../scripts/tools/dynatrace/notebook.ts';
import { queryLibrary, questionOf } from '../../scripts/tools/dynatrace/query-library.ts';
import { RECORD_FIELDS } from '../../src/core/model/record-fields/index.ts';
import { createOmits, leanFields } from '../../src/core/model/record-fields/omission.ts';
import { runQuery } from './dql/evaluate.ts';
import { comparedValues, unknownFields } from './dql/fields.ts';
import { parseQuery } from './dql/parse.ts';
import type { Row } from './dql/values.ts';
import { readLists } from './lookup-tables.ts';
import { metricsOf, SHAPES } from './tenant.ts';
import { NOW, TRAFFIC } from './traffic.ts';

const QUERIES = [...queryLibrary()];
const TABLES = readLists();

const shapes = Object.entries(SHAPES).map(
  ([name, shape]) => [name, TRAFFIC.map((record) => shape(record))] as const,
);
const [plain = [], ...others] = shapes.map(([, rows]) => rows);
const PROCESSED = shapes.find(([name]) => name === 'with the processor')?.[1] ?? [];
const METRICS = metricsOf(PROCESSED);

/** Records of `OMIT=lean`, half of them behind the processor. */
const omits = createOmits(leanFields());
const LEAN_LOGS = TRAFFIC.map((record, i) => {
  const lean = Object.fromEntries(Object.entries(record).filter(([name]) => !omits(name)));
  return SHAPES[i % 2 === 0 ? 'with the processor' : 'without the processor'](lean);
});

const run = (query: string, logs: readonly Row[]): Row[] =>
  runQuery(parseQuery(query), { logs, metrics: METRICS, tables: TABLES, now: NOW });

/** The rows without estimates of size, which depend on where a record is. */
const comparable = (rows: readonly Row[]): Row[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).filter(([name]) => name !== 'megabytes' && name !== 'saved_megabytes'),
    ),
  );

describe.each(QUERIES)('query %s', (name, query) => {
  it('begins with the question that it answers', () => {
    expect(query.startsWith('// ')).toBe(true);
    expect(questionOf(query)).toMatch(/^[A-Z].*\?$/);
  });

  it('names only fields of the record, and compares closed fields only with existing values', () => {
    const commands = parseQuery(query);
    expect(unknownFields(commands)).toEqual([]);
    const closed = new Map(RECORD_FIELDS.map(({ name: field, values }) => [field, values]));
    const wrong = comparedValues(commands).filter(
      ([field, value]) => closed.get(field)?.includes(value) === false,
    );
    expect(wrong).toEqual([]);
  });

  it('finds the same with and without the processor', () => {
    const rows = run(query, plain);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toBe(JSON.stringify(run(query, [])));
    for (const logs of others) expect(comparable(run(query, logs))).toEqual(comparable(rows));
  });

  it('finds something in lean records, too', () => {
    expect(run(query, LEAN_LOGS).length).toBeGreaterThan(0);
  });

  it('counts queries, which one record may stand for', () => {
    const counts = [...query.matchAll(/(\w+) = count(?:If)?\(/g)].map(([, counted]) => counted);
    expect(counts).toEqual(name === 'volume-by-category' ? ['records'] : []);
  });

  it('reads one bucket', () => {
    expect(query.match(/fetch logs.*/g)?.every((line) => line.includes('bucket: {"default_logs"}'))).toBe(
      true,
    );
  });
});

describe('what queries find', () => {
  const rowsOf = (name: string, logs = plain): Row[] => run(queryLibrary().get(name) ?? '', logs);

  it('counts queries, not records', () => {
    const [row] = rowsOf('ndots-waste').filter((one) => one.wasted !== 0);
    expect(row?.wasted).toBeGreaterThanOrEqual(20);
    const lookups = rowsOf('ndots-waste').find((one) => one['k8s.namespace.name'] === 'lookups');
    expect(lookups).toMatchObject({ queries: 6, wasted: 4 });
    expect(rowsOf('lists/tunnels')[0]).toMatchObject({
      'dns.question.name': 'abc.trycloudflare.com',
      queries: 6,
    });
  });

  it('decodes hexadecimal labels', () => {
    expect(rowsOf('data-in-names').map(({ decoded }) => decoded)).toEqual(
      expect.arrayContaining([
        ['part 0', null],
        ['part 1', null],
        ['part 2', null],
      ]),
    );
  });

  it('shows the protection of an advanced rule', () => {
    expect(rowsOf('firewall-hits').map((row) => row['aws.route53.firewall.protection'])).toContain(
      'DNS_TUNNELING',
    );
  });

  it('shows the answer of the Resolver beside the query of the pod', () => {
    expect(rowsOf('answers-for-pod')).toMatchObject([{ 'dns.question.name': 'www.dynatrace.com' }]);
    expect(rowsOf('answers-for-pod')[0]?.answers).not.toBeNull();
  });

  it('tells AWS services with public addresses from those with an endpoint', () => {
    const names = rowsOf('aws-over-public-addresses').map((row) => row['dns.question.name']);
    expect(names).toContain('sts.eu-west-1.amazonaws.com');
    expect(names).not.toContain('sqs.eu-west-1.amazonaws.com');
  });

  it('names private answers only', () => {
    const row = rowsOf('private-answers').find((one) => one.example === 'intranet.example.org');
    expect(row?.addresses).toEqual(['10.9.8.7']);
  });

  it('says why a look-up failed', () => {
    expect(rowsOf('why-lookups-fail')).toMatchObject([
      { cause: 'timeout', 'dns.upstream': '10.0.0.2:53', lookups: 1, example_name: 'down.example.com' },
    ]);
  });

  it('counts domains that do not exist', () => {
    expect(rowsOf('generated-domains')).toMatchObject([{ queries: 145, domains: 26, mean_length: 8.5 }]);
  });

  it('takes no record for a DNS record that is none', () => {
    const foreign = [
      { timestamp: NOW, content: '{"log.source":"coredns","dns.question.name":"www.dynatrace.com"}' },
      { timestamp: NOW, content: 'about "dns.client.attribution"' },
    ];
    expect(rowsOf('clients-of-name', foreign)).toEqual([]);
  });
});

describe('expandQuery', () => {
  it('lifts the fields that a query and each subquery use', () => {
    const source = `// Why?
fetch dns, from: now() - 1d
| filter client.ip == "dns.id"
| join [
    fetch dns
    | fields dns.id
  ], on: {left[dns.id] == right[dns.id]}`;
    expect(expandQuery(source)).toBe(`// Why?
fetch logs, bucket: {"default_logs"}, from: now() - 1d
| filter isNotNull(dns.client.attribution) or contains(content, "\\"dns.client.attribution\\"")
| parse content, "JSON:record", parsingPrerequisite: isNull(dns.client.attribution)
| fieldsAdd dns.id = coalesce(record[dns.id], dns.id),
    client.ip = coalesce(record[client.ip], client.ip)
| filter client.ip == "dns.id"
| join [
    fetch logs, bucket: {"default_logs"}
    | filter isNotNull(dns.client.attribution) or contains(content, "\\"dns.client.attribution\\"")
    | parse content, "JSON:record", parsingPrerequisite: isNull(dns.client.attribution)
    | fieldsAdd dns.id = coalesce(record[dns.id], dns.id)
    | fields dns.id
  ], on: {left[dns.id] == right[dns.id]}`);
  });
});

describe('the check of queries', () => {
  it.each([
    ['an unknown field', 'fetch logs\n| filter dns.question.nam == "x"', ['dns.question.nam']],
    ['an undefined name', 'fetch logs\n| sort total desc', ['total']],
    ['no fault in a field with a wildcard', 'fetch logs\n| filter k8s.pod.label.team == "x"', []],
  ])('finds %s', (_name, query, expected) => {
    expect(unknownFields(parseQuery(query))).toEqual(expected);
  });

  it.each([
    'fetch logs\n| stats x = count()',
    'fetch logs\n| filter entropy(content) > 1',
    'fetch logs\n| filter (a',
  ])('fails at %j', (query) => {
    expect(() => run(query, plain)).toThrow();
  });

  it('finds every compared value', () => {
    const query =
      'fetch logs\n| filter in("a", dns.signals) and log.source == "b" or in(loglevel, {"c", "d"})';
    expect(comparedValues(parseQuery(query))).toEqual([
      ['dns.signals', 'a'],
      ['log.source', 'b'],
      ['loglevel', 'c'],
      ['loglevel', 'd'],
    ]);
  });
});

type Tile = { type: string; query?: string; title?: string };
type Document = {
  tiles: Record<string, Tile>;
  layouts: Record<string, { x: number; y: number; w: number; h: number }>;
  variables: { key: string; type: string; version: number; defaultValue: string }[];
};

describe.each(['metrics', 'logs'] as const)('dashboard with charts from %s', (charts) => {
  const document = dashboard(charts) as Document;
  const tiles = Object.values(document.tiles).flatMap(({ title = '', query }) =>
    query === undefined ? [] : [{ title, query }],
  );
  const withExamples = (query: string): string =>
    Object.entries(VARIABLES).reduce((text, [key, value]) => text.replaceAll(`$${key}`, `"${value}"`), query);

  it('has a tile for every query but those that scan many days or need lookup tables', () => {
    const questions = QUERIES.filter(([name]) => name !== 'first-seen-domains' && !name.startsWith('lists/'));
    expect(tiles.map(({ title }) => title).sort()).toEqual(
      questions.map(([, query]) => questionOf(query)).sort(),
    );
  });

  it.each(tiles.map(({ title, query }) => [title, withExamples(query)]))('%s', (_, query) => {
    const isChart = query.includes('timeseries {');
    expect(isChart).toBe(charts === 'metrics' && !query.includes('fetch logs'));
    const rows = run(query, isChart ? [] : PROCESSED);
    expect(rows.length).toBeGreaterThan(0);
    if (!isChart) expect(run(query, plain).length).toBe(rows.length);
  });

  it('places tiles within the grid and without overlaps', () => {
    const { layouts } = document;
    expect(Object.keys(layouts)).toEqual(Object.keys(document.tiles));
    const occupied = new Set<string>();
    for (const { x, y, w, h } of Object.values(layouts)) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          expect(occupied).not.toContain(`${column},${row}`);
          occupied.add(`${column},${row}`);
        }
      }
    }
  });

  it('uses variables instead of the examples', () => {
    const queries = tiles.map(({ query }) => query).join('\n');
    expect(queries).not.toMatch(/"(www\.)?dynatrace\.com"|"cart-|"default_logs"/);
    for (const { key, type, version } of document.variables) {
      expect(queries).toContain(`$${key}`);
      expect([type, version]).toEqual(['text', 1]);
    }
  });
});

it('charts show the same from metrics as from logs', () => {
  const chartsOf = (charts: 'metrics' | 'logs') =>
    Object.values((dashboard(charts) as Document).tiles).filter(({ query }) => query?.match(/timeseries/i));
  const [metrics, logs] = [chartsOf('metrics'), chartsOf('logs')];
  expect(metrics).toHaveLength(4);
  const sums = (rows: readonly Row[]) =>
    Object.fromEntries(
      Object.entries(rows[0] ?? {}).map(([name, values]) => [
        name,
        (values as number[]).reduce((sum, value) => sum + (value ?? 0), 0),
      ]),
    );
  for (const [i, { query = '' }] of metrics.entries()) {
    const ofLogs = logs[i]?.query?.replaceAll('$Bucket', '"default_logs"') ?? '';
    const expected = sums(run(ofLogs, PROCESSED));
    expect(Object.values(expected).some((sum) => sum > 0)).toBe(true);
    expect(sums(run(query, []))).toEqual(expected);
  }
});

it('the notebook has a section for every query, those of lists last', () => {
  const { sections } = notebook() as {
    sections: { id: string; type: string; state?: { input: { value: string } } }[];
  };
  const values = sections.flatMap(({ state }) => (state === undefined ? [] : [state.input.value]));
  expect([...values].sort()).toEqual(QUERIES.map(([, query]) => query).sort());
  expect(values.slice(-6).every((query) => query.includes('/lookups/'))).toBe(true);
  expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
});

it('every source of a query has its generated file', () => {
  for (const [name, query] of QUERIES)
    expect(readFileSync(`dynatrace/queries/${name}.dql`, 'utf8')).toBe(`${query}\n`);
  const files = readdirSync('dynatrace/queries', { recursive: true }).filter((file) =>
    String(file).endsWith('.dql'),
  );
  expect(files).toHaveLength(QUERIES.length);
});
