// AGGREGATE=lookup over whole batches. That nothing is lost is shown by test/properties/aggregation.test.ts.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Settings } from '../../../src/core/model/settings.ts';
import { messagesIn } from '../../support/coredns-answers.ts';
import { resolverRecord } from '../../support/resolver-record.ts';
import { APPLICATION, envelopeOf, query, runBatch } from '../../support/run-batch.ts';

const LOOKUP: Partial<Settings> = { aggregate: new Set(['lookup'] as const) };

/** The same query for the other address family. */
const six = (line: string): string => line.replace('"A IN', '"AAAA IN');
const both = (line: string): string[] => [line, six(line)];

const run = (messages: readonly string[], settings = LOOKUP) =>
  runBatch([envelopeOf(messages)], { settings });
const recordsOf = ({ outcomes }: Awaited<ReturnType<typeof run>>) =>
  outcomes.flatMap(({ data }) => messagesIn(data)).map((message) => JSON.parse(message));

describe('queries that keep their own record', () => {
  it.each([
    ['errors of the server', both(query('a.example', 'SERVFAIL'))],
    ['refusals', both(query('a.example', 'REFUSED'))],
    ['a signal of the name', both(query('xn--caf-dma.example'))],
    [
      'errors of CoreDNS',
      ['A', 'AAAA'].map((type) => `[ERROR] plugin/errors: 2 a.example. ${type}: timeout`),
    ],
    ['queries without a response', both(query('a.example').replace(/NOERROR.*/, '- - 0 2.0001s'))],
    ['answers of the Resolver', ['A', 'AAAA'].map((type) => resolverRecord({ query_type: type }))],
    ['lines that were read in part', both(query('a.example', 'NOERROR', '10.0.x.x'))],
    ['other clients', [query('a.example'), six(query('a.example', 'NOERROR', '10.0.0.6'))]],
    ['other classes', [query('a.example'), six(query('a.example')).replace('AAAA IN', 'AAAA CH')]],
  ])('%s', async (_, messages) => {
    const { outcomes, summary } = await run(messages);
    expect(messagesIn(outcomes[0]?.data ?? Buffer.alloc(0))).toHaveLength(2);
    expect(summary.merged).toBe(0);
  });

  it('updates', async () => {
    const corednsLogFormats = ['{remote}:{port} {>id} {>opcode} "{type} {class} {name}" {rcode} {duration}'];
    const lines = ['A', 'AAAA'].map(
      (type) => `[INFO] 10.0.0.5:4000 1 5 "${type} IN a.example." NOERROR 0.1s`,
    );
    const { summary } = await run(lines, { ...LOOKUP, corednsLogFormats });
    expect([summary.normalisedBySource.coredns, summary.merged]).toEqual([2, 0]);
    const queries = await run(
      lines.map((line) => line.replace('1 5', '1 0')),
      { ...LOOKUP, corednsLogFormats },
    );
    expect(queries.summary.merged).toBe(1);
  });

  it('names longer than any DNS name', async () => {
    const { summary } = await run(both(query('a'.repeat(1100))));
    expect(summary.merged).toBe(0);
  });

  it('lines of other log groups', async () => {
    const [a, aaaa] = both(query('a.example')).map((line, i) => envelopeOf([line], { logGroup: `/g${i}` }));
    const { summary } = await runBatch(
      [a, aaaa].filter((data) => data !== undefined),
      { settings: LOOKUP },
    );
    expect(summary.merged).toBe(0);
  });
});

it('queries of further records share none, where a batch has too many', async () => {
  const records = [0, 1, 2].map(() => envelopeOf(both(query('a.example'))));
  const { outcomes, summary } = await runBatch(records, { settings: LOOKUP, limits: { sharingQueries: 3 } });
  expect(outcomes.map(({ data }) => messagesIn(data).length)).toEqual([1, 1, 2]);
  expect([summary.normalisedBySource.coredns, summary.merged]).toEqual([6, 2]);
});

describe('a look-up', () => {
  it('has the id, sizes and duration of the name itself', async () => {
    const expansion = query('www.example.com.svc.cluster.local', 'NXDOMAIN').replace('0.0001s', '9.5s');
    const own = query('www.example.com').replace(' 80 ', ' 321 ');
    const { outcomes, summary } = await run([expansion, APPLICATION, own]);
    const { logEvents } = JSON.parse(outcomes[0]?.data.toString() ?? '');
    expect(logEvents.map(({ id }: { id: string }) => id)).toEqual(['1', '2']);
    expect(JSON.parse(logEvents[1].message)).toMatchObject({
      'dns.question.name': 'www.example.com',
      'dns.response.bytes': 321,
      duration: 100_000,
      'dns.query.count': 2,
      'dns.query.suffixes': ['svc.cluster.local'],
    });
    expect([summary.normalisedBySource.coredns, summary.merged, summary.attributions.none]).toEqual([
      2, 1, 2,
    ]);
  });

  it('lists nothing that its record says already', async () => {
    const [record] = recordsOf(await run([query('a.example'), six(query('a.example'))]));
    const own = Object.entries(record).filter(([name]) => name.startsWith('dns.query.'));
    expect(own).toEqual([
      ['dns.query.count', 2],
      ['dns.query.types', ['A', 'AAAA']],
    ]);
  });

  it('keeps its count when OMIT leaves the lists out', async () => {
    const { outcomes } = await run(both(query('a.example')), { ...LOOKUP, omit: ['dns.*'] });
    const [message = ''] = messagesIn(outcomes[0]?.data ?? Buffer.alloc(0));
    expect(Object.keys(JSON.parse(message)).filter((name) => name.startsWith('dns.'))).toEqual([
      ...['dns.question.name', 'dns.query.count', 'dns.client.attribution'],
    ]);
  });
});

describe('a Firehose record all of whose queries are in another', () => {
  const carrier = [query('a.example'), query('b.example', 'SERVFAIL'), APPLICATION];
  const rest = envelopeOf([six(query('a.example'))]);

  it('is dropped', async () => {
    const { outcomes } = await runBatch([envelopeOf(carrier), gzipSync(rest)], { settings: LOOKUP });
    expect(outcomes.map(({ result }) => result)).toEqual(['Ok', 'Dropped']);
    expect(messagesIn(outcomes[0]?.data ?? Buffer.alloc(0))[0]).toContain('"dns.query.count":2');
  });

  it('is written on its own where that one goes back as its original', async () => {
    const large = envelopeOf([...carrier, 'x'.repeat(3000)]);
    const { outcomes, summary } = await runBatch([large, rest], {
      settings: LOOKUP,
      limits: { plainRecordBytes: 4000 },
    });
    expect(outcomes.map(({ result, isUnchanged }) => [result, isUnchanged])).toEqual([
      ['Ok', true],
      ['Ok', false],
    ]);
    const [message = ''] = messagesIn(outcomes[1]?.data ?? Buffer.alloc(0));
    expect(JSON.parse(message)).toMatchObject({
      'dns.question.name': 'a.example',
      'dns.question.type': 'AAAA',
    });
    expect(message).not.toContain('dns.query.');
    // The second was written twice, and counted once.
    expect([summary.eventsIn, summary.merged, summary.normalisedBySource.coredns]).toEqual([1, 0, 1]);
  });
});

it('reads a batch that is larger than the response may be, because it becomes smaller', async () => {
  const lines = Array.from({ length: 300 }, (_, i) => (i % 2 ? six : String)(query(`n${i >> 1}.example`)));
  const settings = {
    ...LOOKUP,
    responseBudgetBytes: 20_000,
    omit: ['content', 'aws.*', 'client.*', 'k8s.*'],
  };
  const { summary } = await run(lines, settings);
  expect(summary.unreadByReason['no-room']).toBe(0);
  expect(summary.merged).toBe(150);
});

describe('equal queries of a category', () => {
  const settings: Partial<Settings> = { aggregate: new Set(['external'] as const) };
  const slow = (line: string): string => line.replace('0.0001s', '2.5s');

  it('become the record of the first, with the largest duration', async () => {
    const lines = [query('a.example'), slow(query('a.example')), query('b.example'), query('a.example')];
    const records = recordsOf(await run(lines, settings));
    expect(
      records.map((record) => [record['dns.question.name'], record['dns.query.count'], record.duration]),
    ).toEqual([
      ['a.example', 3, 2_500_000_000],
      ['b.example', undefined, 100_000],
    ]);
    expect(records[0]).not.toHaveProperty(['dns.query.types']);
  });

  it.each([
    ['another type', six(query('a.example'))],
    ['another result', query('a.example', 'NXDOMAIN')],
    ['another client', query('a.example', 'NOERROR', '10.0.0.6')],
  ])('stay apart from %s', async (_, other) => {
    const { summary } = await run([query('a.example'), other], settings);
    expect(summary.merged).toBe(0);
  });

  it.each([
    ['another category', query('web.shop.svc.cluster.local')],
    ['errors', query('a.example', 'SERVFAIL')],
    ['signals', query('xn--caf-dma.example.com')],
  ])('leave %s alone', async (_, line) => {
    const { summary } = await run([line, line], settings);
    expect(summary.merged).toBe(0);
  });

  it('count whole look-ups together with AGGREGATE=lookup', async () => {
    const expansion = query('www.example.com.svc.cluster.local', 'NXDOMAIN');
    const lines = [...both(expansion), ...both(query('www.example.com'))];
    const both2 = { aggregate: new Set(['lookup', 'external'] as const) };
    const [record, ...others] = recordsOf(await run([...lines, ...lines, ...lines], both2));
    expect(others).toEqual([]);
    expect(record).toMatchObject({ 'dns.query.count': 12, 'dns.query.types': ['A', 'AAAA'] });
  });
});
