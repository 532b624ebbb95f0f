import { expect, it } from '@jest/globals';
import { createTwoGenerationCache } from '../../../src/core/util/two-generation-cache.ts';

/** A cache that counts the values it has created. */
function counted(limit: number) {
  const made: string[] = [];
  const memo = createTwoGenerationCache((key: string) => {
    made.push(key);
    return { key };
  }, limit);
  return { memo, made };
}

it('gives the same object for the same key', () => {
  const { memo, made } = counted(10);
  expect(memo('a')).toBe(memo('a'));
  expect(made).toEqual(['a']);
});

it('keeps keys in use, and drops the others', () => {
  const { memo, made } = counted(2);
  const kept = memo('kept');
  for (let i = 0; i < 50; i++) {
    memo(`passing ${i}`);
    expect(memo('kept')).toBe(kept);
  }
  expect(made.filter((key) => key === 'kept')).toHaveLength(1);
  memo('passing 0');
  expect(made.filter((key) => key === 'passing 0')).toHaveLength(2);
});

it('does not cache texts that are too long for a name', () => {
  const { memo, made } = counted(10);
  const long = 'x'.repeat(600);
  expect(memo(long)).toEqual(memo(long));
  expect(made).toHaveLength(2);
});

it('drops unused keys long before it is full', () => {
  const { memo, made } = counted(100);
  memo('gone');
  for (const period of ['first', 'second']) {
    for (let i = 0; i < 1700; i++) memo('kept');
    memo(period);
  }
  memo('gone');
  expect(made).toEqual(['gone', 'kept', 'first', 'second', 'gone']);
});
