import { describe, expect, it } from '@jest/globals';
import { logLevelOf } from '../../../../src/core/question/log-level.ts';
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

  it.each([
    ['DEBUG', 'DEBUG'],
    ['INFO', 'INFO'],
    ['WARNING', 'WARN'],
    ['ERROR', 'ERROR'],
  ])('has the level %s as it was printed, and keeps it in the content', (printed, level) => {
    for (const text of [
      'plugin/errors: 2 db.example. AAAA: x',
      "plugin/errors: 7 errors like '^x' occurred in last 1m30s",
    ]) {
      const event = parseCoreDns(`[${printed}] ${text}`);
      expect(event).toMatchObject({ printedLevel: level, content: `[${printed}] ${text}` });
      expect(event && logLevelOf(event)).toBe(level);
    }
  });

  it.each(['0', '00'])('code %s is no response code: another plugin has answered', (code) => {
    const event = parseCoreDns(`[WARNING] plugin/errors: ${code} db.example. AAAA: x`);
    expect(event).toMatchObject({ responseCode: undefined, responseSeen: true, name: 'db.example' });
  });

  it.each([
    ['dial tcp 192.0.2.4:53: i/o timeout', '192.0.2.4:53'],
    ['dial udp 192.0.2.4:53: connect: network is unreachable', '192.0.2.4:53'],
    ['dial tcp [2001:db8::7]:853: connect: no route to host', '[2001:db8::7]:853'],
    ['unreachable backend: dial tcp4 192.0.2.4:53: i/o timeout', '192.0.2.4:53'],
    ['unreachable backend: read udp 10.0.7.4:33012->192.0.2.4:53: i/o timeout', '192.0.2.4:53'],
    [
      'Post "https://192.0.2.4/dns-query": dial tcp 192.0.2.4:443: connect: connection refused',
      '192.0.2.4:443',
    ],
    [
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 192.0.2.4:443: connect: connection refused"',
      '192.0.2.4:443',
    ],
    ['read tcp 10.0.7.4:33012->192.0.2.4:853: tls: handshake failure', '192.0.2.4:853'],
    ['dial tcp: lookup dot.example on 10.0.0.2:53: no such host', undefined],
    [
      'dial tcp: lookup dot.example on 10.0.0.2:53: read udp 10.0.7.4:33012->10.0.0.2:53: i/o timeout',
      undefined,
    ],
    ['tls: failed to verify certificate: x509: certificate has expired', undefined],
    ['dial unix /run/dns.sock: connect: no such file or directory', undefined],
  ])('upstream of %s', (reason, upstream) => {
    const event = parseCoreDns(`[ERROR] plugin/errors: 2 db.example. AAAA: ${reason}`);
    expect(event).toMatchObject({ upstream, isPartial: false });
  });

  it('is partial where a dialled address was masked', () => {
    const event = parseCoreDns(
      '[ERROR] plugin/errors: 2 db.example. A: dial tcp ***********:53: i/o timeout',
    );
    expect(event).toMatchObject({ upstream: undefined, isPartial: true });
  });

  it.each([
    ['a space before the level, until 1.3.1', ` [ERROR] plugin/errors: 2 db.example. AAAA: ${TIMEOUT}`],
    ['a date and no plugin, until 1.2.5', `2018/06/05 04:03:02 [ERROR] 2 db.example. AAAA: ${TIMEOUT}`],
    [
      'a date with microseconds',
      `2018/06/05 04:03:02.000001 [ERROR] plugin/errors: 2 db.example. AAAA: ${TIMEOUT}`,
    ],
    [
      'two times',
      `2019-06-05T04:03:02.1234567Z 2019-06-05T04:03:02.123Z [ERROR] plugin/errors: 2 db.example. AAAA: ${TIMEOUT}`,
    ],
    ['blanks behind it', `[ERROR] plugin/errors: 2 db.example. AAAA: ${TIMEOUT} \t`],
    [
      'another line behind it',
      `[ERROR] plugin/errors: 2 db.example. AAAA: ${TIMEOUT}\n[INFO] 10.0.7.9:1 - 1 "A IN a. udp 1 false 512" NOERROR qr 1 1s`,
    ],
    [
      'another line glued to it',
      `[ERROR] plugin/errors: 2 db.example. AAAA: ${TIMEOUT}[INFO] plugin/reload: x`,
    ],
  ])('%s', (_name, line) => {
    expect(factsOf(parseCoreDns(line))).toEqual(failure(TIMEOUT, '10.0.0.2:53'));
  });

  it('keeps a line break that no other line follows', () => {
    const event = parseCoreDns('[ERROR] plugin/errors: 2 db.example. A: first\nsecond');
    expect(event?.extra).toContainEqual(['event.reason', 'first\nsecond']);
  });

  it('reads the first of two glued summaries', () => {
    const summary = (count: number) =>
      `[WARNING] plugin/errors: ${count} errors like '^x' occurred in last 30s`;
    const facts = factsOf(parseCoreDns(`${summary(3)}\n${summary(4)}`));
    expect(facts).toEqual(factsOf(parseCoreDns(summary(3))));
  });

  it('without a date, an error without a plugin is one of any program', () => {
    const line = `[ERROR] 2 db.example. AAAA: ${TIMEOUT}`;
    expect(parseCoreDns(line)).toBeUndefined();
    const logStream = `coredns-5d78c9869d-abcde_kube-system_coredns-${'a'.repeat(64)}`;
    expect(factsOf(parseCoreDns(line, { logStream }))).toMatchObject({ upstream: '10.0.0.2:53' });
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
