import { describe, expect, it } from '@jest/globals';
import { factsOf, parseCoreDns } from '../../../support/parse-coredns.ts';

const failure = (reason: string, upstream?: string) => ({
  name: 'db.example',
  type: 'AAAA',
  responseCode: 'SERVFAIL',
  ...(upstream === undefined ? {} : { upstream }),
  isError: true,
  extra: { 'event.outcome': 'failure', 'event.reason': reason, 'log.logger': 'plugin/errors' },
});
const TIMEOUT = 'read udp 10.0.7.4:33012->10.0.0.2:53: i/o timeout';

describe('plugin/errors', () => {
  it.each([
    ['a timeout', `[ERROR] plugin/errors: 2 db.example. AAAA: ${TIMEOUT}`, failure(TIMEOUT, '10.0.0.2:53')],
    [
      'IPv6',
      '[ERROR] plugin/errors: 2 db.example. AAAA: dial tcp [fd00::4]:9->[fd00::2]:53: refused',
      failure('dial tcp [fd00::4]:9->[fd00::2]:53: refused', '[fd00::2]:53'),
    ],
    [
      'show_first',
      `[WARNING] plugin/errors: 2 db.example. AAAA: ${TIMEOUT}`,
      failure(TIMEOUT, '10.0.0.2:53'),
    ],
    [
      'no proxy',
      '[ERROR] plugin/errors: 2 db.example. AAAA: no healthy proxies',
      failure('no healthy proxies'),
    ],
    [
      'an arrow of another kind',
      '[ERROR] plugin/errors: 2 db.example. AAAA: a -> b: c',
      failure('a -> b: c'),
    ],
    [
      'another code',
      '[INFO] plugin/errors: 5 db.example. AAAA: x',
      { ...failure('x'), responseCode: 'REFUSED' },
    ],
    [
      'an unknown code',
      '[DEBUG] plugin/errors: 3841 db.example. AAAA: x',
      { ...failure('x'), responseCode: '3841' },
    ],
    ['the root', '[ERROR] plugin/errors: 2 . NS: x', { ...failure('x'), name: '.', type: 'NS' }],
    [
      'a name with a space',
      '[ERROR] plugin/errors: 2 my\\ db. A: x: y',
      { ...failure('x: y'), name: 'my\\ db', type: 'A' },
    ],
    ['1.2.6 to 1.6.2', '2019-01-02T03:04:05.678Z [ERROR] plugin/errors: 2 db.example. AAAA: x', failure('x')],
  ])('%s', (_name, line, facts) => {
    const event = parseCoreDns(line);
    expect(factsOf(event)).toEqual(facts);
  });

  it.each(['ERROR', 'WARNING', 'INFO', 'DEBUG'])('summaries at level %s', (level) => {
    const line = `[${level}] plugin/errors: 7 errors like '^.*'quoted' timeout$' occurred in last 1m30s`;
    expect(factsOf(parseCoreDns(line))).toEqual({
      isError: true,
      extra: {
        'event.outcome': 'failure',
        'event.reason': "^.*'quoted' timeout$",
        'log.logger': 'plugin/errors',
        'coredns.errors.count': 7,
        'coredns.errors.period_seconds': 90,
      },
    });
    expect(factsOf(parseCoreDns(line.replace('occurred', 'occured')))).toBeDefined();
  });

  it.each([
    ['4547991504243258144.3688648895315093531. HINFO', true],
    ['4547991504243258144.3688648895315093531.in-addr.arpa. HINFO', true],
    ['4547991504243258144.3688648895315093531.in-addr.arpa. PTR', false],
    ['21.7.0.10.in-addr.arpa. HINFO', false],
  ])('marks a query of CoreDNS to itself: %s %s', (question, synthetic) => {
    const event = parseCoreDns(`[ERROR] plugin/errors: 2 ${question}: ${TIMEOUT}`);
    expect(event?.extra.some(([name]) => name === 'dns.synthetic')).toBe(synthetic);
  });

  it('keeps the level in the content unless it is INFO', () => {
    const text = 'plugin/errors: 2 db.example. AAAA: x';
    expect(parseCoreDns(`[ERROR] ${text}`)?.content).toBe(`[ERROR] ${text}`);
    expect(parseCoreDns(`[INFO] ${text}`)?.content).toBe(text);
  });

  it.each([
    '[ERROR] plugin/errors: ',
    '[ERROR] plugin/errors: x db.example. AAAA: y',
    '[ERROR] plugin/errors: 2 db.example AAAA: y',
    '[ERROR] plugin/errors: 2 db.example. aaaa: y',
    '[ERROR] plugin/errors: 2 db.example. AAAA',
    "[ERROR] plugin/errors: 7 errors like 'x' occurred in last moment",
    '[ERROR] plugin/errorsome: 2 db.example. AAAA: y',
  ])('ignores %j', (line) => {
    expect(parseCoreDns(line)).toBeUndefined();
  });
});

describe('plugin/loop', () => {
  const line =
    '[FATAL] plugin/loop: Loop (127.0.0.1:40000 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO 123.456."';

  it('reads a detected loop', () => {
    expect(factsOf(parseCoreDns(line))).toEqual({
      name: '123.456',
      type: 'HINFO',
      isError: true,
      extra: {
        'event.outcome': 'failure',
        'event.reason': 'Loop (127.0.0.1:40000 -> :53) detected for zone "."',
        'log.logger': 'plugin/loop',
        'dns.synthetic': true,
      },
    });
    expect(factsOf(parseCoreDns(line.replace(/, see \S+/, '.')))).toBeDefined();
  });

  it.each([
    line.slice(0, -1),
    line.replace('Query: ', ''),
    line.replace('HINFO 123.456.', 'HINFO'),
    line.replace('123.456.', '123.456'),
    line.replace('Loop (', 'Pool ('),
  ])('ignores %j', (other) => {
    expect(parseCoreDns(other)).toBeUndefined();
  });
});

it.each([
  '.:53',
  'cluster.local.:53 on 10.0.0.10',
  'CoreDNS-1.14.7',
  'linux/amd64, go1.25.0, 4b26cce',
  '[INFO] plugin/health: Going into lameduck mode for 5s',
  '[WARNING] plugin/health: Local health request to "http://:8080/health" failed: timeout',
  '[INFO] plugin/ready: Plugins not ready: "kubernetes"',
  '[DEBUG] plugin/local: Intercepting localhost query for "localhost.svc." A, from 10.0.7.9',
  '[INFO] plugin/transfer: Outgoing transfer of 12 records of zone "z.example." to 10.0.7.9 for 42 SOA serial',
  '[ERROR] Recovered from panic in server: "dns://:53" runtime error: index out of range',
  '[INFO] SIGTERM: Shutting down servers then terminating',
])('ignores other lines of CoreDNS: %s', (line) => {
  expect(parseCoreDns(line)).toBeUndefined();
});
