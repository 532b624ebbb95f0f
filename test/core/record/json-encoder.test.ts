import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createJsonEncoder, type JsonEncoder } from '../../../src/core/record/json-encoder.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { anyText } from '../../support/record-arbitraries.ts';

const asUtf8 = (binary: string): string => Buffer.from(binary, 'latin1').toString('utf8');

/** The same by way of bytes, as UTF-8. */
function writtenBy(json: JsonEncoder, value: string): string {
  const out = createByteWriter();
  json.write(out, value);
  return out.bytes().toString('utf8');
}

/** A text as JSON; at level 2 inside a text that is itself JSON. */
const expected = (level: 1 | 2, value: string): string =>
  level === 1 ? JSON.stringify(value) : JSON.stringify(JSON.stringify(value)).slice(1, -1);

describe.each([1, 2] as const)('at level %i', (level) => {
  it('writes any text as JSON.stringify does', () => {
    const json = createJsonEncoder(level);
    fc.assert(
      fc.property(anyText, (value) => {
        expect(asUtf8(json.string(value))).toBe(expected(level, value));
        expect(writtenBy(json, value)).toBe(expected(level, value));
        expect(asUtf8(json.key(value))).toBe(`,${expected(level, value)}:`);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes lines of all lengths, the longest first or last', () => {
    for (const lengths of [
      [0, 1, 5000, 40_000, 3],
      [40_000, 5000, 1, 0],
    ]) {
      const json = createJsonEncoder(level);
      for (const length of lengths) {
        const value = '"'.repeat(length);
        expect(writtenBy(json, value) === expected(level, value)).toBe(true);
      }
    }
  });
});
