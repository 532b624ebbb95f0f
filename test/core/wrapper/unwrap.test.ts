import { describe, expect, it } from '@jest/globals';
import { createUnwrapper } from '../../../src/core/wrapper/index.ts';
import { createProducerReader } from '../../../src/core/wrapper/producer.ts';
import { lineOf } from '../../support/log-line.ts';

const ID = 'a1'.repeat(32);
const STAMP = '2024-03-05T06:07:08.123456789Z';
const STAMP_MS = Date.UTC(2024, 2, 5, 6, 7, 8, 123);
const QUERY = '[INFO] 10.0.3.7:40001 - 11 "A IN shop.example. udp 30 false 512" NOERROR qr,rd,ra 60 0.0001s';
const POD = {
  pod_name: 'coredns-7d9f5c6b8-qx2lm',
  namespace_name: 'kube-system',
  pod_id: '0c2f-77',
  host: 'ip-10-0-3-1.ec2.internal',
  pod_ip: '10.0.3.9',
  container_name: 'coredns',
};
const EMITTER = {
  pod: 'coredns-7d9f5c6b8-qx2lm',
  podUid: '0c2f-77',
  namespace: 'kube-system',
  container: 'coredns',
  node: 'ip-10-0-3-1.ec2.internal',
  ip: '10.0.3.9',
};
const FILE = `coredns-7d9f5c6b8-qx2lm_kube-system_coredns-${ID}`;
const BY_STREAM = { ...EMITTER, podUid: undefined, node: undefined, ip: undefined };
const CRI = `${STAMP} stdout F ${QUERY}`;
const OTEL_POD = {
  'k8s.pod.name': EMITTER.pod,
  'k8s.pod.uid': EMITTER.podUid,
  'k8s.namespace.name': EMITTER.namespace,
  'k8s.container.name': EMITTER.container,
  'k8s.node.name': EMITTER.node,
  'k8s.pod.ip': EMITTER.ip,
};

const fluentBit = { time: STAMP, stream: 'stdout', _p: 'F', log: QUERY, kubernetes: POD };

describe('unwrap', () => {
  it.each([
    { name: 'Container Insights', message: JSON.stringify(fluentBit), producer: EMITTER, timeMs: STAMP_MS },
    {
      name: 'the same with spaces',
      message: JSON.stringify(fluentBit, null, 1),
      producer: EMITTER,
      timeMs: STAMP_MS,
    },
    {
      name: 'kubernetes before the line, no pod ip',
      message: JSON.stringify({ kubernetes: { ...POD, pod_ip: undefined }, log: `${QUERY}\n` }),
      producer: { ...EMITTER, ip: undefined },
      timeMs: undefined,
    },
    {
      name: 'Fluentd',
      message: JSON.stringify({
        stream: 'stdout',
        logtag: 'F',
        log: QUERY,
        docker: { container_id: ID },
        kubernetes: POD,
      }),
      producer: EMITTER,
      timeMs: undefined,
    },
    {
      name: 'a failed pod lookup, the node from the stream',
      message: JSON.stringify({
        log: QUERY,
        kubernetes: { pod_name: EMITTER.pod, container_name: 'coredns' },
      }),
      stream: `ip-10-0-3-1.ec2.internal-application.var.log.containers.${FILE}.log`,
      producer: { ...BY_STREAM, node: EMITTER.node },
      timeMs: undefined,
    },
    {
      name: 'docker json-file',
      message: JSON.stringify({ log: `${QUERY}\r\n`, stream: 'stdout', time: STAMP }),
      stream: FILE,
      producer: BY_STREAM,
      timeMs: STAMP_MS,
    },
    { name: 'CRI', message: `${CRI}\n`, producer: undefined, timeMs: STAMP_MS },
    {
      name: 'CRI with a longer tag',
      message: CRI.replace(' F ', ' F:x '),
      producer: undefined,
      timeMs: STAMP_MS,
    },
    {
      name: 'CRI of stderr',
      message: CRI.replace('stdout', 'stderr'),
      producer: undefined,
      timeMs: STAMP_MS,
    },
    {
      name: 'Fargate: CRI within JSON',
      message: JSON.stringify({ log: CRI }),
      stream: `from-fluent-bit-kube.var.log.containers.${FILE}.log`,
      producer: BY_STREAM,
      timeMs: STAMP_MS,
    },
    {
      name: 'Fargate: parsed, without pod',
      message: JSON.stringify({ stream: 'stdout', logtag: 'F', log: QUERY }),
      producer: undefined,
      timeMs: undefined,
    },
    {
      name: 'Fargate: the bare line',
      message: QUERY,
      stream: `${FILE}.log`,
      producer: BY_STREAM,
      timeMs: undefined,
    },
    {
      name: 'aws-for-fluent-bit by stream name',
      message: QUERY,
      stream: 'coredns-7d9f5c6b8-qx2lm.coredns',
      producer: { ...BY_STREAM, namespace: undefined },
      timeMs: undefined,
    },
    {
      name: 'journald',
      message: JSON.stringify({ MESSAGE: QUERY, a: 1 }),
      producer: undefined,
      timeMs: undefined,
    },
    {
      name: 'OpenTelemetry, flat resource',
      message: JSON.stringify({ body: QUERY, resource: OTEL_POD }),
      producer: EMITTER,
      timeMs: undefined,
    },
    {
      name: 'OpenTelemetry, OTLP JSON',
      message: JSON.stringify({
        resource: { attributes: OTEL_POD },
        timeUnixNano: `${STAMP_MS}000000`,
        body: { stringValue: QUERY },
      }),
      producer: EMITTER,
      timeMs: STAMP_MS,
    },
    {
      name: 'without wrapper, the log stream of another program',
      message: QUERY,
      stream: 'a.b',
      producer: undefined,
      timeMs: undefined,
    },
  ])('removes the wrapper: $name', ({ message, stream, producer, timeMs }) => {
    expect(createUnwrapper()(lineOf(message, stream))).toEqual({
      text: QUERY,
      timeMs,
      producer,
      streamProducer: createProducerReader().ofStream(stream),
      isWrapped: message !== QUERY,
      json: undefined,
    });
  });

  it("takes OpenTelemetry's own names before others, which may be annotations of a pod", () => {
    const attributes = {
      ...OTEL_POD,
      pod_name: 'x',
      namespace_name: 'x',
      container_name: 'x',
      host: 'x',
      pod_ip: 'x',
    };
    const message = JSON.stringify({ body: QUERY, resource: { attributes: { ...attributes, pod_id: 'x' } } });
    expect(createUnwrapper()(lineOf(message)).producer).toEqual(EMITTER);
  });

  it.each([
    ['a bare line', QUERY, false],
    ['a bare line with a newline', `${QUERY}\n`, false],
    ['CRI', CRI, true],
    ['a line in an object', JSON.stringify({ log: QUERY }), true],
    ['an object', '{"query_name":"a."}', false],
    ['members in a wrapper', JSON.stringify({ query_name: 'a.', kubernetes: {} }), true],
    ['members in the wrapper of OpenTelemetry', JSON.stringify({ query_name: 'a.', resource: {} }), true],
    ['members that a shipper parsed', JSON.stringify({ log_processed: { query_name: 'a.' } }), true],
  ])('tells a wrapped line: %s', (_, message, expected) => {
    expect(createUnwrapper()(lineOf(message)).isWrapped).toBe(expected);
  });

  it.each([
    {
      name: 'a Resolver record',
      message: '{"version":"1.1","query_name":"a."}',
      json: { version: '1.1', query_name: 'a.' },
    },
    {
      name: 'log_processed',
      message: '{"log":"{}","log_processed":{"qname":"a."}}',
      text: '{}',
      json: { qname: 'a.' },
    },
    { name: 'a merge key', message: '{"log":"x","data":{"qname":"a."}}', text: 'x', json: { qname: 'a.' } },
    {
      name: 'an object as text',
      message: '{"log":"{\\"qname\\":\\"a.\\"}\\n"}',
      text: '{"qname":"a."}',
      json: { qname: 'a.' },
    },
    {
      name: 'merged members',
      message: '{"qname":"a.","kubernetes":{}}',
      json: { qname: 'a.', kubernetes: {} },
    },
  ])('gives the line as an object: $name', ({ message, text, json }) => {
    const { text: got, json: object } = createUnwrapper()(lineOf(message));
    expect({ text: got, json: object }).toEqual({ text: text ?? message, json });
  });

  it.each([
    '{',
    '{}',
    '{"log"',
    '{"log":',
    '{"log":"',
    '{"log":"a\\x"}',
    '{"log":"a"} trailing',
    '{"kubernetes":{"a":}}',
    '{"log":"a","kubernetes":{"a":"b"}',
    '{"log":"a","kubernetes":{a}}',
    '[1]',
    '',
    '2024-03-05',
    `${STAMP} stdlog F x`,
    `${STAMP} stdout Fx y`,
    `${STAMP} stdout X y`,
  ])('keeps text without a wrapper: %j', (message) => {
    expect(createUnwrapper()(lineOf(message)).text).toBe(message);
  });

  it('returns the same producer object for the same pod', () => {
    const unwrap = createUnwrapper();
    const first = unwrap(lineOf(JSON.stringify(fluentBit), 'a')).producer;
    expect(unwrap(lineOf(JSON.stringify(fluentBit), 'a')).producer).toBe(first);
    expect(unwrap(lineOf(JSON.stringify(fluentBit, null, 1), 'b')).producer).toBe(first);
    const other = { ...fluentBit, kubernetes: { ...POD, pod_ip: '10.0.3.10' } };
    expect(unwrap(lineOf(JSON.stringify(other), 'a')).producer).toEqual({ ...EMITTER, ip: '10.0.3.10' });
    expect(unwrap(lineOf(JSON.stringify(fluentBit), 'a')).producer).toBe(first);
  });

  it('reads the same line with and without other members', () => {
    const log = 'tab\there "quoted" back\\slash \u00e9\u4e2d \u2028 \ud83d\ude00';
    const quick = createUnwrapper()(lineOf(JSON.stringify({ log, time: STAMP, kubernetes: POD })));
    const full = createUnwrapper()(lineOf(JSON.stringify({ log, time: STAMP, kubernetes: POD, other: 1 })));
    expect(quick).toEqual(full);
    expect(quick.text).toBe(log);
  });
});

describe('lines that the runtime split', () => {
  const part = (text: string, tag = 'P') => `${STAMP} stdout ${tag} ${text}`;

  it('returns the whole line at its last part, separately for each stream', () => {
    const unwrap = createUnwrapper();
    const give = (text: string, stream: string) => unwrap(lineOf(text, stream)).text;
    expect(unwrap.mayBePart(part('one '))).toBe(true);
    expect(give(part('one '), 'a')).toBe('');
    expect(give(part('uno '), 'b')).toBe('');
    expect(give(part('two '), 'a')).toBe('');
    expect(give(part('other', 'F').replace('stdout', 'stderr'), 'a')).toBe('other');
    expect(unwrap.mayBePart(part('three', 'F'))).toBe(true);
    expect(give(part('three', 'F'), 'a')).toBe('one two three');
    expect(give(part('due', 'F'), 'b')).toBe('uno due');
    expect(unwrap.mayBePart(part('three', 'F'))).toBe(false);
    expect(give(part('alone', 'F'), 'a')).toBe('alone');
  });

  it.each([
    {
      name: 'logtag',
      of: (log: string, tag: string) => JSON.stringify({ stream: 'stdout', logtag: tag, log }),
    },
    {
      name: 'logtag among other members',
      of: (log: string, tag: string) => JSON.stringify({ logtag: tag, log, n: 1 }),
    },
    { name: 'CRI in JSON', of: (log: string, tag: string) => JSON.stringify({ log: part(log, tag) }) },
  ])('joins them inside JSON too: $name', ({ of }) => {
    const unwrap = createUnwrapper();
    expect(unwrap.mayBePart(of('one ', 'P'))).toBe(true);
    expect(unwrap.mayBePart(of('one ', 'F'))).toBe(false);
    expect(unwrap(lineOf(of('one ', 'P'))).text).toBe('');
    expect(unwrap(lineOf(of('two', 'F'))).text).toBe('one two');
  });

  it.each(['pod_name', 'namespace_name', 'container_name'])('not with those of another %s', (member) => {
    const unwrap = createUnwrapper();
    const give = (text: string, kubernetes: object) =>
      unwrap(lineOf(JSON.stringify({ log: text, kubernetes }))).text;
    expect(give(part('one '), { ...POD, [member]: 'web' })).toBe('');
    expect(give(part('.:53', 'F'), POD)).toBe('.:53');
    expect(give(part('two', 'F'), { ...POD, [member]: 'web' })).toBe('one two');
  });

  it.each(['INFO', 'ERROR', 'WARNING', 'DEBUG', 'FATAL', 'PANIC'])(
    'returns a complete line in between, and still expects the rest: %s',
    (level) => {
      const unwrap = createUnwrapper();
      const give = (text: string) => unwrap(lineOf(text, 'a')).text;
      const own = `[${level}] 10.0.3.7:40001 - 11 "A IN shop.example. udp 30 false 512" NOERROR qr 60 0.1s`;
      expect(give(part('one '))).toBe('');
      expect(give(part(own, 'F'))).toBe(own);
      expect(give(JSON.stringify({ stream: 'stdout', logtag: 'F', log: `${own}\n` }))).toBe(own);
      expect(unwrap.isPending()).toBe(true);
      expect(give(part('two', 'F'))).toBe('one two');
      expect(unwrap.isPending()).toBe(false);
    },
  );

  it.each(['[INFO]', '[INFO]x', '[TRACE] x', ' [INFO] x'])('joins as the rest of a line: %s', (rest) => {
    const unwrap = createUnwrapper();
    unwrap(lineOf(part('one '), 'a'));
    expect(unwrap(lineOf(part(rest, 'F'), 'a')).text).toBe(`one ${rest}`);
  });

  it.each([
    ['as long as may be', 'x'.repeat(50), 'y'.repeat(50), 'x'.repeat(50) + 'y'.repeat(50)],
    ['one character longer', 'x'.repeat(50), 'y'.repeat(51), ''],
    ['too long in its first part', 'x'.repeat(101), 'y', ''],
  ])('joins a line %s', (_, first, last, expected) => {
    const unwrap = createUnwrapper(100);
    expect(unwrap(lineOf(part(first))).text).toBe('');
    expect(unwrap(lineOf(part(last, 'F'))).text).toBe(expected);
    // The line behind it is whole.
    expect(unwrap.isPending()).toBe(false);
    expect(unwrap(lineOf(part('next', 'F'))).text).toBe('next');
  });

  it('takes nothing for the rest of a line whose parts are too long', () => {
    const unwrap = createUnwrapper(100);
    for (let i = 0; i < 5; i++) expect(unwrap(lineOf(part('x'.repeat(60)))).text).toBe('');
    expect(unwrap(lineOf(part('10.0.0.5:4000 - 1 "A IN', 'F'))).text).toBe('');
  });

  it('does not expect more parts if Fluent Bit has joined them', () => {
    expect(createUnwrapper()(lineOf(JSON.stringify({ ...fluentBit, _p: 'P' }))).text).toBe(QUERY);
  });
});

it.each([
  ['10.0.0.9', '10.0.0.9'],
  ['fd00::9', 'fd00::9'],
  ['***********', undefined],
  ['10.0.0.999', undefined],
])('has a pod address only if it is one: %s', (address, ip) => {
  const text = JSON.stringify({ log: 'x', kubernetes: { pod_name: 'p', pod_ip: address } });
  expect(createUnwrapper()(lineOf(text)).producer?.ip).toBe(ip);
});
