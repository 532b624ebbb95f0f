import { expect, it } from '@jest/globals';
import { describeError } from '../../src/inventory/describe-error.ts';

it.each([
  [Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED: connect failed'],
  [new TypeError('a\n  b'), 'TypeError: a b'],
  [{}, 'Error'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [new Error('x'.repeat(1000)), `Error: ${'x'.repeat(293)}`],
])('%j becomes %s', (error, expected) => {
  expect(describeError(error)).toBe(expected);
});
