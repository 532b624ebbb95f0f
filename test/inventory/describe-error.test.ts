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

it('prints no secret: in the message, the name or the code, and no causes', () => {
  const token = `k8s-aws-v1.${'aZ4x'.repeat(30)}`;
  const cause = new Error('cause', { cause: new Error(token) });
  for (const error of [
    new Error(`refused: ${token}`, { cause }),
    Object.assign(new Error('refused'), { name: token }),
    Object.assign(new Error(''), { code: `Bearer ${token}` }),
    `${token}`,
    new AggregateError([new Error(token)], 'all failed'),
  ]) {
    expect(describeError(error)).not.toMatch(/aZ4x|cause/);
  }
  expect(describeError(new Error('piece: 0123456789ab'), ['xx0123456789abcdef'])).toBe(
    'Error: piece: [redacted]',
  );
});
