import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { gzip, gzipSmallest } from '../../src/outputs/gzip.ts';

const text = Buffer.from('dns '.repeat(5000));

describe('gzip', () => {
  it.each([0, 1, 60, 61, 64, 5000, 20_000])('gives the text back and at least %i bytes', (minBytes) => {
    const packed = gzip(text, minBytes);
    expect(gunzipSync(packed).equals(text)).toBe(true);
    expect(packed.length).toBeGreaterThanOrEqual(minBytes);
    expect(packed.length).toBeLessThan(Math.max(minBytes, gzip(text, 0).length) + 6);
  });

  it('gives the same bytes for the same text', () => {
    expect(gzip(text, 500).equals(gzip(text, 500))).toBe(true);
  });

  it('packs tighter when asked to', () => {
    expect(gzipSmallest(text).length).toBeLessThan(gzip(text, 0).length);
    expect(gunzipSync(gzipSmallest(text)).equals(text)).toBe(true);
  });
});
