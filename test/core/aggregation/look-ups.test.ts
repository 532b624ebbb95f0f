import { describe, expect, it } from '@jest/globals';
import { createAggregator, MERGED, type RecordRoles } from '../../../src/core/aggregation/index.ts';
import type { Query } from '../../../src/core/aggregation/query.ts';

type Draft = Partial<Query> & { readonly type: string };

const aggregate = createAggregator({ aggregate: new Set(['lookup'] as const) });

/** `A`, `A+ns.svc`: a query for the name, or with a suffix; all for one name by one client. */
function draft(text: string, timeMs = 0): Draft {
  const [type = '', suffix] = text.split('+');
  const code = suffix === undefined ? 'NOERROR' : 'NXDOMAIN';
  return { type, suffix, code, timeMs, name: suffix === undefined ? 'x.test' : `x.test.${suffix}` };
}

const query = (members: Draft, index: number): Query => ({
  record: 0,
  index,
  timeMs: 0,
  clientKey: 1,
  name: 'x.test',
  code: 'NOERROR',
  target: 'x.test',
  suffix: undefined,
  category: 'external',
  durationNs: undefined,
  ...members,
});

const planOf = (drafts: readonly Draft[], alone: readonly number[] = []) =>
  aggregate?.(drafts.map(query), new Set(alone));
const rolesOf = (drafts: readonly Draft[]): RecordRoles => planOf(drafts)?.roles.get(0) ?? new Map();

/** `1: 3 A,AAAA [ns.svc]`: event 1 carries three queries. */
const summaryOf = (roles: RecordRoles): string[] =>
  [...roles]
    .sort(([a], [b]) => a - b)
    .map(([index, role]) =>
      role === MERGED ? `${index}: merged` : `${index}: ${role.count} ${role.types} [${role.suffixes}]`,
    );

describe('one look-up', () => {
  it.each([
    ['the name alone', ['A'], []],
    ['both types', ['A', 'AAAA'], ['0: 2 A,AAAA []', '1: merged']],
    [
      'search expansions ride on the name',
      ['A+ns.svc', 'A+svc', 'A'],
      ['0: merged', '1: merged', '2: 3 A [ns.svc,svc]'],
    ],
    [
      'search expansions and both types',
      ['A+svc', 'AAAA+svc', 'AAAA', 'A'],
      ['0: merged', '1: merged', '2: 4 A,AAAA [svc]', '3: merged'],
    ],
    [
      'expansions without the name: the first one carries, and lists itself',
      ['A+ns.svc', 'A+svc'],
      ['0: 2 A [ns.svc,svc]', '1: merged'],
    ],
    ['one expansion for both types', ['A+svc', 'AAAA+svc'], ['0: 2 A,AAAA []', '1: merged']],
    [
      'types with other suffixes are told apart',
      ['A+ns.svc', 'AAAA+svc', 'A', 'AAAA'],
      ['0: merged', '1: merged', '2: 2 A [ns.svc]', '3: 2 AAAA [svc]'],
    ],
    ['one type without the name', ['A+svc', 'AAAA+svc', 'A'], ['0: merged', '2: 2 A [svc]']],
    [
      'the same name and type twice is two look-ups',
      ['A', 'AAAA', 'A', 'AAAA'],
      ['0: 2 A,AAAA []', '1: merged', '2: 2 A,AAAA []', '3: merged'],
    ],
    [
      'two look-ups at the same time',
      ['A+svc', 'A+svc', 'A', 'A'],
      ['0: merged', '1: merged', '2: 2 A [svc]', '3: 2 A [svc]'],
    ],
  ])('%s', (_, drafts, expected) => {
    expect(summaryOf(rolesOf(drafts.map((text) => draft(text))))).toEqual(expected);
  });

  it('keeps types apart whose result differs', () => {
    const drafts = [draft('A'), { ...draft('AAAA'), code: 'NXDOMAIN' }];
    expect(summaryOf(rolesOf(drafts))).toEqual([]);
  });

  it.each([
    ['client', { clientKey: 2 }],
    ['name', { target: 'y.test', name: 'y.test' }],
  ])('keeps queries apart whose %s differs', (_, members) => {
    expect(summaryOf(rolesOf([draft('A'), { ...draft('AAAA'), ...members }]))).toEqual([]);
  });

  it.each([
    [5000, ['0: 2 A,AAAA []', '1: merged']],
    [5001, []],
  ])('lasts at most 5 s: %i ms', (timeMs, expected) => {
    expect(summaryOf(rolesOf([draft('A'), draft('AAAA', timeMs)]))).toEqual(expected);
  });

  it('tells the times of its first and last query, in any order of the batch', () => {
    const roles = rolesOf([draft('A', 300), draft('AAAA', 350), draft('A+svc', 200), draft('AAAA+svc', 210)]);
    expect(roles.get(0)).toEqual({
      count: 4,
      types: ['A', 'AAAA'],
      suffixes: ['svc'],
      firstMs: 200,
      lastMs: 350,
      durationNs: undefined,
    });
  });
});

describe('what a record lists is bounded', () => {
  const counts = (drafts: readonly Draft[]): number[] =>
    [...rolesOf(drafts).values()].flatMap((role) => (role === MERGED ? [] : [role.count]));

  it('in types', () => {
    expect(counts(Array.from({ length: 10 }, (_, i) => draft(`T${i}`)))).toEqual([8, 2]);
  });

  it('in suffixes', () => {
    expect(counts(Array.from({ length: 34 }, (_, i) => draft(`A+s${i}`)))).toEqual([32, 2]);
  });

  it('in characters', () => {
    const long = (i: number): Draft => draft(`A+${String(i).repeat(200)}`);
    expect(counts([1, 2, 3, 4].map(long))).toEqual([2, 2]);
    expect(summaryOf(rolesOf([draft('T'.repeat(17)), draft('A'), draft('AAAA')]))).toEqual([
      '1: 2 A,AAAA []',
      '2: merged',
    ]);
  });

  it('and so is the time for many look-ups of one name', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => draft(`T${i % 50_000}+s${i % 3}`, i >> 4));
    // Quadratic work would exceed the limit of a test.
    expect(planOf(many)?.linked).toEqual(new Set());
  });
});

it('records that are alone share nothing with others', () => {
  const drafts = [draft('A'), { ...draft('AAAA'), record: 1 }, { ...draft('HTTPS'), record: 2 }];
  expect([...(planOf(drafts)?.linked ?? [])]).toEqual([1, 0, 2]);
  expect([...(planOf(drafts, [1])?.linked ?? [])]).toEqual([2, 0]);
  expect(planOf(drafts, [0, 1, 2])).toEqual({ roles: new Map(), linked: new Set() });
});

it('is off by default', () => {
  expect(createAggregator({ aggregate: new Set() })).toBeUndefined();
});
