import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { gzip, gzipSmallest, padded, trimPadding } from '../../../src/core/firehose/gzip.ts';
import { strictGunzip } from '../../support/strict-gzip.ts';

const text = Buffer.from('dns '.repeat(5000));

describe('gzip', () => {
  it.each([0, 1, 60, 61, 64, 5000, 20_000])('round-trips, with at least %i bytes', (minBytes) => {
    const packed = padded(gzip(text, minBytes));
    expect(strictGunzip(packed).equals(text)).toBe(true);
    expect(packed.length).toBeGreaterThanOrEqual(minBytes);
    expect(packed.length).toBeLessThan(Math.max(minBytes, gzip(text, 0).data.length) + 6);
  });

  it('gives the same bytes for the same text', () => {
    expect(gzip(text, 500)).toEqual(gzip(text, 500));
  });

  it.each([1, 5, 333, 1_000_000])('removes %i bytes of padding, or all of it', (bytes) => {
    const whole = gzip(text, 2000);
    const trimmed = trimPadding(whole, bytes);
    expect(strictGunzip(padded(trimmed)).equals(text)).toBe(true);
    expect(padded(whole).length - padded(trimmed).length).toBeGreaterThanOrEqual(
      Math.min(bytes, whole.paddingBytes),
    );
    expect(trimmed.paddingBytes).toBeGreaterThanOrEqual(0);
  });

  it('compresses better with gzipSmallest', () => {
    expect(gzipSmallest(text).length).toBeLessThan(gzip(text, 0).data.length);
    expect(strictGunzip(gzipSmallest(text)).equals(text)).toBe(true);
  });

  it.each([0, 500])(
    'starts with a constant header: no flags, no time, no system (minimum %i)',
    (minBytes) => {
      expect(padded(gzip(text, minBytes)).subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
    },
  );

  it.each([
    ['', 0],
    ['', 100],
    ['x', 0],
    ['x', 61],
  ])('packs %j and at least %i bytes', (short, minBytes) => {
    const packed = padded(gzip(Buffer.from(short), minBytes));
    expect(strictGunzip(packed).toString()).toBe(short);
    expect(packed.length).toBeGreaterThanOrEqual(minBytes);
  });

  it('asks for as much padding as is missing, in whole blocks of five bytes', () => {
    const { length } = gzip(text, 0).data;
    const paddings = [-1, 0, 1, 5, 6, 10, 11].map((more) => gzip(text, length + more).paddingBytes);
    expect(paddings).toEqual([0, 0, 5, 5, 10, 10, 15]);
  });

  it.each([
    [0, 1000],
    [1, 995],
    [5, 995],
    [6, 990],
    [1000, 0],
    [5000, 0],
  ])('trims %i bytes in whole blocks', (bytes, left) => {
    expect(trimPadding({ data: text, paddingBytes: 1000 }, bytes)).toEqual({
      data: text,
      paddingBytes: left,
    });
  });

  it('compresses at level 3', () => {
    const body = deflateRawSync(text, { level: 3, finishFlush: constants.Z_SYNC_FLUSH });
    expect(
      gzip(text, 0)
        .data.subarray(10, 10 + body.length)
        .equals(body),
    ).toBe(true);
  });
});

describe('the strict reader of these tests', () => {
  const good = gzip(text, 0).data;
  const changed = (at: number): Buffer => {
    const bytes = Buffer.from(good);
    const index = at < 0 ? bytes.length + at : at;
    bytes[index] = (bytes[index] ?? 0) ^ 1;
    return bytes;
  };

  it('reads a member of Node', () => {
    expect(strictGunzip(gzipSync(text)).equals(text)).toBe(true);
  });

  it.each([
    ['padding behind the trailer', Buffer.concat([good, Buffer.from([0, 0, 0, 0xff, 0xff])])],
    ['zeros behind the trailer', Buffer.concat([good, Buffer.alloc(5)])],
    ['a second member', Buffer.concat([good, good])],
    ['a cut trailer', good.subarray(0, -1)],
    ['a wrong checksum', changed(-8)],
    ['a wrong length', changed(-1)],
    ['a flag', changed(3)],
    ['a time', changed(4)],
    ['another method', changed(2)],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', (_, data) => {
    expect(() => strictGunzip(data)).toThrow();
  });
});
