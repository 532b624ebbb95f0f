import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTimestamps } from '../../../src/core/record/timestamp.ts';

it('writes any time as Date does, in any order', () => {
  const times = fc.oneof(
    fc.integer({ min: 0, max: 253_402_300_799_999 }),
    // Neighbours, so that a second is used again.
    fc.integer({ min: 1_795_168_860_000, max: 1_795_168_861_999 }),
  );
  fc.assert(
    fc.property(fc.array(times, { maxLength: 6 }), (list) => {
      const timestamp = createTimestamps();
      expect(list.map(timestamp)).toEqual(list.map((timeMs) => new Date(timeMs).toISOString()));
    }),
    { numRuns: 1000 },
  );
});

it.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [1_795_168_860_000.999, '2026-11-20T10:01:00.000Z'],
  [253_402_300_799_999, '9999-12-31T23:59:59.999Z'],
  [253_402_300_800_000, '1970-01-01T00:00:00.000Z'],
  [-1, '1970-01-01T00:00:00.000Z'],
  [Number.NaN, '1970-01-01T00:00:00.000Z'],
  [Number.POSITIVE_INFINITY, '1970-01-01T00:00:00.000Z'],
])('writes %d as %s', (timeMs, text) => {
  expect(createTimestamps()(timeMs)).toBe(text);
});
