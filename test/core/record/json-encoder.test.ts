import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { capValue, createJsonText, type JsonText } from '../../../src/core/record/json-encoder.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { anyText } from '../../support/record-arbitraries.ts';

const asUtf8 = (binary: string): string => Buffer.from(binary, 'latin1').toString('utf8');

/** The same by way of bytes, as UTF-8. */
function writtenBy(json: JsonText, value: string): string {
  const out = createByteWriter();
  json.write(out, value);
  return out.bytes().toString('utf8');
}

/** What a text is as JSON; at depth 2 as it stands within a text that is itself JSON. */
const expected = (depth: 1 | 2, value: string): string =>
  depth === 1 ? JSON.stringify(value) : JSON.stringify(JSON.stringify(value)).slice(1, -1);

describe.each([1, 2] as const)('at depth %i', (depth) => {
  it('writes any text as JSON.stringify does', () => {
    const json = createJsonText(depth);
    fc.assert(
      fc.property(anyText, (value) => {
        expect(asUtf8(json.string(value))).toBe(expected(depth, value));
        expect(writtenBy(json, value)).toBe(expected(depth, value));
        expect(asUtf8(json.key(value))).toBe(`,${expected(depth, value)}:`);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes lines of all lengths, the longest first or last', () => {
    for (const lengths of [
      [0, 1, 5000, 40_000, 3],
      [40_000, 5000, 1, 0],
    ]) {
      const json = createJsonText(depth);
      for (const length of lengths) {
        const value = '"'.repeat(length);
        expect(writtenBy(json, value) === expected(depth, value)).toBe(true);
      }
    }
  });
});

describe('capValue', () => {
  it.each([
    ['a', 32_000, 32_000],
    ['a', 32_001, 32_000],
    ['é', 16_000, 16_000],
    ['é', 16_001, 16_000],
    ['€', 10_667, 10_666],
    ['\u{1f4a5}', 8001, 8000],
  ])('keeps whole characters: %j x %i', (unit, count, kept) => {
    expect(capValue(unit.repeat(count)) === unit.repeat(kept)).toBe(true);
  });

  it('counts bytes, not characters', () => {
    expect(Buffer.byteLength(capValue(`a${'€'.repeat(20_000)}`))).toBe(1 + 3 * 10_666);
  });
});
