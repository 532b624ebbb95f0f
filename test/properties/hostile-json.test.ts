// JSON in layouts that no shipper prints. Whatever the layout, a message says what `JSON.parse` takes from it: escapes are
// the characters that they stand for, and of two members with one name the last counts. So the fast path and the ordinary
// steps must read a hostile layout alike, and both as they read the same value in the usual layout.
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLookupKeys } from '../../src/core/attribution/lookup-keys.ts';
import { createFastPath } from '../../src/core/fast-path/index.ts';
import { bySource, type LogSourceName } from '../../src/core/model/log-sources.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { NO_ACCELERATION } from '../../src/core/pipeline/acceleration.ts';
import { createRecordReader } from '../../src/core/pipeline/read.ts';
import type { ReadEvent } from '../../src/core/pipeline/read-events.ts';
import { createSources } from '../../src/core/sources/index.ts';
import { decoded } from '../support/encoded-text.ts';
import { editsOf, RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';
import { layoutOf, type Members } from '../support/hostile-layout.ts';
import { resolverRecord } from '../support/resolver-record.ts';

const QUERY = '[INFO] 10.9.8.7:4001 - 12 "A IN shop.example. udp 30 false 512" NOERROR qr,rd,ra 70 0.000002s';
const POD = {
  pod_name: 'coredns-7d9f5c6b8-qx2lm',
  namespace_name: 'kube-system',
  container_name: 'coredns',
};

const text = fc.constantFrom(
  QUERY,
  QUERY,
  QUERY.replace('shop', 'sh\\032op'),
  QUERY.replace('shop', 'sh\ud800op'),
  QUERY.replace('10.9.8.7', '***********'),
  `${QUERY}\n`,
  '[ERROR] plugin/errors: 2 shop.example. A: read udp 10.0.0.1:1->10.0.0.2:53: i/o timeout',
  '[INFO] 10.9.8.7 asked for shop.example. again',
  'GET / 200',
);
const pod = fc.oneof(
  { weight: 3, arbitrary: fc.constant(POD) },
  fc.constantFrom(
    { ...POD, container_name: 'web' },
    { ...POD, container_name: '' },
    { ...POD, labels: { container_name: 'x', kubernetes: { container_name: 'web' } } },
    { labels: POD },
    {},
  ),
);

const wrapper: fc.Arbitrary<Members> = fc
  .tuple(
    fc.constantFrom('2026-05-06T07:08:09.5Z', '2026-05-06T07:08:09.123456789Z', 'soon'),
    fc.constantFrom('stdout', 'stderr', 'stdxyz', 'std"x'),
    text,
    pod,
  )
  .map(([time, stream, log, kubernetes]) => ({ time, stream, _p: 'F', log, kubernetes }));

const native: Members = {
  time: '2026-05-06T07:08:09.5Z',
  level: 'INFO',
  msg: QUERY.slice('[INFO] '.length),
  plugin: 'log',
  client_ip: '10.9.8.7',
  client_port: 4001,
  qname: 'shop.example.',
  qtype: 'A',
  qclass: 'IN',
  protocol: 'udp',
  id: 12,
  rcode: 'NOERROR',
  duration_seconds: 2e-6,
};

const resolver: fc.Arbitrary<Members> = fc
  .record(
    {
      query_name: fc.constantFrom('shop.example.', '.', 'sh\ud800op.example.'),
      rcode: fc.constantFrom('NOERROR', 'NXDOMAIN'),
      srcaddr: fc.constantFrom('10.9.8.7', '***********', 'fd00::1'),
      srcids: fc.constantFrom({}, { instance: 'i-1' }, { instance: 'i-1', instance2: 'x' }),
      answers: fc.constantFrom([], [{ Rdata: '192.0.2.7', Type: 'A', Class: 'IN' }]),
      more: fc.constantFrom('x', { query_name: 'deeper.example.' }),
    },
    { requiredKeys: ['query_name'] },
  )
  .map((members) => JSON.parse(resolverRecord(members)) as Members);

const members: fc.Arbitrary<Members> = fc.oneof(
  { weight: 4, arbitrary: wrapper },
  { weight: 4, arbitrary: resolver },
  fc.constantFrom<Members>(native, { log: JSON.stringify(native), kubernetes: POD }),
  resolver.map((record): Members => ({ log: JSON.stringify(record), stream: 'stdout' })),
  fc.constant<Members>({
    log: '1.0 2024-03-01T12:00:00Z Z0EXAMPLE1 www.example.com A NOERROR UDP FRA54 203.0.113.53 -',
    stream: 'stdout',
  }),
);

const hostile = members.chain(layoutOf);

const sources = createSources(DEFAULT_SETTINGS);
const fast = createRecordReader(sources, DEFAULT_SETTINGS, createFastPath(DEFAULT_SETTINGS));
const ordinary = createRecordReader(sources, DEFAULT_SETTINGS, NO_ACCELERATION);

type Reader = typeof fast;

/** The event without its content where that is JSON, whose layout stays as it was; or why there is none. */
const plain = (event: ReadEvent): unknown => {
  if (typeof event !== 'object') return event;
  const content = typeof event.content === 'string' ? event.content : decoded(event.content);
  return { ...event, content: content.startsWith('{') ? undefined : content };
};

function readAll(read: Reader, envelope: string, count?: number): readonly unknown[] | string {
  const data = gzipSync(envelope).toString('base64');
  const record = read({ recordId: '1', data, arrivalMs: 1_777_000_000_000 }, createLookupKeys());
  if (record.kind !== 'envelope') return record.kind;
  const { events } = record;
  return Array.from({ length: count ?? events.length }, (_, i) => plain(events.at(i)));
}

const envelopeOf = (messages: readonly string[]): string =>
  JSON.stringify({
    messageType: 'DATA_MESSAGE',
    logGroup: '/g',
    logStream: 's',
    logEvents: messages.map((message, i) => ({ id: String(i), timestamp: 1_777_000_000_000, message })),
  });

it(
  'reads a message by its value, in place and decoded',
  () => {
    const read: Record<LogSourceName, number> = bySource(() => 0);
    const reached = { usual: 0, notDns: 0, unparsed: 0 };
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (layouts) => {
        const usual = layouts.map((message) => JSON.stringify(JSON.parse(message)));
        const expected = readAll(ordinary, envelopeOf(usual));
        expect(readAll(fast, envelopeOf(usual))).toEqual(expected);
        expect(readAll(ordinary, envelopeOf(layouts))).toEqual(expected);
        expect(readAll(fast, envelopeOf(layouts))).toEqual(expected);
        for (const event of expected as readonly ReadEvent[]) {
          if (typeof event === 'object') read[event.source]++;
          else if (event === 'unparsed') reached.unparsed++;
          else reached.notDns++;
        }
        reached.usual += layouts.filter((message, i) => message === usual[i]).length;
      }),
      { ...RUNS, numRuns: RUNS.numRuns * 4 },
    );
    expect(read.coredns).toBeGreaterThan(RUNS.numRuns);
    expect(read['aws.vpcdnsquerylogs']).toBeGreaterThan(RUNS.numRuns);
    for (const times of Object.values(reached)) expect(times).toBeGreaterThan(RUNS.numRuns / 100);
  },
  TIME_LIMIT_MS,
);

it(
  'reads an envelope by its value, and a damaged one in one way',
  () => {
    const reached = { valid: 0, damaged: 0, events: 0 };
    const envelope = fc
      .tuple(fc.array(hostile, { maxLength: 3 }), fc.nat(3))
      .map(([messages, hidden]): Members => {
        const whole = JSON.parse(envelopeOf(messages)) as Members;
        return hidden === 0 ? { ...whole, note: { logEvents: [{ id: '9', message: QUERY }] } } : whole;
      });
    const layout = envelope.chain(layoutOf);
    const usual = envelope.map((members) => JSON.stringify(members));
    fc.assert(
      fc.property(fc.oneof(layout, editsOf(layout), editsOf(usual)), (drawn) => {
        // As UTF-8 carries it.
        const text = drawn.toWellFormed();
        const actual = readAll(fast, text);
        expect(actual).toEqual(readAll(ordinary, text));
        if (typeof actual === 'object') reached.events += actual.length;
        const value = parsed(text);
        if (value === undefined) {
          reached.damaged++;
          return;
        }
        reached.valid++;
        expect(actual).toEqual(readAll(ordinary, JSON.stringify(value)));
      }),
      { ...RUNS, numRuns: RUNS.numRuns * 4 },
    );
    for (const times of Object.values(reached)) expect(times).toBeGreaterThan(RUNS.numRuns / 4);
  },
  TIME_LIMIT_MS,
);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
