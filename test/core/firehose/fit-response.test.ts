import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { fitResponse, outcomeBytes } from '../../../src/core/firehose/fit-response.ts';
import { gzip } from '../../../src/core/firehose/gzip.ts';
import { MAX_RECORD_BYTES } from '../../../src/core/model/batch-limits.ts';
import type { InputRecord, Outcome } from '../../../src/core/model/firehose-record.ts';
import type { DegradeStep } from '../../../src/core/model/summary.ts';
import { strictGunzip } from '../../support/strict-gzip.ts';

const input = (id: number, bytes = 300): InputRecord => ({
  recordId: `id-${id}`,
  data: Buffer.alloc(bytes).toString('base64'),
  arrivalMs: 0,
});
const changed = (id: number, data: Buffer): Outcome => ({ input: input(id), result: 'Ok', data });

const compressible = gzipSync(Buffer.from('a name asked for again '.repeat(20_000)), { level: 0 });
const incompressible = gzipSync(randomBytes(200_000), { level: 0 });

function degrade(outcomes: readonly Outcome[], budget: number) {
  const steps: DegradeStep[] = [];
  const fitted = fitResponse(outcomes, budget, (step) => steps.push(step));
  return { fitted, steps, bytes: fitted.reduce((sum, outcome) => sum + outcomeBytes(outcome), 0) };
}

describe('fitResponse', () => {
  it('does not change outcomes that fit', () => {
    const outcomes = [changed(1, compressible)];
    expect(degrade(outcomes, 5_500_000)).toMatchObject({ fitted: outcomes, steps: [] });
  });

  it('removes padding first, and no more than needed', () => {
    const { fitted, steps, bytes } = degrade(
      [{ input: input(1), result: 'Ok', ...gzip(Buffer.from('text'), 90_000) }],
      50_000,
    );
    expect(steps).toEqual(['unpadded']);
    expect(bytes).toBeLessThanOrEqual(50_000);
    const [{ data = Buffer.alloc(0) } = { data: undefined }] = fitted;
    expect(data.length).toBeGreaterThan(10_000);
    expect(strictGunzip(data).toString()).toBe('text');
  });

  it('compresses the largest record harder first', () => {
    const { fitted, steps, bytes } = degrade(
      [changed(1, Buffer.from('small')), changed(2, compressible)],
      50_000,
    );
    expect(steps).toEqual(['recompressed']);
    expect(bytes).toBeLessThanOrEqual(50_000);
    expect(strictGunzip(fitted[1]?.data ?? Buffer.alloc(0)).equals(strictGunzip(compressible))).toBe(true);
  });

  it('returns the original data when compression does not help', () => {
    const { fitted, steps, bytes } = degrade([changed(1, incompressible), changed(2, compressible)], 50_000);
    expect(fitted[0]).toMatchObject({ result: 'Ok', data: undefined });
    expect(steps).toContain('original');
    expect(bytes).toBeLessThanOrEqual(50_000);
  });

  it('never changes ids or order', () => {
    const outcomes = [1, 2, 3, 4].map((id) => changed(id, id % 2 === 0 ? incompressible : compressible));
    const { fitted } = degrade(outcomes, 100_000);
    expect(fitted.map((outcome) => outcome.input.recordId)).toEqual(['id-1', 'id-2', 'id-3', 'id-4']);
  });

  it.each([
    ['gzip that can shrink', gzipSync(Buffer.alloc(MAX_RECORD_BYTES + 500), { level: 0 }), ['recompressed']],
    ['gzip that cannot', gzipSync(randomBytes(MAX_RECORD_BYTES + 500), { level: 0 }), ['original']],
    ['plain text', Buffer.alloc(MAX_RECORD_BYTES + 1), ['original']],
  ])('brings a record under the limit of Firehose: %s', (_, data, expected) => {
    const { fitted, steps } = degrade([changed(1, data)], 6_000_000);
    expect(steps).toEqual(expected);
    expect(fitted[0]?.data?.length ?? 0).toBeLessThanOrEqual(MAX_RECORD_BYTES);
  });

  it('counts base64, id and punctuation of an outcome, padding included', () => {
    const data = Buffer.alloc(10);
    expect(outcomeBytes(changed(1, data))).toBe(4 + 64 + 16);
    expect(outcomeBytes({ ...changed(1, data), paddingBytes: 5 })).toBe(4 + 64 + 20);
    expect(outcomeBytes({ input: input(1, 300), result: 'Ok', data: undefined })).toBe(4 + 64 + 400);
  });

  it('puts in all padding where there is room', () => {
    const packed = gzip(Buffer.from('text'), 500);
    const { fitted, steps } = degrade([{ input: input(1), result: 'Ok', ...packed }], 5_500_000);
    const { data = Buffer.alloc(0), paddingBytes } = fitted[0] ?? {};
    expect([strictGunzip(data).toString(), paddingBytes, steps]).toEqual(['text', 0, []]);
    expect(data.length).toBe(packed.data.length + packed.paddingBytes);
  });

  it('stops at the first step that is enough, and takes the largest record first', () => {
    const packed = [600, 3000, 1200].map((minBytes, id) => ({
      input: input(id),
      result: 'Ok' as const,
      ...gzip(Buffer.from('text'), minBytes),
    }));
    const whole = packed.reduce((sum, outcome) => sum + outcomeBytes(outcome), 0);
    const lengths = (budget: number) => degrade(packed, budget).fitted.map(({ data }) => data?.length);
    const sizes = packed.map(({ data, paddingBytes }) => data.length + paddingBytes);
    expect(lengths(whole)).toEqual(sizes);
    const [first = 0, second = 0, third] = sizes;
    expect(lengths(whole - 1)).toEqual([first, second - 5, third]);
    expect(degrade(packed, whole - 1).steps).toEqual(['unpadded']);
    // All padding of the largest one is not enough: the next largest gives the rest.
    const [, { data: bare } = { data: Buffer.alloc(0) }] = packed;
    const { fitted, steps } = degrade(packed, whole - 4 * Math.ceil((second - bare.length) / 3) - 40);
    expect(steps).toEqual(['unpadded', 'unpadded']);
    expect([fitted[0]?.data?.length, fitted[1]?.data?.length]).toEqual([first, bare.length]);
    expect(fitted[2]?.data?.length).toBeLessThan(third ?? 0);
  });

  it('leaves a record as it is where a step would not make it smaller', () => {
    const small = changed(1, gzipSync(Buffer.from('x'.repeat(3000)), { level: 9 }));
    // The original is larger than the changed data, so nothing helps.
    const outcome = { ...small, input: input(1, 3000) };
    expect(degrade([outcome], 10)).toMatchObject({ fitted: [outcome], steps: [] });
  });

  it('compresses gzip only, and only what was changed', () => {
    const almostGzip = [
      Buffer.concat([Buffer.from([0x1f]), Buffer.alloc(5000)]),
      Buffer.concat([Buffer.from([0x1e, 0x8b]), Buffer.alloc(5000)]),
    ];
    const { fitted, steps } = degrade(
      [
        ...almostGzip.map((data, id) => changed(id, data)),
        { input: input(3), result: 'Ok', data: undefined },
      ],
      1500,
    );
    expect(steps).toEqual(['original', 'original']);
    expect(fitted.map(({ data }) => data)).toEqual([undefined, undefined, undefined]);
  });

  it('takes padding out of a record over the limit of Firehose, down to the limit', () => {
    const data = gzipSync(randomBytes(MAX_RECORD_BYTES - 500), { level: 0 });
    const { fitted, steps } = degrade([{ ...changed(1, data), paddingBytes: 5000 }], 6_000_000);
    expect(steps).toEqual(['unpadded']);
    const { length = 0 } = fitted[0]?.data ?? {};
    expect(length).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    expect(length).toBeGreaterThan(MAX_RECORD_BYTES - 10);
  });

  it('takes no other step where padding taken out brings a record to exactly the limit', () => {
    const data = Buffer.alloc(MAX_RECORD_BYTES - 995);
    const { fitted, steps } = degrade([{ ...changed(1, data), paddingBytes: 1000 }], 6_000_000);
    expect([fitted[0]?.data?.length, steps]).toEqual([MAX_RECORD_BYTES, ['unpadded']]);
  });

  it('has the documented limit of Firehose: 1,000 KiB', () => {
    expect(MAX_RECORD_BYTES).toBe(1000 * 1024);
  });

  it('keeps a record of exactly the limit of Firehose', () => {
    const data = Buffer.alloc(MAX_RECORD_BYTES);
    const { fitted, steps } = degrade([changed(1, data)], 6_000_000);
    expect(fitted[0]?.data).toBe(data);
    expect(steps).toEqual([]);
  });
});
