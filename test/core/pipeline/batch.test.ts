// Outcome of each record of a batch, and the counters; the same with and without the fast path.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createFastPath } from '../../../src/core/fast-path/index.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { createSummary } from '../../../src/core/model/summary.ts';
import { NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { resolverRecord } from '../../support/resolver-record.ts';
import { APPLICATION, envelopeOf, HEALTH, query, runBatch, UNPARSED } from '../../support/run-batch.ts';
import { strictGunzip } from '../../support/strict-gzip.ts';

const ACCELERATIONS = [
  ['the ordinary steps', NO_ACCELERATION],
  ['the fast path', createFastPath(DEFAULT_SETTINGS)],
] as const;

describe.each(ACCELERATIONS)('with %s', (_name, acceleration) => {
  it('counts every record and event', async () => {
    const records = [
      gzipSync(envelopeOf([query('a.example'), APPLICATION, UNPARSED, resolverRecord({ srcids: {} })])),
      Buffer.from(`${query('b.example')}\n${APPLICATION}`),
      gzipSync(envelopeOf([], { messageType: 'CONTROL_MESSAGE' })),
      gzipSync('not an envelope'),
      Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(30)]),
    ];
    const { outcomes, summary, failed, response } = await runBatch(records, { acceleration });
    expect(outcomes.map(({ result, isUnchanged }) => [result, isUnchanged])).toEqual([
      ['Ok', false],
      ['Ok', false],
      ['Dropped', true],
      ['Ok', true],
      ['ProcessingFailed', true],
    ]);
    expect(failed).toEqual([['id-4', 'GZIP_BROKEN']]);
    const base64 = response.records.map(({ data = '' }) => data.length);
    expect(summary).toEqual({
      ...createSummary(),
      recordsByKind: { envelope: 1, text: 1, control: 1, foreign: 1, unread: 0, failed: 1 },
      recordsByResult: { Ok: 3, Dropped: 1, ProcessingFailed: 1 },
      failuresByCode: { ...createSummary().failuresByCode, GZIP_BROKEN: 1 },
      eventsIn: 6,
      normalisedBySource: { ...createSummary().normalisedBySource, coredns: 2, 'aws.vpcdnsquerylogs': 1 },
      passedThrough: 3,
      unparsed: 1,
      attributions: { ...createSummary().attributions, none: 3 },
      clientsByKind: { ...createSummary().clientsByKind, unknown: 3 },
      inputBytes: records.reduce((sum, data) => sum + data.toString('base64').length, 0),
      responseBytes: base64.reduce((sum, bytes) => sum + bytes + 'id-0'.length + 64, 0),
      health: [HEALTH],
      invocationMs: 7,
    });
  });

  it('looks the keys of a batch up in half the time that is left', async () => {
    const records = [
      gzipSync(envelopeOf([query('a.example'), resolverRecord()])),
      Buffer.from(query('a.example', 'NOERROR', '10.0.0.6')),
    ];
    const { lookups } = await runBatch(records, { acceleration, remainingMs: () => 900 });
    expect(lookups).toEqual([
      [
        expect.objectContaining({
          clientIps: new Set(['10.0.0.5', '10.0.0.6']),
          vpcs: [
            {
              vpcId: 'vpc-0a1b2c3d4e5f60718',
              accountId: '012345678910',
              region: 'eu-west-1',
              ips: new Set(['10.0.1.5']),
              instanceIds: new Set(['i-0b486830192751535']),
            },
          ],
        }),
        450,
      ],
    ]);
    expect((await runBatch(records, { acceleration })).lookups[0]?.[1]).toBeUndefined();
  });

  it.each([
    ['the event', 'us-east-1', 'us-east-1'],
    ['the stream', undefined, 'eu-west-1'],
  ])('takes the region from %s', async (_, region, expected) => {
    const { outcomes } = await runBatch([envelopeOf([query('a.example')])], {
      acceleration,
      ...(region === undefined ? {} : { region }),
    });
    expect(outcomes[0]?.data.toString()).toContain(`\\"aws.region\\":\\"${expected}\\"`);
  });

  it('joins no line over the border of a record', async () => {
    const text = query('a.example');
    const part = `2023-11-20T21:20:29.1Z stdout P ${text.slice(0, 40)}`;
    const rest = `2023-11-20T21:20:29.1Z stdout F ${text.slice(40)}`;
    const whole = await runBatch([envelopeOf([part, rest])], { acceleration });
    expect(whole.summary.normalisedBySource.coredns).toBe(1);
    for (const records of [
      [envelopeOf([part]), envelopeOf([rest])],
      [Buffer.from(part), Buffer.from(rest)],
    ]) {
      const { summary } = await runBatch(records, { acceleration });
      expect([summary.normalisedBySource.coredns, summary.passedThrough]).toEqual([0, 2]);
    }
  });

  it('keeps an event without a message', async () => {
    const data = Buffer.from(
      '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1},{"id":"2","timestamp":1,"message":5}]}',
    );
    const { outcomes, summary } = await runBatch([data], { acceleration });
    expect([outcomes[0]?.isUnchanged, summary.eventsIn, summary.passedThrough]).toEqual([true, 2, 2]);
  });

  it('keeps an event whose message is not a JSON string', async () => {
    const text =
      '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":"\\q. udp "}]}';
    const { outcomes, summary, failed } = await runBatch([Buffer.from(text)], { acceleration });
    expect([outcomes[0]?.isUnchanged, summary.passedThrough, failed]).toEqual([true, 1, []]);
  });

  it.each([
    ['an envelope without events', envelopeOf([]), {}],
    ['the same for NDJSON', envelopeOf([]), { outputFormat: 'ndjson' }],
    ['an envelope without DNS', envelopeOf([APPLICATION]), {}],
    ['text without DNS', Buffer.from(`${APPLICATION}\n`), {}],
    ['an envelope of another type', envelopeOf([query('a.example')], { messageType: 'OTHER' }), {}],
  ] as const)('gives %s back unchanged', async (_, data, settings) => {
    for (const one of [data, gzipSync(data)].slice(0, data.includes('logEvents') ? 2 : 1)) {
      const { outcomes } = await runBatch([one], { acceleration, settings });
      expect(outcomes).toMatchObject([{ result: 'Ok', isUnchanged: true }]);
    }
  });

  it('gives gzip for gzip, and plain text for plain text', async () => {
    const plain = envelopeOf([query('a.example'), APPLICATION]);
    const packed = gzipSync(plain);
    const [fromPlain, fromGzip] = (await runBatch([plain, packed], { acceleration })).outcomes;
    const text = fromPlain?.data ?? Buffer.alloc(0);
    expect(JSON.parse(text.toString()).logEvents[1].message).toBe(APPLICATION);
    const data = fromGzip?.data ?? Buffer.alloc(0);
    expect(strictGunzip(data).equals(text)).toBe(true);
  });

  it.each([
    ['9 bytes per byte', 1],
    ['as much per byte as the gzip that came, where that is more', 9],
  ])('lets its gzip inflate at most %s', async (_, level) => {
    // Names of every length, because padding comes in pieces of five bytes.
    const records = Array.from({ length: 20 }, (_, i) =>
      envelopeOf(Array.from({ length: 400 }, () => query(`${'x'.repeat(i + 1)}.example`))),
    );
    const packed = records.map((record) => gzipSync(record, { level: level === 1 ? 0 : 9 }));
    const { outcomes } = await runBatch(packed, { acceleration });
    for (const [i, { data }] of outcomes.entries()) {
      const ratio = (records[i]?.length ?? 0) / (packed[i]?.length ?? 1);
      const minBytes = strictGunzip(data).length / Math.max(9, ratio);
      expect(ratio > 9).toBe(level === 9);
      // Equal lines compress far better than either.
      expect(data.length).toBeGreaterThanOrEqual(minBytes);
      expect(data.length).toBeLessThan(minBytes + 6);
    }
    expect(outcomes).toHaveLength(20);
  });
});
