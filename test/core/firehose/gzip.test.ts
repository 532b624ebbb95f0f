import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { gzip, gzipSmallest, padded, trimPadding } from '../../../src/core/firehose/gzip.ts';

const text = Buffer.from('dns '.repeat(5000));

describe('gzip', () => {
  it.each([0, 1, 60, 61, 64, 5000, 20_000])('round-trips, with at least %i bytes', (minBytes) => {
    const packed = padded(gzip(text, minBytes));
    expect(gunzipSync(packed).equals(text)).toBe(true);
    expect(packed.length).toBeGreaterThanOrEqual(minBytes);
    expect(packed.length).toBeLessThan(Math.max(minBytes, gzip(text, 0).data.length) + 6);
  });

  it('gives the same bytes for the same text', () => {
    expect(gzip(text, 500)).toEqual(gzip(text, 500));
  });

  it.each([1, 5, 333, 1_000_000])('removes %i bytes of padding, or all of it', (bytes) => {
    const whole = gzip(text, 2000);
    const trimmed = trimPadding(whole, bytes);
    expect(gunzipSync(padded(trimmed)).equals(text)).toBe(true);
    expect(padded(whole).length - padded(trimmed).length).toBeGreaterThanOrEqual(
      Math.min(bytes, whole.paddingBytes),
    );
    expect(trimmed.paddingBytes).toBeGreaterThanOrEqual(0);
  });

  it('compresses better with gzipSmallest', () => {
    expect(gzipSmallest(text).length).toBeLessThan(gzip(text, 0).data.length);
    expect(gunzipSync(gzipSmallest(text)).equals(text)).toBe(true);
  });
});
