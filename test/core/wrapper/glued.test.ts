import { expect, it } from '@jest/globals';
import { gluedParts } from '../../../src/core/wrapper/glued.ts';

it.each([
  ['{"a":1}{"b":2}', ['{"a":1}', '{"b":2}']],
  ['{"a":"}{"} {"b":{}}\t{}', ['{"a":"}{"} ', '{"b":{}}\t', '{}']],
  ['[INFO] one 1s[INFO] two 2s', ['[INFO] one 1s', '[INFO] two 2s']],
  ['[ERROR] one [WARNING] two', ['[ERROR] one ', '[WARNING] two']],
])('splits %s', (text, parts) => {
  expect(gluedParts(text)).toEqual(parts);
});

it.each([
  '',
  '{"a":1}',
  '{"a":1} ',
  '{"a":1}x',
  '{"a":1}{"b":2',
  '{"a":1}[2]',
  '[INFO] one',
  '[INFO] one[INFO]two',
  'one [INFO] two',
  '{}'.repeat(30_000),
])('leaves %.40s whole', (text) => {
  expect(gluedParts(text)).toBeUndefined();
});
