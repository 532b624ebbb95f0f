// Every form in which people have logs gives the same records.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readLogs } from '../../../../src/cli/lib/logs/index.ts';
import { openPipeline } from '../../../../src/cli/lib/records/pipeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'logs-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
async function read(content: string | Buffer, logGroup?: string) {
  const path = join(folder, `input-${files++}`);
  writeFileSync(path, content);
  const pipeline = await openPipeline(undefined);
  const records: Record<string, unknown>[] = [];
  let events = 0;
  for await (const batch of readLogs(path, () => ({ arrivalMs: ARRIVAL, logGroup }))) {
    const result = await pipeline.run(batch);
    records.push(...result.records);
    events += result.summary.eventsIn;
  }
  return { records, events, names: records.map((record) => record['dns.question.name']) };
}

const ARRIVAL = Date.UTC(2026, 4, 1);
const TIME = '2026-04-07T08:09:10.250Z';
const coredns = (name: string): string =>
  `[INFO] 10.9.0.4:5353 - 77 "AAAA IN ${name}. udp 44 false 1232" NOERROR qr,rd,ra 90 0.00031s`;
const resolver = (name: string) => ({
  version: '1.100000',
  account_id: '444455556666',
  region: 'eu-central-1',
  vpc_id: 'vpc-0f00f00f00f00f00f',
  query_timestamp: '2026-04-07T08:09:09Z',
  query_name: `${name}.`,
  query_type: 'A',
  query_class: 'IN',
  rcode: 'NOERROR',
  answers: [{ Rdata: '192.0.2.80', Type: 'A', Class: 'IN' }],
  srcaddr: '10.9.0.4',
  srcport: '5353',
  transport: 'UDP',
  srcids: { instance: 'i-00112233445566778' },
});
const wrapped = (name: string): string =>
  JSON.stringify({
    time: TIME,
    stream: 'stdout',
    log: coredns(name),
    kubernetes: { container_name: 'coredns' },
  });
const json = (name: string): string => JSON.stringify(resolver(name));
const ONE = 'one.example';
const TWO = 'two.example';
const events = [
  { timestamp: Date.parse(TIME), message: `${coredns(ONE)}\n`, logStreamName: 's', eventId: '1' },
  { timestamp: Date.parse(TIME), message: json(TWO), logStreamName: 'vpc_i', eventId: '2' },
];
const row = (message: string) => [
  { field: '@timestamp', value: '2026-04-07 08:09:10.250' },
  { field: '@message', value: message },
  { field: '@ptr', value: 'Cm' },
];
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');

describe('two records in', () => {
  it.each<[string, string | Buffer]>([
    ['lines', `${coredns(ONE)}\n${json(TWO)}\n`],
    [
      'lines that end as on Windows, after a byte order mark',
      `\uFEFF${coredns(ONE)}\r\n\r\n${json(TWO)}\r\n`,
    ],
    ['UTF-16', utf16(`${coredns(ONE)}\r\n${json(TWO)}\r\n`)],
    ['gzip of two members', Buffer.concat([gzipSync(`${coredns(ONE)}\n`), gzipSync(json(TWO))])],
    [
      'indented JSON',
      `${JSON.stringify(resolver(ONE), null, 4)}\n${JSON.stringify(resolver(TWO), null, 1)}\n`,
    ],
    ['an array', JSON.stringify([resolver(ONE), resolver(TWO)])],
    ['an indented array', JSON.stringify([resolver(ONE), resolver(TWO)], null, 2)],
    ['an array of texts', JSON.stringify([coredns(ONE), json(TWO)], null, 2)],
    ['an array with a line per element', `[\n${json(ONE)},\n${json(TWO)}\n]\n`],
    ['files of an export task', gzipSync(`${TIME} ${json(ONE)}\n${TIME} ${wrapped(TWO)}\n`)],
    ['an export of CRI lines', `${TIME} ${TIME} stdout F ${coredns(ONE)}\n${TIME} ${coredns(TWO)}`],
    [
      'aws logs tail',
      `2026-04-07T08:09:10.250000+00:00 vpc-1_i-2 ${json(ONE)}\n2026-04-07T08:09:10+00:00 pod.x ${wrapped(TWO)}\n`,
    ],
    [
      'aws logs tail --format short',
      `2026-04-07T08:09:10 ${json(ONE)}\n2026-04-07T08:09:10 ${coredns(TWO)}\n`,
    ],
    [
      'aws logs tail --format json',
      `2026-04-07T08:09:10.250000+00:00 s ${JSON.stringify(resolver(ONE), null, 4)}\n2026-04-07T08:09:11+00:00 s ${coredns(TWO)}\n`,
    ],
    ['filter-log-events', JSON.stringify({ events, searchedLogStreams: [], nextToken: 'n' }, null, 4)],
    ['get-log-events', JSON.stringify({ events, nextForwardToken: 'f', nextBackwardToken: 'b' })],
    ['filter-log-events, its events a line each', events.map((event) => JSON.stringify(event)).join('\n')],
    [
      'filter-log-events --query of messages',
      JSON.stringify(
        events.map(({ message }) => message),
        null,
        4,
      ),
    ],
    [
      'filter-log-events --query of times and messages',
      JSON.stringify(
        events.map(({ timestamp, message }) => [timestamp, message]),
        null,
        4,
      ),
    ],
    [
      'filter-log-events --output text',
      events
        .map(
          ({ timestamp, message }) =>
            `EVENTS\t${'3'.repeat(56)}\t1775549351000\ts\t${message.trim()}\t${timestamp}`,
        )
        .join('\n'),
    ],
    ['messages with --output text', `${coredns(ONE)}\t${json(TWO)}\n`],
    [
      'times and messages with --output text',
      events.map(({ timestamp, message }) => `${timestamp}\t${message.trim()}`).join('\n'),
    ],
    [
      'get-query-results',
      JSON.stringify(
        { results: [row(coredns(ONE)), row(json(TWO))], statistics: {}, status: 'Complete' },
        null,
        4,
      ),
    ],
    [
      'results of Logs Insights as JSON',
      JSON.stringify([
        { '@timestamp': '2026-04-07 08:09:10.250', '@message': coredns(ONE) },
        { '@timestamp': '2026-04-07 08:09:10.250', '@message': resolver(TWO) },
      ]),
    ],
    [
      'results of Logs Insights as CSV',
      `@timestamp,@message\r\n2026-04-07 08:09:10.250,${quoted(coredns(ONE))}\r\n2026-04-07 08:09:10.250,${quoted(JSON.stringify(resolver(TWO), null, 2))}\r\n`,
    ],
    [
      'fields of Logs Insights as CSV',
      `@timestamp,query_name,query_type,rcode,srcaddr,version,query_timestamp\n2026-04-07 08:09:10.250,${ONE}.,A,NOERROR,10.9.0.4,1.100000,2026-04-07T08:09:09Z\n2026-04-07 08:09:10.250,${TWO}.,A,NOERROR,10.9.0.4,1.100000,2026-04-07T08:09:09Z\n`,
    ],
    [
      'kubectl logs --prefix --timestamps',
      [ONE, TWO]
        .map((name) => `[pod/coredns-5f6d8-x2x2x/coredns] 2026-04-07T08:09:10.250123456Z ${coredns(name)}`)
        .join('\n'),
    ],
    [
      'kubectl logs --timestamps',
      [ONE, TWO].map((name) => `2026-04-07T08:09:10.250123456Z ${coredns(name)}`).join('\n'),
    ],
    [
      'backed-up records of Firehose',
      `${JSON.stringify({ attemptsMade: 4, errorCode: 'x', rawData: gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: events.map((e) => ({ ...e, id: e.eventId })) })).toString('base64') })}\n`,
    ],
  ])('%s', async (_, content) => {
    const { names, events: count, records } = await read(content);
    expect({ names, count }).toEqual({ names: [ONE, TWO], count: 2 });
    for (const record of records) {
      expect(record['aws.log_group']).toBeUndefined();
      expect(record['dns.client.attribution']).not.toBe('exact');
      const source = record['log.source'] === 'coredns';
      // Only what a log names itself.
      expect([record['aws.account.id'], record['aws.region']]).toEqual(
        source || _.startsWith('fields') ? [undefined, undefined] : ['444455556666', 'eu-central-1'],
      );
    }
  });
});

describe('the time of a CoreDNS line', () => {
  it.each([
    [`${TIME} ${coredns(ONE)}`, TIME],
    [`2026-04-07T10:09:10+02:00 stream ${coredns(ONE)}`, '2026-04-07T08:09:10.000Z'],
    [`2026-04-07T08:09:10 ${coredns(ONE)}`, '2026-04-07T08:09:10.000Z'],
    [JSON.stringify({ events }), TIME],
    [JSON.stringify({ results: [row(coredns(ONE))], status: 'Complete' }), TIME],
    [`@message,@timestamp\n${quoted(coredns(ONE))},2026-04-07 08:09:10.250\n`, TIME],
    [coredns(ONE), new Date(ARRIVAL).toISOString()],
  ])('%s', async (content, time) => {
    expect((await read(content)).records[0]).toMatchObject({ timestamp: time });
  });
});

describe('what begins like another form', () => {
  it.each<[string, string, readonly string[], number]>([
    ['a bracket, then lines', `{\n${coredns(ONE)}\n[\n${coredns(TWO)}\n`, [ONE, TWO], 4],
    ['JSON that never ends', `{"records": [\n${json(ONE)},\n${json(TWO)}\n`, [ONE, TWO], 3],
    ['syslog', `2026-04-07T08:09:10.250Z node-1 coredns[7]: ${coredns(ONE)}\n`, [ONE], 1],
    ['a line of an application', `2026-04-07T08:09:10.250Z started {"a":1}\n${coredns(ONE)}`, [ONE], 2],
    [
      'an object with events',
      `${JSON.stringify({ app: 'shop', events: [{ timestamp: 1, message: coredns(TWO) }] })}\n${coredns(ONE)}`,
      [ONE],
      2,
    ],
    [
      'tabs, and names that begin with a bracket',
      `[INFO] 10.1.2.3\t[w.test.\tA\t{x.test.\n${coredns(ONE)}\n`,
      [ONE],
      2,
    ],
    ['tabs before a bracket, behind JSON', `${json(ONE)}\t{not\n${coredns(TWO)}\n`, [TWO], 2],
    ['a table of something else', `name,message\nx,${quoted(coredns(TWO))}\n`, [], 2],
  ])('%s', async (_, content, names, count) => {
    const found = await read(content);
    expect([found.names, found.events]).toEqual([names, count]);
  });

  it('a line in a log of lines that imitates an envelope', async () => {
    const logEvents = [{ id: '1', timestamp: Date.parse(TIME), message: json(TWO) }];
    const envelope = {
      messageType: 'DATA_MESSAGE',
      owner: '444455556666',
      logGroup: '/aws/vendedlogs/route53resolver/x',
      logEvents,
    };
    const imitated = JSON.stringify(envelope);
    expect((await read(`${coredns(ONE)}\n${imitated}\n`)).names).toEqual([ONE]);
    expect((await read(`${TIME} ${imitated}\n`)).names).toEqual([]);
    expect((await read(`${imitated}\n${coredns(ONE)}\n`)).names).toEqual([TWO, ONE]);
  });
});

it('parts of a line that the runtime split are joined where groups of lines end', async () => {
  const padding = `${TIME} stdout F started\n`.repeat(40_000);
  const line = coredns(ONE);
  const parts = `${TIME} stdout P ${line.slice(0, 30)}\n${TIME} stdout F ${line.slice(30)}\n`;
  // 64 KiB, where the first group ends, lies between the two parts.
  const head = padding.slice(0, 2 ** 16 - 80).replace(/[^\n]*$/, '');
  expect((await read(head + parts.repeat(3))).names).toEqual([ONE, ONE, ONE]);
});

it('a log group is that of lines that name none', async () => {
  const { records } = await read(`${coredns(ONE)}\n${TIME} ${coredns(TWO)}`, '/aws/eks/shop/coredns');
  expect(records).toMatchObject([
    { 'aws.log_group': '/aws/eks/shop/coredns', timestamp: new Date(ARRIVAL).toISOString() },
    { 'aws.log_group': '/aws/eks/shop/coredns', timestamp: TIME },
  ]);
});

it.each(['', '\n \r\n', '\uFEFF'])('a file of nothing but %j has no batch', async (content) => {
  expect(await read(content)).toMatchObject({ events: 0, names: [] });
});

it('corrupt gzip is an error', async () => {
  await expect(read(gzipSync(coredns(ONE).repeat(99)).subarray(0, 60))).rejects.toThrow(/cannot read/);
});

it('large gzip is inflated as it arrives', async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `${randomBytes(60).toString('base64')} ${i}`);
  const { events, names } = await read(gzipSync(`${lines.join('\n')}\n${coredns(ONE)}`));
  expect([events, names]).toEqual([60_001, [ONE]]);
});
