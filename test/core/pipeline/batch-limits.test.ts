// What a batch may cost: records beyond a bound come back unchanged, and are counted by the reason.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createRandom } from '../../../src/cli/lib/simulate/random.ts';
import { createFastPath } from '../../../src/core/fast-path/index.ts';
import { gzip } from '../../../src/core/firehose/gzip.ts';
import type { BatchLimits, UnreadReason } from '../../../src/core/model/batch-limits.ts';
import { leanFieldsOf } from '../../../src/core/model/record-fields/omission.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { createSummary } from '../../../src/core/model/summary.ts';
import { NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { clusterStub, createDirectoryStub, podStub } from '../../support/directory-stub.ts';
import { APPLICATION, envelopeOf, query, runBatch } from '../../support/run-batch.ts';
import { strictGunzip } from '../../support/strict-gzip.ts';

const ACCELERATIONS = [
  ['the ordinary steps', NO_ACCELERATION],
  ['the fast path', createFastPath(DEFAULT_SETTINGS)],
] as const;

const queries = (count: number): string[] => Array.from({ length: count }, (_, i) => query(`n${i}.example`));

// As it stands in an envelope it has two quotes around it, and two backslashes in it.
const LONG = query(`${'a.'.repeat(5000)}example`);

describe.each(ACCELERATIONS)('a record beyond a bound, with %s', (_, acceleration) => {
  const one = envelopeOf(queries(3));
  const text = Buffer.from(queries(3).join('\n'));
  const pretty = Buffer.from(JSON.stringify(JSON.parse(one.toString()), null, 1));
  const members = (more: object) => envelopeOf(queries(3), more);
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`m${i}`, i]));

  it.each<[string, Buffer, Partial<BatchLimits>, UnreadReason | undefined]>([
    ['gzip as large as may be', gzipSync(one), { recordBytes: 10_000 }, undefined],
    ['gzip that inflates to more', gzipSync(one), { recordBytes: one.length - 1 }, 'record-bytes'],
    ['plain and as large as may be', one, { plainRecordBytes: 10_000 }, undefined],
    ['plain and larger', one, { plainRecordBytes: one.length - 1 }, 'record-bytes'],
    ['lines and larger', text, { plainRecordBytes: text.length - 1 }, 'record-bytes'],
    ['as many events as may be', one, { recordEvents: 3 }, undefined],
    ['more events', one, { recordEvents: 2 }, 'record-events'],
    ['more events in another layout', gzipSync(pretty), { recordEvents: 2 }, 'record-events'],
    ['as many lines as may be', text, { recordEvents: 3 }, undefined],
    ['more lines', text, { recordEvents: 2 }, 'record-events'],
    ['more members than CloudWatch writes', members(many), {}, 'record-members'],
    ['a log group of 5,000 characters', members({ logGroup: 'g'.repeat(5000) }), {}, 'record-members'],
    ['a log stream of 4,000 characters', members({ logStream: 's'.repeat(4000) }), {}, undefined],
    ['any length of a member that is not used', members({ other: 's'.repeat(5000) }), {}, undefined],
    ['more events than the batch has left', one, { batchEvents: 2 }, 'batch-events'],
    ['after all that may be read', gzipSync(one), { batchBytes: 0 }, 'batch-bytes'],
    ['plain, after all that may be read', text, { batchBytes: 0 }, 'batch-bytes'],
  ])('%s', async (_name, record, limits, reason) => {
    const { outcomes, summary, failed } = await runBatch([record], { acceleration, limits });
    expect(outcomes).toMatchObject([{ result: 'Ok', isUnchanged: reason !== undefined }]);
    expect(failed).toEqual([]);
    const { unreadByReason } = createSummary();
    expect(summary.unreadByReason).toEqual(
      reason === undefined ? unreadByReason : { ...unreadByReason, [reason]: 1 },
    );
    expect(summary.recordsByKind.unread).toBe(reason === undefined ? 0 : 1);
  });

  it('does not take the others with it', async () => {
    const large = gzipSync(envelopeOf(queries(50)));
    const { outcomes } = await runBatch([gzipSync(one), large, gzipSync(one)], {
      acceleration,
      limits: { recordBytes: 5000 },
    });
    expect(outcomes.map(({ isUnchanged }) => isUnchanged)).toEqual([false, true, false]);
  });

  it.each<[string, string, number, 'message-bytes' | 'message-members' | undefined]>([
    ['a line as long as may be', LONG, LONG.length + 4, undefined],
    ['a longer line', LONG, LONG.length + 3, 'message-bytes'],
    ['JSON of many values', `{"log":"x. udp ","v":[${'0,'.repeat(17_000)}0]}`, 1e6, 'message-members'],
    [
      'JSON that is nested deeply',
      `{"log":"x. udp ","v":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      1e6,
      'message-members',
    ],
    ['many values of no DNS log', `{"log":"x","v":[${'0,'.repeat(17_000)}0]}`, 1e6, undefined],
  ])('an event alone: %s', async (_name, message, messageBytes, reason) => {
    const { outcomes, summary } = await runBatch([envelopeOf([query('b.example'), message, APPLICATION])], {
      acceleration,
      limits: { messageBytes },
    });
    const { logEvents } = JSON.parse(outcomes[0]?.data.toString() ?? '');
    if (reason !== undefined) expect(logEvents[1].message).toBe(message);
    const { unreadEventsByReason } = createSummary();
    expect(summary.unreadEventsByReason).toEqual(
      reason === undefined ? unreadEventsByReason : { ...unreadEventsByReason, [reason]: 1 },
    );
  });
});

describe('gzip that is too large to be read', () => {
  const kilobytes = (count: number) => gzipSync(Buffer.alloc(count * 1000));
  const limits = { recordBytes: 10_000 };
  const settings = { maxInflatedBytes: 50_000 };

  it.each([
    ['passes up to MAX_INFLATED_BYTES', kilobytes(50), 'Ok'],
    ['fails beyond', kilobytes(51), 'ProcessingFailed'],
    [
      'fails where it is broken',
      Buffer.concat([kilobytes(50).subarray(0, 40), Buffer.alloc(20)]),
      'ProcessingFailed',
    ],
    ['passes in several members', Buffer.concat([kilobytes(40), gzipSync('')]), 'Ok'],
    ['fails in several members beyond', Buffer.concat([kilobytes(40), kilobytes(11)]), 'ProcessingFailed'],
  ])('%s', async (_, record, result) => {
    const { outcomes } = await runBatch([record], { limits, settings });
    expect(outcomes).toMatchObject([{ result, isUnchanged: true }]);
  });

  it('is inflated only as long as the batch may; then its stated size decides', async () => {
    const honest = gzipSync(envelopeOf(queries(3)));
    const records = [kilobytes(40), kilobytes(40), kilobytes(40), kilobytes(60), honest];
    const { outcomes, summary } = await runBatch(records, {
      limits: { ...limits, oversizedBytes: 80_000 },
      settings,
    });
    expect(outcomes.map(({ result }) => result)).toEqual(['Ok', 'Ok', 'Ok', 'ProcessingFailed', 'Ok']);
    expect(summary.unreadByReason).toMatchObject({ 'record-bytes': 3, 'batch-bytes': 0 });
    expect(summary.failuresByCode.GZIP_TOO_LARGE).toBe(1);
    expect(outcomes.at(-1)?.isUnchanged).toBe(false);
  });

  it('leaves the others what they may inflate to', async () => {
    const honest = gzipSync(envelopeOf(queries(3)));
    const broken = Buffer.concat([honest.subarray(0, 30), Buffer.alloc(26, 7), Buffer.alloc(4)]);
    const inflated = envelopeOf(queries(3)).length;
    const read = async (batchBytes: number) => {
      const { outcomes } = await runBatch([kilobytes(40), honest, broken, honest], {
        limits: { ...limits, batchBytes },
        settings,
      });
      return outcomes.map(({ isUnchanged }) => !isUnchanged);
    };
    // What is broken may have been as large as a record that is read.
    expect(await read(inflated + 10_001)).toEqual([false, true, false, true]);
    expect(await read(inflated + 10_000)).toEqual([false, true, false, false]);
  });
});

describe.each(ACCELERATIONS)('a record that becomes too large, with %s', (_, acceleration) => {
  const cluster = clusterStub('shop');
  const pod = podStub(cluster, 'cart-0', { annotations: [['note', 'n'.repeat(2000)]] });
  const directory = createDirectoryStub({
    clusters: [cluster],
    owners: [['10.0.0.5', { kind: 'pod', pod, attribution: 'exact' }]],
    pods: [[pod, '10.0.0.5']],
  });
  const record = gzipSync(envelopeOf([...queries(10), APPLICATION]));

  it('goes back without the annotations of its pods', async () => {
    const { outcomes, summary } = await runBatch([record], {
      acceleration,
      directory,
      limits: { recordBytes: 16_000 },
    });
    const text = strictGunzip(outcomes[0]?.data ?? Buffer.alloc(0)).toString();
    expect(text.length).toBeLessThan(16_000);
    const { logEvents } = JSON.parse(text) as { logEvents: { message: string }[] };
    expect(JSON.parse(logEvents[0]?.message ?? '')).toMatchObject({
      'k8s.pod.name': 'cart-0',
      'dns.truncated': true,
    });
    expect(text).not.toContain('nnn');
    expect(summary.degraded).toEqual({ ...createSummary().degraded, withoutMetadata: 1 });
    expect([summary.eventsIn, summary.normalisedBySource.coredns, summary.truncated]).toEqual([11, 10, 10]);
    // The next batch has them again.
    const next = await runBatch([record], { acceleration, directory });
    expect(strictGunzip(next.outcomes[0]?.data ?? Buffer.alloc(0)).toString()).toContain('nnn');
    expect(next.summary.truncated).toBe(0);
  });

  it('goes back lean where that is not enough', async () => {
    const limits = { recordBytes: 8000 };
    const { outcomes, summary } = await runBatch([record], { acceleration, directory, limits });
    const text = strictGunzip(outcomes[0]?.data ?? Buffer.alloc(0)).toString();
    expect(text.length).toBeLessThan(8000);
    const { logEvents } = JSON.parse(text) as { logEvents: { message: string }[] };
    const lean = JSON.parse(logEvents[0]?.message ?? '');
    expect(lean).toMatchObject({ 'dns.question.name': 'n0.example', 'k8s.pod.name': 'cart-0' });
    for (const name of leanFieldsOf('cloudwatch-logs')) expect(lean).not.toHaveProperty([name]);
    expect(summary.degraded).toEqual({ ...createSummary().degraded, lean: 1 });
    expect([summary.eventsIn, summary.normalisedBySource.coredns]).toEqual([11, 10]);
    // The next batch has all fields again.
    const next = await runBatch([record], { acceleration, directory });
    expect(strictGunzip(next.outcomes[0]?.data ?? Buffer.alloc(0)).toString()).toContain('dns.header_flags');
  });

  it('is lean at once where its pods have no metadata: 9,000 lines of CoreDNS', async () => {
    const plainPod = podStub(cluster, 'cart-1');
    const owners = createDirectoryStub({
      clusters: [cluster],
      owners: [['10.0.0.5', { kind: 'pod', pod: plainPod, attribution: 'exact' }]],
      pods: [[plainPod, '10.0.0.5']],
    });
    const large = gzipSync(envelopeOf(queries(9000)));
    const { outcomes, summary } = await runBatch([large], { acceleration, directory: owners });
    expect(summary.degraded).toMatchObject({ withoutMetadata: 0, lean: 1, original: 0 });
    expect(summary.normalisedBySource.coredns).toBe(9000);
    const text = strictGunzip(outcomes[0]?.data ?? Buffer.alloc(0)).toString();
    expect(text.length).toBeLessThan(8_000_000);
    expect(text.match(/cart-1/g)?.length).toBe(9000);
  });

  it('goes back unchanged where that is not enough, and its events are not counted', async () => {
    const { outcomes, summary } = await runBatch([record], {
      acceleration,
      directory,
      limits: { recordBytes: 4000 },
    });
    expect(outcomes).toMatchObject([{ result: 'Ok', isUnchanged: true }]);
    expect(summary.degraded).toEqual({ ...createSummary().degraded, original: 1 });
    const counted = [summary.eventsIn, summary.passedThrough, summary.truncated, summary.attributions.exact];
    expect(counted).toEqual([0, 0, 0, 0]);
  });

  it.each([
    ['an envelope', envelopeOf(queries(10))],
    ['lines', Buffer.from(queries(10).join('\n'))],
  ])('has the limit of a record of Firehose where it is plain: %s', async (_name, plain) => {
    const { outcomes, summary } = await runBatch([plain], {
      acceleration,
      limits: { plainRecordBytes: 3000 },
    });
    expect([outcomes[0]?.isUnchanged, summary.degraded.original]).toEqual([true, 1]);
  });
});

describe('a batch beyond its time or its response', () => {
  // The time is looked at after some 100 kB.
  const record = gzipSync(envelopeOf(queries(1000)));
  const records = [record, record, record, record];
  const changed = (outcomes: readonly { isUnchanged: boolean }[]) =>
    outcomes.map(({ isUnchanged }) => !isUnchanged);

  /** A clock that advances with each call. */
  const ticking = (stepMs: number) => {
    let ms = 0;
    return () => {
      ms += stepMs;
      return ms;
    };
  };

  it('reads and writes no more when its CPU time is used up', async () => {
    // Once for the start and before each record that is read or written. The look-up, between two, is not counted.
    const reading = await runBatch(records, { cpuMs: ticking(1), limits: { readingCpuMs: 2, cpuMs: 100 } });
    expect(changed(reading.outcomes)).toEqual([true, true, false, false]);
    const writing = await runBatch(records, { cpuMs: ticking(1), limits: { readingCpuMs: 100, cpuMs: 6 } });
    expect(changed(writing.outcomes)).toEqual([true, false, false, false]);
    expect([reading.summary.unreadByReason.cpu, writing.summary.unreadByReason.cpu]).toEqual([2, 3]);
  });

  it('is written although the look-up took much CPU time', async () => {
    let ms = 0;
    const onLookup = () => {
      ms += 60_000;
    };
    const { outcomes } = await runBatch(records, { cpuMs: () => ms, onLookup });
    expect(changed(outcomes)).toEqual([true, true, true, true]);
  });

  it.each([
    ['a fifth of a short time', 1000, 200],
    ['five seconds of a long one', 60_000, 5000],
  ])('leaves %s for the response', async (_, totalMs, reservedMs) => {
    const remaining = [totalMs, reservedMs + 1, reservedMs, reservedMs - 1, reservedMs - 1];
    const remainingMs = () => remaining.shift() ?? totalMs;
    const { outcomes, summary } = await runBatch(records, { remainingMs });
    expect(changed(outcomes)).toEqual([true, true, false, false]);
    expect(summary.unreadByReason.deadline).toBe(2);
  });

  it('is not read when its records fill the response already, unless rules drop events', async () => {
    const responseBudgetBytes = 4 * record.toString('base64').length;
    const full = await runBatch(records, { settings: { responseBudgetBytes } });
    expect(changed(full.outcomes)).toEqual([false, false, false, false]);
    expect(full.summary.unreadByReason['no-room']).toBe(4);
    const dropping = await runBatch(records, {
      settings: { responseBudgetBytes, drop: new Set(['external']) },
    });
    expect(dropping.outcomes.map(({ result }) => result)).toEqual([
      'Dropped',
      'Dropped',
      'Dropped',
      'Dropped',
    ]);
  });

  it('writes as many records as the response has room for, and none more', async () => {
    const random = createRandom(7);
    const names = Array.from({ length: 300 }, () => query(`${random.hex(20)}.example`));
    const large = gzipSync(envelopeOf(names), { level: 9 });
    const [whole] = (await runBatch([large])).outcomes;
    const smallest = gzip(strictGunzip(whole?.data ?? Buffer.alloc(0)), 0).data.toString('base64').length;
    const original = large.toString('base64').length;
    expect(smallest).toBeGreaterThan(original * 1.2);
    const responseBudgetBytes = smallest * 3 + original * 5 + 8 * ('id-0'.length + 64);
    const { outcomes, summary } = await runBatch(Array(8).fill(large), { settings: { responseBudgetBytes } });
    const written = changed(outcomes).filter(Boolean).length;
    expect([written >= 3, written <= 5]).toEqual([true, true]);
    expect(summary.responseBytes).toBeLessThanOrEqual(responseBudgetBytes);
    // Of what could not go back, most is not written at all.
    expect(summary.unreadByReason['no-room']).toBeGreaterThanOrEqual(3);
  });
});

it('the bounds let a batch of the recommended buffer pass whole', async () => {
  // 0.5 MB of gzip; every name and client is a new one.
  const random = createRandom(11);
  const lineOf = (r: number, i: number): string =>
    query(`${random.hex(40)}.example`, 'NOERROR', `10.${r}.${i >> 8}.${i & 255}`);
  const records = Array.from({ length: 12 }, (_, r) =>
    gzipSync(envelopeOf(Array.from({ length: 1500 }, (_, i) => lineOf(r, i)))),
  );
  expect(records.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(500_000);
  const { summary } = await runBatch(records);
  expect(summary.unreadByReason).toEqual(createSummary().unreadByReason);
  expect([summary.normalisedBySource.coredns, summary.degraded.original]).toEqual([18_000, 0]);
});
