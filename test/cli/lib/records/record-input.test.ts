import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { openPipeline } from '../../../../src/cli/lib/records/pipeline.ts';
import { readFile } from '../../../../src/cli/lib/records/read-files.ts';
import { readRecords, timeFrom } from '../../../../src/cli/lib/records/record-input.ts';
import { callsStubPerTest } from '../../support/calls-stub.ts';

const folder = mkdtempSync(join(tmpdir(), 'records-'));
afterAll(() => rmSync(folder, { recursive: true }));

const record = (name: string, minute = 0) => ({
  timestamp: new Date(Date.UTC(2026, 0, 5, 0, minute)).toISOString(),
  'log.source': 'coredns',
  'dns.question.name': name,
});
const A = record('a.example');
const B = record('b.example', 30);
const LINE = '[INFO] 10.0.0.7:4000 - 1 "A IN a.example. udp 40 false 512" NOERROR qr,rd,ra 80 0.0001s';
const ENVELOPE = {
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup: '/aws/eks/green/coredns',
  logStream: 's',
  logEvents: [{ id: '1', timestamp: 1_767_571_200_000, message: LINE }],
};

let files = 0;
async function read(content: string | Buffer) {
  const path = join(folder, `input-${files++}`);
  writeFileSync(path, content);
  const count = { records: 0, ignored: 0 };
  const names: unknown[] = [];
  for await (const one of readFile(path, () => openPipeline(undefined), count))
    names.push(one['dns.question.name']);
  return { names, count };
}

describe('a file of', () => {
  const ndjson = `${JSON.stringify(A)}\r\n\n${JSON.stringify(B)}`;
  it.each<[string, string | Buffer, readonly string[], number]>([
    ['NDJSON', ndjson, ['a.example', 'b.example'], 0],
    ['NDJSON behind a byte order mark', `\uFEFF${ndjson}`, ['a.example', 'b.example'], 0],
    ['gzip', gzipSync(ndjson), ['a.example', 'b.example'], 0],
    ['an array', JSON.stringify([A, B, 7]), ['a.example', 'b.example'], 1],
    ['an indented array', JSON.stringify([A, B], null, 2), ['a.example', 'b.example'], 0],
    [
      'an array in one line each',
      `[\n${JSON.stringify(A)},\n${JSON.stringify(B)}\n]`,
      ['a.example', 'b.example'],
      0,
    ],
    [
      'a query result',
      JSON.stringify({ state: 'SUCCEEDED', result: { records: [A, B] } }),
      ['a.example', 'b.example'],
      0,
    ],
    ['raw lines', `${LINE}\n${LINE}\nsomething else\n`, ['a.example', 'a.example'], 1],
    [
      'envelopes by line',
      `${JSON.stringify(ENVELOPE)}\n${JSON.stringify(ENVELOPE)}\n`,
      ['a.example', 'a.example'],
      0,
    ],
    ['an indented envelope', JSON.stringify(ENVELOPE, null, 2), ['a.example'], 0],
    ['records, then a raw line', `${JSON.stringify(B)}\n${LINE}\n`, ['b.example'], 1],
    ['raw lines, then one that imitates a record', `${LINE}\n${JSON.stringify(B)}\n`, ['a.example'], 1],
    ['a record of another source', JSON.stringify({ ...A, 'log.source': 'unbound' }), [], 1],
    ['a record without a time', JSON.stringify({ ...A, timestamp: 'yesterday' }), [], 1],
    ['a record of year 1', JSON.stringify({ ...A, timestamp: '0001-01-01T00:00:00.000Z' }), [], 1],
    ['half a JSON text', `{"records": [\n${JSON.stringify(A)}\n`, [], 2],
    ['nothing', '', [], 0],
  ])('%s', async (_, content, names, ignored) => {
    expect(await read(content)).toEqual({ names, count: { records: names.length, ignored } });
  });

  it('a Firehose event', async () => {
    expect((await read(readFileSync('events/01-coredns-query.json'))).names).toEqual(['www.dynatrace.com']);
  });

  it('corrupt gzip is an error', async () => {
    await expect(read(gzipSync(ndjson).subarray(0, 40))).rejects.toThrow(/cannot read/);
  });

  it('many lines is read in portions', async () => {
    const { names } = await read(`${LINE}\n`.repeat(60_000));
    expect(names).toHaveLength(60_000);
  });
});

it('records outside of the time are left out', async () => {
  const path = join(folder, 'timed');
  writeFileSync(path, [A, B].map((one) => `${JSON.stringify(one)}\n`).join(''));
  const names = async (options: object) => {
    const found: unknown[] = [];
    for await (const one of readRecords([path], options, openAws('eu-west-1'), { records: 0, ignored: 0 }))
      found.push(one['dns.question.name']);
    return found;
  };
  expect(await names({ from: Date.parse(B.timestamp) })).toEqual(['b.example']);
  expect(await names({ to: Date.parse(B.timestamp) })).toEqual(['a.example']);
});

it.each([
  ['2026-01-05T00:00:00Z', Date.UTC(2026, 0, 5)],
  ['nonsense', undefined],
  ['7 d', undefined],
])('the time %s', (text, expected) => {
  if (expected === undefined) expect(() => timeFrom(text)).toThrow(/Expected 7d/);
  else expect(timeFrom(text)).toBe(expected);
});

describe('a log group', () => {
  const start = callsStubPerTest();
  const group = '/aws/vendedlogs/route53resolver/green';
  const message = JSON.stringify({
    version: '1.100000',
    account_id: '111122223333',
    region: 'eu-north-1',
    vpc_id: 'vpc-0a1b2c3d4e5f60718',
    query_timestamp: '2026-01-05T00:00:00Z',
    query_name: 'a.example.',
    query_type: 'A',
    query_class: 'IN',
    rcode: 'NOERROR',
    answers: [],
    srcaddr: '10.0.0.7',
    srcport: '4000',
    transport: 'UDP',
    srcids: { instance: 'i-0aaaaaaaaaaaaaaaa' },
  });
  const range = { from: Date.UTC(2026, 0, 5), to: Date.UTC(2026, 0, 6) };
  const all = async (options: object) => {
    const found = [];
    for await (const one of readRecords([], options, openAws('eu-north-1'), { records: 0, ignored: 0 }))
      found.push(one);
    return found;
  };

  it('is read page by page through the pipeline', async () => {
    const stub = await start({
      DescribeLogGroups: () => ({
        logGroups: [
          { logGroupName: `${group}-2`, arn: `arn:aws:logs:eu-north-1:111122223333:log-group:${group}-2:*` },
          { logGroupName: group, arn: `arn:aws:logs:eu-north-1:111122223333:log-group:${group}:*` },
        ],
      }),
      FilterLogEvents: ({ nextToken }) => {
        const event = {
          logStreamName: 'vpc-0a1b2c3d4e5f60718_i-0aaaaaaaaaaaaaaaa',
          timestamp: range.from,
          message,
        };
        if (nextToken === 'last') return { events: [event, { ...event, message: 'no DNS\n' }] };
        return {
          events: nextToken === undefined ? [event] : [],
          nextToken: nextToken === undefined ? 'more' : 'last',
        };
      },
    });
    const records = await all({ logGroup: [group], ...range });
    expect(records).toMatchObject([
      { 'dns.question.name': 'a.example', 'aws.log_group': group, 'aws.account.id': '111122223333' },
      { 'dns.question.name': 'a.example', 'aws.region': 'eu-north-1' },
    ]);
    expect(stub.calls[1]).toMatchObject({
      operation: 'FilterLogEvents',
      input: { logGroupName: group, startTime: range.from, endTime: range.to - 1 },
    });
    expect(stub.calls).toHaveLength(4);
  });

  it('that does not exist is a usage error', async () => {
    await start({ DescribeLogGroups: () => ({ logGroups: [] }) });
    await expect(all({ logGroup: [group] })).rejects.toThrow(`there is no log group "${group}"`);
  });
});
