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

  it('names only fields of the record and what it makes itself', () => {
    expect(unknownNames(query)).toEqual([]);
  });

  it('uses only commands that DQL documents, and closes what it opens', () => {
    expect(unknownCommands(query)).toEqual([]);
    expect(isBalanced(query)).toBe(true);
  });

  it('compares fields of a closed set only with values that they can have', () => {
    const closed = new Map(RECORD_FIELDS.map(({ name: field, values }) => [field, values]));
    const wrong = comparedValues(query).filter(
      ([field, value]) => closed.get(field)?.includes(value) === false,
    );
    expect(wrong).toEqual([]);
  });
});

describe('the check itself', () => {
  it.each([
    ['a field of another name', 'fetch logs\n| filter dns.question.nam == "x"', ['dns.question.nam']],
    ['a function that does not exist', 'fetch logs\n| filter entropy(content) > 1', ['entropy']],
    ['a name made nowhere', 'fetch logs\n| sort total desc', ['total']],
    ['an open set', 'fetch logs\n| filter k8s.pod.label.team == "x"', []],
  ])('sees %s', (_name, query, expected) => {
    expect(unknownNames(query)).toEqual(expected);
  });

  it('sees a command that does not exist, and a value that no record has', () => {
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
  it('has every query as a tile once', () => {
    const titles = Object.values(document().tiles)
      .filter(({ type }) => type === 'data')
      .map(({ title }) => title);
    expect(titles.sort()).toEqual(names.map((name) => questionOf(readQuery(name))).sort());
  });

  it('lays no tile over another, nor beside the grid', () => {
    const { tiles, layouts } = document();
    expect(Object.keys(layouts)).toEqual(Object.keys(tiles));
    const taken = new Set<string>();
    for (const { x, y, w, h } of Object.values(layouts)) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          expect(taken).not.toContain(`${column},${row}`);
          taken.add(`${column},${row}`);
        }
      }
    }
  });

  it('asks for name, pod and domain instead of the examples', () => {
    const queries = Object.values(document().tiles)
      .map(({ query = '' }) => query)
      .join('\n');
    expect(queries).not.toMatch(/"(www\.)?dynatrace\.com"|"cart-/);
    for (const variable of ['$Name', '$Pod', '$Domain']) expect(queries).toContain(variable);
  });

  it('is current in the repository', () => {
    expect(JSON.parse(readFileSync('dynatrace/dashboard.json', 'utf8'))).toEqual(dashboard());
  });
});
