import { expect, it } from '@jest/globals';
import {
  type AttributeList,
  addUnknown,
  isExact,
} from '../../../../src/core/sources/route53-common/unknown-members.ts';

const added = (name: string, value: unknown): AttributeList => {
  const out: AttributeList = [];
  addUnknown(out, name, value);
  return out;
};

it.each([
  ['text', 'x', [['n', 'x']]],
  ['a number', 0, [['n', 0]]],
  ['false', false, [['n', false]]],
  [
    'an object',
    { a: 1, b: { c: 'x' } },
    [
      ['n.a', 1],
      ['n.b.c', 'x'],
    ],
  ],
  ['a third object', { a: { b: { c: 1 } } }, [['n.a.b', '{"c":1}']]],
  ['empty values in an object', { a: null, b: '', c: undefined, d: [], e: 1 }, [['n.e', 1]]],
  ['an empty object', {}, []],
  ['a list of text', ['a', 'b'], [['n', ['a', 'b']]]],
  ['a list with an empty text', ['a', ''], [['n', '["a",""]']]],
  ['a list of numbers', [1, 2], [['n', '[1,2]']]],
  ['32 texts', new Array(32).fill('a'), [['n', new Array(32).fill('a')]]],
  ['33 texts', new Array(33).fill('a'), [['n', JSON.stringify(new Array(33).fill('a'))]]],
  ['a number that is not exact', 2 ** 53, []],
  ['a list with such a number', [2 ** 53], []],
])('%s', (_, value, expected) => {
  expect(added('n', value)).toEqual(expected);
});

it('takes names of 100 bytes, and no longer ones', () => {
  expect(added('x'.repeat(100), 1)).toHaveLength(1);
  expect(added('x'.repeat(101), 1)).toEqual([]);
});

it.each(['line\nbreak', '', 'q"', 'a b', 'zero\u200bwidth', 'é', '\ud800', 'x'.repeat(90)])(
  'leaves out a member whose name Dynatrace refuses: %j',
  (name) => {
    expect(added(`aws.route53.${name}`, 1)).toEqual([]);
    expect(added('aws.route53.member', { [name]: 1, ok: 2 })).toEqual([['aws.route53.member.ok', 2]]);
  },
);

it('takes 64 members, and the first of two with one name', () => {
  const out: AttributeList = [];
  for (let i = 0; i < 64; i++) addUnknown(out, `n${i}`, i);
  expect(out).toHaveLength(64);
  addUnknown(out, 'one more', 1);
  expect(out).toHaveLength(64);
  const twice: AttributeList = [];
  addUnknown(twice, 'n', 1);
  addUnknown(twice, 'n', 2);
  expect(twice).toEqual([['n', 1]]);
});

it.each([
  [0, true],
  [-1.5, true],
  [Number.MAX_SAFE_INTEGER, true],
  [Number.MAX_SAFE_INTEGER + 1, false],
  [1e21, false],
  [Number.POSITIVE_INFINITY, false],
  [Number.NaN, false],
])('%d is exact: %p', (value, expected) => {
  expect(isExact(value)).toBe(expected);
});
