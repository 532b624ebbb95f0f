import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { dashboard, questionOf, readQuery } from '../../scripts/tools/dynatrace/dashboard.ts';
import { RECORD_FIELDS } from '../../src/core/model/record-fields/index.ts';
import { comparedValues, isBalanced, unknownCommands, unknownNames } from './dql.ts';

const names = readdirSync('dynatrace/queries').map((file) => file.replace('.dql', ''));

type Tile = { type: string; query?: string; title?: string };
type Document = {
  tiles: Record<string, Tile>;
  layouts: Record<string, { x: number; y: number; w: number; h: number }>;
};
const document = (): Document => dashboard() as Document;

describe.each(names)('query %s', (name) => {
  const query = readQuery(name);

  it('begins with the question that it answers', () => {
    expect(query.startsWith('// ')).toBe(true);
    expect(questionOf(query)).toMatch(/^[A-Z].*\?$/);
  });

  it('uses only fields of the record and names that it defines', () => {
    expect(unknownNames(query)).toEqual([]);
  });

  it('counts queries, which one record may stand for', () => {
    const counts = [...query.matchAll(/(\w+) = count(?:If)?\(/g)].map(([, counted]) => counted);
    expect(counts).toEqual(name === 'volume-by-category' ? ['records'] : []);
  });

  it('uses only documented DQL commands, and its brackets are balanced', () => {
    expect(unknownCommands(query)).toEqual([]);
    expect(isBalanced(query)).toBe(true);
  });

  it('compares closed fields only with existing values', () => {
    const closed = new Map(RECORD_FIELDS.map(({ name: field, values }) => [field, values]));
    const wrong = comparedValues(query).filter(
      ([field, value]) => closed.get(field)?.includes(value) === false,
    );
    expect(wrong).toEqual([]);
  });
});

describe('the check of queries', () => {
  it.each([
    ['an unknown field', 'fetch logs\n| filter dns.question.nam == "x"', ['dns.question.nam']],
    ['an unknown function', 'fetch logs\n| filter entropy(content) > 1', ['entropy']],
    ['an undefined name', 'fetch logs\n| sort total desc', ['total']],
    ['no fault in a field with a wildcard', 'fetch logs\n| filter k8s.pod.label.team == "x"', []],
  ])('finds %s', (_name, query, expected) => {
    expect(unknownNames(query)).toEqual(expected);
  });

  it('finds an unknown command, and every compared value', () => {
    expect(unknownCommands('fetch logs\n| stats x = count()')).toEqual(['stats']);
    expect(
      comparedValues('| filter in("a", dns.signals) and log.source == "b" or in(loglevel, {"c", "d"})'),
    ).toEqual([
      ['log.source', 'b'],
      ['dns.signals', 'a'],
      ['loglevel', 'c'],
      ['loglevel', 'd'],
    ]);
  });
});

describe('dashboard', () => {
  it('has one tile for every query', () => {
    const titles = Object.values(document().tiles)
      .filter(({ type }) => type === 'data')
      .map(({ title }) => title);
    expect(titles.sort()).toEqual(names.map((name) => questionOf(readQuery(name))).sort());
  });

  it('places tiles within the grid and without overlaps', () => {
    const { tiles, layouts } = document();
    expect(Object.keys(layouts)).toEqual(Object.keys(tiles));
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

  it('uses variables for name, pod and domain instead of the examples', () => {
    const queries = Object.values(document().tiles)
      .map(({ query = '' }) => query)
      .join('\n');
    expect(queries).not.toMatch(/"(www\.)?dynatrace\.com"|"cart-/);
    for (const variable of ['$Name', '$Pod', '$Domain']) expect(queries).toContain(variable);
  });

  it('is up to date in the repository', () => {
    expect(JSON.parse(readFileSync('dynatrace/dashboard.json', 'utf8'))).toEqual(dashboard());
  });
});
