import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { fitResponse, MAX_RECORD_BYTES, outcomeBytes } from '../../../src/core/firehose/fit-response.ts';
import { gzip } from '../../../src/core/firehose/gzip.ts';
import type { InputRecord, Outcome } from '../../../src/core/model/firehose-record.ts';
import type { DegradeStep } from '../../../src/core/model/summary.ts';

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
    expect(gunzipSync(data).toString()).toBe('text');
  });

  it('compresses the largest record harder first', () => {
    const { fitted, steps, bytes } = degrade(
      [changed(1, Buffer.from('small')), changed(2, compressible)],
      50_000,
    );
    expect(steps).toEqual(['recompressed']);
    expect(bytes).toBeLessThanOrEqual(50_000);
    expect(gunzipSync(fitted[1]?.data ?? '').equals(gunzipSync(compressible))).toBe(true);
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
});
