import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rfc3339Ms } from '../../../src/core/util/rfc3339.ts';

it('agrees with Date', () => {
  const times = fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(times, (date) => rfc3339Ms(date.toISOString()) === date.getTime()),
    { numRuns: 2000 },
  );
});

it.each([
  ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
  ['2024-02-29T23:59:59.5Z', Date.UTC(2024, 1, 29, 23, 59, 59, 500)],
  ['2024-02-29T23:59:59.123999999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 123)],
  ['2024-03-01T01:29:59.25+01:30', Date.UTC(2024, 1, 29, 23, 59, 59, 250)],
  ['2024-02-29T16:59:59-0700', Date.UTC(2024, 1, 29, 23, 59, 59)],
])('reads %s', (text, ms) => {
  expect(rfc3339Ms(text)).toBe(ms);
});

it.each([
  '',
  'yesterday at a quarter past',
  '2024-02-29T23:59:59',
  '2024-02-29 23:59:59Z',
  '2024-02-29T23-59:59Z',
  '2024-13-29T23:59:59Z',
  '2024-00-29T23:59:59Z',
  '2024-02-00T23:59:59Z',
  '2024-02-32T23:59:59Z',
  '2024-02-xxT23:59:59Z',
  '2024-02-29T23:59:59Zzz',
  '2024-02-29T23:59:59+1',
  // Times outside 1970 to 9999.
  '0001-01-01T00:00:00Z',
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:30:00+01:00',
  '9999-12-31T23:30:00-01:00',
])('refuses %j', (text) => {
  expect(rfc3339Ms(text)).toBeUndefined();
});
