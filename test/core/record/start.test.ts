import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createJsonEncoder } from '../../../src/core/record/json-encoder.ts';
import { createStartWriter } from '../../../src/core/record/start.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { rfc3339Text } from '../../../src/core/util/rfc3339.ts';

/** Writes times one after the other, and takes the text out of `{"timestamp":"..."`. */
const written = (times: readonly number[]): string[] => {
  const write = createStartWriter(createJsonEncoder(1), undefined);
  const out = createByteWriter();
  return times.map((timeMs) => {
    out.clear();
    write(out, timeMs);
    return out.bytes().toString().slice('{"timestamp":"'.length, -1);
  });
};

it('writes any time as Date does, in any order', () => {
  const times = fc.oneof(
    fc.integer({ min: 0, max: 253_402_300_799_999 }),
    // Times of the same second, so that the cached text is used.
    fc.integer({ min: 1_795_168_860_000, max: 1_795_168_861_999 }),
  );
  fc.assert(
    fc.property(fc.array(times, { maxLength: 6 }), (list) => {
      expect(written(list)).toEqual(list.map((timeMs) => new Date(timeMs).toISOString()));
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
  expect(written([timeMs])).toEqual([text]);
  expect(rfc3339Text(timeMs)).toBe(text);
});

it.each([
  [1, '{"timestamp":"1970-01-01T00:00:00.007Z","dns.key":"0a1b2c3d4e5f6a7b"'],
  [2, String.raw`{\"timestamp\":\"1970-01-01T00:00:00.007Z\",\"dns.key\":\"0a1b2c3d4e5f6a7b\"`],
] as const)('writes the key right after the time, at level %i', (level, text) => {
  const out = createByteWriter();
  createStartWriter(createJsonEncoder(level), '0a1b2c3d4e5f6a7b')(out, 7);
  expect(out.bytes().toString()).toBe(text);
});
