// What becomes of each record of a batch, and what is counted; the same with and without the fast path.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createFastPath } from '../../../src/core/fast-path/index.ts';
import { type BatchLookupKeys, EMPTY_DIRECTORY } from '../../../src/core/model/directory.ts';
import type { DirectorySource } from '../../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS, type QuestionCategory, type Settings } from '../../../src/core/model/settings.ts';
import { createSummary, type RecordFailureCode } from '../../../src/core/model/summary.ts';
import { type Acceleration, NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { createPipeline } from '../../../src/core/pipeline/transform.ts';
import { eventOf } from '../../support/batches.ts';
import { resolverRecord } from '../../support/resolver-record.ts';
import { strictGunzip } from '../../support/strict-gzip.ts';

const query = (name: string, code = 'NOERROR', ip = '10.0.0.5') =>
  `[INFO] ${ip}:4000 - 1 "A IN ${name}. udp 40 false 512" ${code} qr,rd,ra 80 0.0001s`;
const APPLICATION = 'GET /index.html 200';
const UNPARSED = '[ERROR] plugin/errors: out of words';

const envelopeOf = (messages: readonly string[], members: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      owner: '111122223333',
      logGroup: '/g',
      logStream: 's',
      ...members,
      logEvents: messages.map((message, i) => ({ id: String(i), timestamp: 1_795_168_860_000, message })),
    }),
  );

type Put = {
  readonly settings?: Partial<Settings>;
  readonly acceleration?: Acceleration;
  readonly remainingMs?: () => number;
  readonly region?: string;
};

/** Puts one batch through a transform. */
async function put(
  records: readonly Buffer[],
  { settings = {}, acceleration, remainingMs, region }: Put = {},
) {
  const configured = { ...DEFAULT_SETTINGS, ...settings };
  const failed: (readonly [string, RecordFailureCode])[] = [];
  const lookups: (readonly [BatchLookupKeys, number | undefined])[] = [];
  const directory: DirectorySource = {
    begin: () => ({
      lookup: async (keys, limitMs) => {
        lookups.push([keys, limitMs]);
        return EMPTY_DIRECTORY;
      },
      health: () => [HEALTH],
    }),
  };
  let nowMs = 1_795_168_900_000;
  const now = () => {
    nowMs += 7;
    return nowMs;
  };
  const ports = {
    directory,
    now,
    recordFailed: (id: string, code: RecordFailureCode) => failed.push([id, code]),
  };
  const event = { ...eventOf(records.map((data) => ({ data, shape: 'opaque', units: [] }))), region };
  const transform = createPipeline(configured, ports, acceleration ?? createFastPath(configured));
  const { response, summary } = await transform(event, remainingMs);
  const outcomes = response.records.map(({ result, data = '' }, i) => ({
    result,
    isUnchanged: data === event.records[i]?.data,
    data: Buffer.from(data, 'base64'),
  }));
  return { outcomes, summary, failed, lookups, response };
}
const HEALTH = { source: 'file', ageMs: 1, size: 2, errors: 0, late: false, lastError: undefined };

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
    const { outcomes, summary, failed, response } = await put(records, { acceleration });
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
      recordsByKind: { envelope: 1, text: 1, control: 1, foreign: 1, failed: 1 },
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
    const { lookups } = await put(records, { acceleration, remainingMs: () => 900 });
    expect(lookups).toEqual([
      [
        {
          clientIps: new Set(['10.0.0.5', '10.0.0.6']),
          vpcIps: new Map([['vpc-0a1b2c3d4e5f60718', new Set(['10.0.1.5'])]]),
          instanceIds: new Set(['i-0b486830192751535']),
        },
        450,
      ],
    ]);
    expect((await put(records, { acceleration })).lookups[0]?.[1]).toBeUndefined();
  });

  it.each([
    ['the event', 'eu-west-1', 'eu-west-1'],
    ['the function', undefined, 'us-east-1'],
  ])('takes the region from %s', async (_, region, expected) => {
    const { outcomes } = await put([envelopeOf([query('a.example')])], {
      acceleration,
      settings: { region: 'us-east-1' },
      ...(region === undefined ? {} : { region }),
    });
    expect(outcomes[0]?.data.toString()).toContain(`\\"aws.region\\":\\"${expected}\\"`);
  });

  it('joins no line over the border of a record', async () => {
    const text = query('a.example');
    const part = `2023-11-20T21:20:29.1Z stdout P ${text.slice(0, 40)}`;
    const rest = `2023-11-20T21:20:29.1Z stdout F ${text.slice(40)}`;
    const whole = await put([envelopeOf([part, rest])], { acceleration });
    expect(whole.summary.normalisedBySource.coredns).toBe(1);
    for (const records of [
      [envelopeOf([part]), envelopeOf([rest])],
      [Buffer.from(part), Buffer.from(rest)],
    ]) {
      const { summary } = await put(records, { acceleration });
      expect([summary.normalisedBySource.coredns, summary.passedThrough]).toEqual([0, 2]);
    }
  });

  it('keeps an event without a message', async () => {
    const data = Buffer.from(
      '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1},{"id":"2","timestamp":1,"message":5}]}',
    );
    const { outcomes, summary } = await put([data], { acceleration });
    expect([outcomes[0]?.isUnchanged, summary.eventsIn, summary.passedThrough]).toEqual([true, 2, 2]);
  });

  it('keeps an event whose message is not a JSON string', async () => {
    const text =
      '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":"\\q. udp "}]}';
    const { outcomes, summary, failed } = await put([Buffer.from(text)], { acceleration });
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
      const { outcomes } = await put([one], { acceleration, settings });
      expect(outcomes).toMatchObject([{ result: 'Ok', isUnchanged: true }]);
    }
  });

  it('gives gzip for gzip, and plain text for plain text', async () => {
    const plain = envelopeOf([query('a.example'), APPLICATION]);
    const packed = gzipSync(plain);
    const [fromPlain, fromGzip] = (await put([plain, packed], { acceleration })).outcomes;
    const text = fromPlain?.data ?? Buffer.alloc(0);
    expect(JSON.parse(text.toString()).logEvents[1].message).toBe(APPLICATION);
    const data = fromGzip?.data ?? Buffer.alloc(0);
    expect(strictGunzip(data).equals(text)).toBe(true);
  });

  it('lets its gzip inflate no more per byte than the gzip that came', async () => {
    // Names of every length, because padding comes in pieces of five bytes.
    const names = Array.from({ length: 20 }, (_, i) => `${'x'.repeat(i + 1)}.example`);
    const packed = names.map((name) => gzipSync(envelopeOf([query(name)]), { level: 0 }));
    const { outcomes } = await put(packed, { acceleration });
    for (const [i, { data }] of outcomes.entries()) {
      const input = packed[i] ?? Buffer.alloc(0);
      const minBytes = (strictGunzip(data).length * input.length) / strictGunzip(input).length;
      // Without compression the original is larger than its text, so the output needs padding.
      expect(data.length).toBeGreaterThanOrEqual(minBytes);
      expect(data.length).toBeLessThan(minBytes + 6);
    }
    expect(outcomes).toHaveLength(20);
  });
});

describe('DROP and SAMPLE', () => {
  const drop = (...names: QuestionCategory[]): Partial<Settings> => ({ drop: new Set(names) });
  const sampleNone: Partial<Settings> = { sample: new Map([['external', 0]]) };
  const CLUSTER = 'web.shop.svc.cluster.local';

  it('count what they remove by category', async () => {
    const events = [query('a.example'), query(CLUSTER), query(CLUSTER), APPLICATION];
    const { outcomes, summary } = await put([envelopeOf(events)], {
      settings: { ...drop('cluster'), ...sampleNone },
    });
    expect(summary.droppedByCategory).toEqual({ ...createSummary().droppedByCategory, cluster: 2 });
    expect(summary.sampledOutByCategory).toEqual({ ...createSummary().sampledOutByCategory, external: 1 });
    expect([summary.eventsIn, summary.normalisedBySource.coredns, summary.passedThrough]).toEqual([4, 0, 1]);
    const { logEvents } = JSON.parse(outcomes[0]?.data.toString() ?? '');
    expect(logEvents).toMatchObject([{ id: '3', message: APPLICATION }]);
  });

  it.each([
    ['one event', [query('a.example')], 'Dropped'],
    ['two events', [query('a.example'), query('b.example')], 'Dropped'],
    ['an event and another line', [query('a.example'), APPLICATION], 'Ok'],
  ])('drop a record of which nothing is left: %s', async (_, events, result) => {
    for (const record of [envelopeOf(events), gzipSync(envelopeOf(events)), Buffer.from(events.join('\n'))]) {
      const { outcomes } = await put([record], { settings: drop('external') });
      expect(outcomes[0]?.result).toBe(result);
    }
  });

  it.each([
    ['nothing but line breaks', `${query('a.example')}\n\n`, 'Dropped'],
    ['a space', `${query('a.example')}\n `, 'Ok'],
    ['a vertical tab', `${query('a.example')}\n\v`, 'Ok'],
  ])('leave of a text %s', async (_, text, result) => {
    const { outcomes } = await put([Buffer.from(text)], { settings: drop('external') });
    expect(outcomes[0]?.result).toBe(result);
  });

  it.each([
    ['an error', query('a.example', 'SERVFAIL')],
    ['a warning', query('a.example', 'REFUSED')],
    ['a signal of its name', query('xn--caf-dma.example')],
    [
      'a signal of its answer',
      resolverRecord({ answers: [{ Rdata: '"odd words"', Type: 'TXT', Class: 'IN' }] }),
    ],
  ])('never remove %s', async (_, message) => {
    const { summary } = await put([envelopeOf([message])], {
      settings: { ...drop('external'), ...sampleNone },
    });
    expect([summary.recordsByResult.Ok, summary.eventsIn]).toEqual([1, 1]);
    expect(Object.values(summary.normalisedBySource).reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('take the id of the record and the number of the line where a line has no id', async () => {
    const lines = Array.from({ length: 200 }, () => query('a.example')).join('\n');
    const settings: Partial<Settings> = { sample: new Map([['external', 0.5]]) };
    const kept = (await put([Buffer.from(lines), Buffer.from(lines)], { settings })).outcomes.map(
      ({ data }) => data.toString().split('\n').length,
    );
    for (const count of kept) expect(count).toBeGreaterThan(60);
    for (const count of kept) expect(count).toBeLessThan(140);
    expect(kept[0]).not.toBe(kept[1]);
  });
});

describe('records that a batch cannot hold', () => {
  const MIB = 2 ** 20;
  /** An acceleration whose lists of events claim so much memory, record by record. */
  const claiming = (claims: readonly number[]) => {
    const counts = { reads: 0 };
    const acceleration: Acceleration = {
      ...NO_ACCELERATION,
      createEnvelopeReader: (createReader) => {
        const read = NO_ACCELERATION.createEnvelopeReader(createReader);
        return (...args) => {
          const heldBytes = claims[counts.reads] ?? 0;
          counts.reads++;
          return { ...read(...args), heldBytes };
        };
      },
    };
    return { counts, acceleration };
  };
  const records = ['a', 'b', 'c', 'd'].map((name) => envelopeOf([query(`${name}.example`)]));

  it.each([
    ['all', [10, 10, 10, 10], 0],
    ['two', [50, 50, 50, 50], 2],
    ['all but a large one', [50, 200, 50, 1], 1],
    ['none', [200, 200, 200, 200], 4],
  ])('are read again before they are written; it holds %s', async (_, claims, again) => {
    const { counts, acceleration } = claiming(claims.map((claim) => claim * MIB));
    const { outcomes, summary } = await put(records, { acceleration });
    expect(counts.reads).toBe(4 + again);
    const names = outcomes.map(({ data }) => /question.name\\":\\"(.)\.example/.exec(data.toString())?.[1]);
    expect(names).toEqual(['a', 'b', 'c', 'd']);
    expect([summary.eventsIn, summary.recordsByKind.envelope]).toEqual([4, 4]);
  });

  it.each([
    [0, 0],
    [1, 1],
  ])('hold 128 MiB with the envelope as bytes and as text, and %i more', async (more, again) => {
    const [record = Buffer.alloc(0)] = records;
    const { counts, acceleration } = claiming([128 * MIB - record.length * 2 + more]);
    await put([record], { acceleration });
    expect(counts.reads).toBe(1 + again);
  });
});
