import { describe, expect, it } from '@jest/globals';
import { isTooComplex, parseObject } from '../../../src/core/util/json.ts';

const values = (count: number): string => `{"a":[${Array.from({ length: count }, () => '1').join()}]}`;
const nested = (depth: number): string => `${'['.repeat(depth)}${' '.repeat(8192)}${']'.repeat(depth)}`;

describe('isTooComplex', () => {
  it.each([
    ['short text, whatever is in it', '['.repeat(8192), false],
    ['longer text', '['.repeat(8193), true],
    ['16,000 values', values(16_000), false],
    ['17,000 values', values(17_000), true],
    ['64 levels', nested(64), false],
    ['65 levels', nested(65), true],
    ['a string with many brackets and commas', JSON.stringify({ a: '[{,"'.repeat(30_000) }), false],
    ['a string that does not end', `{"a":"${','.repeat(30_000)}`, false],
    ['many values behind a string', `{"a":"\\"","b":[${'1,'.repeat(17_000)}1]}`, true],
    ['many objects, one after the other', `[${'{},'.repeat(9000)}0]`, true],
  ])('%s', (_, text, expected) => {
    expect(isTooComplex(text)).toBe(expected);
  });
});

it('parses objects that are not too complex', () => {
  expect(parseObject('{"a":1}')).toEqual({ a: 1 });
  expect([parseObject(values(17_000)), parseObject('[]'), parseObject('{')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
