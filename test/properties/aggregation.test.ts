// `AGGREGATE=lookup` over whole batches: every query of the input follows from the output, once.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AggregateItem, QuestionCategory, Settings } from '../../src/core/model/settings.ts';
import { total } from '../../src/core/model/summary.ts';
import { NO_ACCELERATION } from '../../src/core/pipeline/acceleration.ts';
import { messagesIn, queriesIn } from '../support/coredns-answers.ts';
import { RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';
import { runBatch } from '../support/run-batch.ts';

const SUFFIXES = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'ec2.internal'];
const NAMES = [
  'www.example.com',
  'api.example.net',
  'sqs.eu-west-1.amazonaws.com',
  'cart.shop.svc.cluster.local',
];

type Line = { readonly client: string; readonly name: string; readonly type: string; readonly code: string };

/** A look-up of a name, as far as it is in the batch: some of its suffixes, types and results. */
const lookUp = fc
  .record({
    client: fc.constantFrom('10.0.0.5', '10.0.0.6'),
    name: fc.constantFrom(...NAMES),
    suffixes: fc.subarray(SUFFIXES),
    types: fc.subarray(['A', 'AAAA', 'HTTPS'], { minLength: 1 }),
    hasName: fc.boolean(),
    /** A client that asks again: equal queries, which are rare otherwise. */
    times: fc.constantFrom(1, 1, 2),
    code: fc.constantFrom('NOERROR', 'NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED'),
    // One of the types may have another result, or not be logged.
    odd: fc.option(
      fc.record({ type: fc.constantFrom('AAAA', 'HTTPS'), code: fc.constantFrom('NXDOMAIN', '') }),
    ),
  })
  .map(({ client, name, suffixes, types, hasName, times, code, odd }): Line[] =>
    Array.from({ length: times }, () => types)
      .flat()
      .flatMap((type) => [
        ...suffixes.map((suffix) => ({ client, name: `${name}.${suffix}`, type, code: 'NXDOMAIN' })),
        ...(hasName && !(odd?.type === type && odd.code === '')
          ? [{ client, name, type, code: odd?.type === type ? odd.code : code }]
          : []),
      ]),
  );

const OTHER = ['GET /index.html 200', '[ERROR] plugin/errors: 2 www.example.com. A: read udp: i/o timeout'];

const batch = fc.record({
  lookUps: fc.array(lookUp, { minLength: 1, maxLength: 6 }),
  /** Which record and second each line goes to, by turns. */
  places: fc.array(fc.tuple(fc.nat(3), fc.nat(14)), { minLength: 1, maxLength: 9 }),
  shapes: fc.array(fc.constantFrom('gzip', 'plain', 'text'), { minLength: 4, maxLength: 4 }),
  other: fc.subarray(OTHER),
});

type Batch = typeof batch extends fc.Arbitrary<infer T> ? T : never;

const START_MS = 1_795_168_860_000;

function recordsOf({ lookUps, places, shapes, other }: Batch): Buffer[] {
  const records: { timestamp: number; message: string }[][] = [[], [], [], []];
  for (const [i, { client, name, type, code }] of lookUps.flat().entries()) {
    const [record = 0, second = 0] = places[i % places.length] ?? [];
    const message = `[INFO] ${client}:${4000 + i} - ${i} "${type} IN ${name}. udp 40 false 512" ${code} qr,rd,ra 80 0.0001s`;
    records[record]?.push({ timestamp: START_MS + second * 1000 + i, message });
  }
  for (const [i, message] of other.entries()) records[i]?.push({ timestamp: START_MS, message });
  return records.flatMap((events, i) => {
    if (events.length === 0) return [];
    if (shapes[i] === 'text') return Buffer.from(events.map(({ message }) => message).join('\n'));
    const logEvents = events.map((event, id) => ({ id: `${i}/${id}`, ...event }));
    const head = { messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: '/g', logStream: 's' };
    const json = Buffer.from(JSON.stringify({ ...head, logEvents }));
    return shapes[i] === 'gzip' ? gzipSync(json) : json;
  });
}

const written = ({ outcomes }: Awaited<ReturnType<typeof runBatch>>): string[] =>
  outcomes.flatMap(({ result, data }) => (result === 'Ok' ? messagesIn(data) : []));

const queries = (messages: readonly string[]): string[] => messages.flatMap(queriesIn).sort();

/** The sum of `dns.query.count` over the records. */
const countOf = (messages: readonly string[]): number =>
  messages
    .filter((message) => message.startsWith('{'))
    .reduce((sum, message) => sum + (JSON.parse(message)['dns.query.count'] ?? 1), 0);

describe.each<readonly AggregateItem[]>([
  ['lookup'],
  ['external', 'cluster', 'aws'],
  ['lookup', 'external', 'search-expansion'],
])('AGGREGATE=%s', (...items) => {
  const AGGREGATED: Partial<Settings> = { aggregate: new Set(items) };

  it(
    'loses and invents no query, and counts each once',
    async () => {
      const reached = { merged: 0, dropped: 0, sampled: 0 };
      const filters: fc.Arbitrary<Partial<Settings>> = fc.constantFrom<Partial<Settings>>(
        {},
        { drop: new Set<QuestionCategory>(['search-expansion']) },
        { sample: new Map([['external' as const, 0.5]]) },
        { omit: ['content', 'dns.id', 'client.port'] },
      );
      await fc.assert(
        fc.asyncProperty(batch, filters, async (drawn, filter) => {
          const records = recordsOf(drawn);
          const plain = await runBatch(records, { settings: filter });
          const aggregated = await runBatch(records, { settings: { ...filter, ...AGGREGATED } });
          const messages = written(aggregated);
          expect(queries(messages)).toEqual(queries(written(plain)));
          const { summary } = aggregated;
          const removed = total(summary.droppedByCategory) + total(summary.sampledOutByCategory);
          expect(countOf(messages)).toBe(total(summary.normalisedBySource));
          expect(countOf(messages) + removed + summary.passedThrough).toBe(summary.eventsIn);
          // What is counted by client, source and rule does not depend on the setting.
          const { merged, responseBytes, recordsByResult, invocationMs, ...counts } = summary;
          expect(plain.summary).toMatchObject(counts);
          reached.merged += merged;
          reached.dropped += recordsByResult.Dropped;
          reached.sampled += removed;
        }),
        { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 4) },
      );
      for (const [what, times] of Object.entries(reached))
        expect([what, times > RUNS.numRuns / 400]).toEqual([what, true]);
    },
    TIME_LIMIT_MS,
  );

  it(
    'loses and invents no query where records go back as their originals',
    async () => {
      let originals = 0;
      const tight = fc.record({
        responseBudgetBytes: fc.integer({ min: 300, max: 8000 }),
        plainRecordBytes: fc.constantFrom(1_000_000, 2000, 4000),
      });
      await fc.assert(
        fc.asyncProperty(batch, tight, async (drawn, { responseBudgetBytes, plainRecordBytes }) => {
          const records = recordsOf(drawn);
          const { outcomes, ...run } = await runBatch(records, {
            settings: { ...AGGREGATED, responseBudgetBytes },
            limits: { plainRecordBytes },
          });
          expect(queries(written({ outcomes, ...run }))).toEqual(queries(records.flatMap(messagesIn)));
          originals += run.summary.degraded.original;
        }),
        { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 3) },
      );
      expect(originals).toBeGreaterThan(RUNS.numRuns / 60);
    },
    TIME_LIMIT_MS,
  );

  it(
    'gives the same bytes again, and without the fast path',
    async () => {
      await fc.assert(
        fc.asyncProperty(batch, async (drawn) => {
          const records = recordsOf(drawn);
          const [first, second, ordinary] = [
            await runBatch(records, { settings: AGGREGATED }),
            await runBatch(records, { settings: AGGREGATED }),
            await runBatch(records, { settings: AGGREGATED, acceleration: NO_ACCELERATION }),
          ];
          expect(second.response).toEqual(first.response);
          expect(ordinary.response).toEqual(first.response);
        }),
        { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 4) },
      );
    },
    TIME_LIMIT_MS,
  );
});
