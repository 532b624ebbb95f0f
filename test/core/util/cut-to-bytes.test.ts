import { describe, expect, it } from '@jest/globals';
import { cutToBytes } from '../../../src/core/util/cut-to-bytes.ts';

describe('cutToBytes', () => {
  it.each([
    ['a', 32_000, 32_000],
    ['a', 32_001, 32_000],
    ['é', 16_000, 16_000],
    ['é', 16_001, 16_000],
    ['€', 10_667, 10_666],
    ['\u{1f4a5}', 8001, 8000],
    ['a\u{1f4a5}', 16_000, 6400],
  ])('keeps whole characters: %j x %i', (unit, count, kept) => {
    expect(cutToBytes(unit.repeat(count), 32_000) === unit.repeat(kept)).toBe(true);
  });

  it('counts bytes, not characters', () => {
    expect(Buffer.byteLength(cutToBytes(`a${'€'.repeat(20_000)}`, 32_000))).toBe(1 + 3 * 10_666);
  });
});
