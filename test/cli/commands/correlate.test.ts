import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { correlateCommand } from '../../../src/cli/commands/correlate.ts';
import { correlate, readRecord } from '../../../src/cli/lib/records/correlate.ts';
import { runCommand } from '../../support/run-command.ts';

const at = (seconds: number) => new Date(Date.UTC(2024, 2, 1, 12) + seconds * 1000).toISOString();
type Members = Readonly<Record<string, unknown>>;

const coredns = (pod: string, seconds: number, members: Members = {}) => ({
  timestamp: at(seconds),
  'log.source': 'coredns',
  'dns.question.name': 'www.example.com',
  'dns.question.type': 'A',
  'dns.response_code': 'NOERROR',
  duration: 20_000_000,
  'client.ip': '10.0.1.5',
  'dns.client.kind': 'pod',
  'dns.client.attribution': 'exact',
  'k8s.cluster.name': 'shop',
  'k8s.namespace.name': 'web',
  'k8s.workload.kind': 'deployment',
  'k8s.workload.name': 'front',
  'k8s.pod.name': pod,
  'dns.resolver.ip': '10.0.2.2',
  'dns.resolver.instance_id': 'i-1',
  ...members,
});
const answer = (seconds: number, members: Members = {}) => ({
  timestamp: at(seconds),
  'log.source': 'aws.vpcdnsquerylogs',
  'dns.question.name': 'www.example.com',
  'dns.question.type': 'A',
  'dns.response_code': 'NOERROR',
  'dns.answers.data': ['192.0.2.7'],
  'client.ip': '10.0.2.2',
  'dns.client.kind': 'coredns',
  'dns.resolver.ip': '10.0.2.2',
  'dns.resolver.instance_id': 'i-1',
  'host.id': 'i-1',
  ...members,
});
/** An answer to a node whose CoreDNS is unknown: its packets had the node's address as source. */
const fromNode = (seconds: number, members: Members = {}) =>
  answer(seconds, {
    'dns.client.kind': 'node',
    'dns.resolver.ip': undefined,
    'dns.resolver.instance_id': undefined,
    ...members,
  });

const read = (records: readonly unknown[]) =>
  records.map((record) => readRecord(JSON.stringify(record))).filter((record) => record !== undefined);
const matches = (records: readonly unknown[], cacheSeconds = 30) =>
  correlate(read(records), cacheSeconds * 1000).map(({ requesters }) =>
    requesters.map(({ pod, match }) => `${pod} ${match}`),
  );

describe('requesters of an outside answer', () => {
  it.each([
    ['at the same second', coredns('a', 0.1), answer(0), ['a exact']],
    ['before the stamp by less than a second', coredns('a', 0), answer(1), ['a exact']],
    ['too early', coredns('a', 0), answer(1.001), []],
    ['at the edge of the window', coredns('a', 2.02), answer(0), ['a exact']],
    ['later, from the cache', coredns('a', 2.021), answer(0), ['a cache']],
    ['before the cache entry expires', coredns('a', 31), answer(0), ['a cache']],
    ['after the cache entry expired', coredns('a', 31.1), answer(0), []],
    ['a slow look-up', coredns('a', 9, { duration: 8e9 }), answer(0), ['a exact']],
    ['no duration', coredns('a', 2, { duration: undefined }), answer(0), ['a exact']],
    ['another CoreDNS', coredns('a', 0, { 'dns.resolver.ip': '10.0.2.3' }), answer(0), []],
    ['another name', coredns('a', 0, { 'dns.question.name': 'example.com' }), answer(0), []],
    ['another type', coredns('a', 0, { 'dns.question.type': 'AAAA' }), answer(0), []],
    ['CoreDNS on that node', coredns('a', 0), fromNode(0), ['a instance']],
    ['later on that node', coredns('a', 5), fromNode(0), []],
    ['CoreDNS on another node', coredns('a', 0), fromNode(0, { 'host.id': 'i-2' }), []],
    [
      'an unknown CoreDNS',
      coredns('a', 0, { 'dns.resolver.ip': undefined, 'dns.resolver.instance_id': undefined }),
      answer(0),
      ['a name'],
    ],
    ['only the question', coredns('a', 0), fromNode(0, { 'host.id': undefined }), ['a name']],
    [
      'the VPC resolver itself',
      coredns('a', 0),
      answer(0, { 'dns.client.kind': 'pod', 'k8s.pod.name': 'b' }),
      ['b direct'],
    ],
    ['an instance', coredns('a', 0), answer(0, { 'dns.client.kind': 'instance' }), ['undefined direct']],
    ['an error without a client', coredns('a', 0, { 'client.ip': undefined }), answer(0), []],
  ])('%s', (_, lookup, outside, expected) => {
    expect(matches([outside, lookup])).toEqual([expected]);
  });

  it('names each pod once, by its best match, and counts', () => {
    const records = [coredns('b', 6), coredns('a', 5), coredns('b', 0.1), coredns('b', 0.2), answer(0)];
    expect(correlate(read(records), 30_000)[0]?.requesters).toMatchObject([
      {
        pod: 'b',
        match: 'exact',
        isCandidate: false,
        count: 3,
        workload: 'deployment/front',
        namespace: 'web',
      },
      { pod: 'a', match: 'cache', isCandidate: true, count: 1, attribution: 'exact', cluster: 'shop' },
    ]);
  });

  it('distinguishes pods of the same name in two clusters, and addresses without a pod', () => {
    const unattributed = {
      'k8s.pod.name': undefined,
      'k8s.workload.kind': undefined,
      'k8s.workload.name': undefined,
    };
    const records = [
      coredns('a', 0),
      coredns('a', 0, { 'k8s.cluster.name': 'bank' }),
      coredns('', 0, { ...unattributed, 'client.ip': '10.0.9.1' }),
      coredns('', 0, { ...unattributed, 'client.ip': '10.0.9.2' }),
    ];
    const [found] = correlate(read([answer(0), ...records]), 30_000);
    expect(found?.requesters.map(({ cluster, pod, clientIp }) => [cluster, pod ?? clientIp])).toEqual([
      ['shop', 'a'],
      ['bank', 'a'],
      ['shop', '10.0.9.1'],
      ['shop', '10.0.9.2'],
    ]);
  });

  it('is not confused by a slow look-up of the same name', () => {
    expect(matches([answer(20), coredns('a', 15), coredns('b', 20, { duration: 9e9 })])).toEqual([
      ['b exact'],
    ]);
  });

  it('returns answers in order of time, regardless of the order of records', () => {
    const records = [answer(9), coredns('c', 9), answer(0), coredns('a', 0), answer(4), coredns('b', 4)];
    expect(matches(records, 0)).toEqual([['a exact'], ['b exact'], ['c exact']]);
  });
});

it.each([
  ['{"content":"GET /"}'],
  ['not JSON'],
  [JSON.stringify(coredns('a', 0, { timestamp: 'yesterday' }))],
  [JSON.stringify(coredns('a', 0, { 'log.source': 'aws.route53.public' }))],
  [JSON.stringify(coredns('a', 0, { 'dns.question.name': undefined }))],
])('does not read %s', (line) => {
  expect(readRecord(line)).toBeUndefined();
});

describe('command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'correlate-'));
  const file = join(folder, 'records.ndjson');
  const run = (...args: string[]) => runCommand(correlateCommand(), args);
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('prints a table', async () => {
    const four = { 'dns.answers.data': ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'] };
    const blocked = answer(50, { 'dns.answers.data': undefined, 'aws.route53.firewall.action': 'BLOCK' });
    const bare = coredns('', 1, {
      'k8s.pod.name': undefined,
      'k8s.workload.name': undefined,
      'client.ip': '10.0.9.9',
    });
    const records = [coredns('a', 0), coredns('a', 0), coredns('b', 9), bare, answer(0, four), blocked];
    writeFileSync(file, `${records.map((record) => JSON.stringify(record)).join('\n')}\n\n{"content":"x"}\n`);
    const { stdout, stderr } = await run(file);
    expect(stdout).toMatch(/A www\.example\.com.*NOERROR.*web\/a \(deployment\/front\) x 2.*exact/);
    expect(stdout).toMatch(/192\.0\.2\.2.*web\/b \(deployment\/front\).*candidate \(cache\)/);
    expect(stdout).toMatch(/192\.0\.2\.1.*10\.0\.9\.9 .*exact/);
    expect(stdout).toMatch(/and 1 more/);
    expect(stdout).toMatch(/NOERROR BLOCK.*none in these records/);
    expect(stderr).toBe('warning: 1 line(s) ignored: not a CoreDNS or Resolver record with a question\n');
  });

  it('prints NDJSON', async () => {
    writeFileSync(file, `${JSON.stringify(coredns('a', 9))}\r\n${JSON.stringify(answer(0))}`);
    const { stdout } = await run(file, '--json', '--cache-seconds', '5');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        timestamp: at(0),
        name: 'www.example.com',
        type: 'A',
        responseCode: 'NOERROR',
        answers: ['192.0.2.7'],
        resolverIp: '10.0.2.2',
        requesters: [],
      },
    ]);
  });

  it('reads standard input', async () => {
    const input = Readable.from([`${JSON.stringify(answer(0))}\n`]) as unknown as typeof process.stdin;
    jest.spyOn(process, 'stdin', 'get').mockReturnValue(input);
    const { stdout } = await run('--json');
    expect(JSON.parse(stdout)).toMatchObject({ timestamp: at(0), requesters: [] });
  });

  it.each([
    [[join(folder, 'absent.ndjson')], /no such file/],
    [['--cache-seconds', 'x', file], /a number from 0 to 86400/],
  ])('explains the usage error of %j', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('says how to create records if there are none', async () => {
    writeFileSync(file, 'a line of something else\n');
    expect((await run(file)).stderr).toContain('transform --format ndjson');
  });
});
