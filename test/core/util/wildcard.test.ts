import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesWildcard } from '../../../src/core/util/wildcard.ts';

it.each([
  ['/r53/shop', '/r53/shop', true],
  ['/r53/shop', '/r53/shop2', false],
  ['/r53/shop', 'x/r53/shop', false],
  ['/r53/*', '/r53/', true],
  ['/r53/*', '/r53/a/b', true],
  ['/r53/*', '/r5/a', false],
  ['*', '', true],
  ['**', 'a', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'axbxc', true],
  ['a*b*c', 'axcxb', false],
  ['a*bc*c', 'abc', false],
  ['a*bc*c', 'abcc', true],
  ['*-dns', 'eks-dns', true],
  ['*-dns', 'eks-dns-2', false],
  ['a.c', 'abc', false],
])('%s and %s: %s', (pattern, text, expected) => {
  expect(matchesWildcard(pattern, text)).toBe(expected);
});

it('matches as a regular expression does', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, (wildcard, candidate) => {
      const expression = new RegExp(`^${wildcard.replaceAll('*', '.*')}$`);
      expect(matchesWildcard(wildcard, candidate)).toBe(expression.test(candidate));
    }),
    { numRuns: 2000 },
  );
});
