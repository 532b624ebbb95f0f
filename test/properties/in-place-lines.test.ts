// Lines read in place (fast path) and lines that are decoded first: both must give the same events.
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLookupKeys } from '../../src/core/attribution/lookup-keys.ts';
import { createFastPath } from '../../src/core/fast-path/index.ts';
import type { BatchLookupKeys } from '../../src/core/model/directory.ts';
import { bySource, type LogSourceName } from '../../src/core/model/log-sources.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { NO_ACCELERATION } from '../../src/core/pipeline/acceleration.ts';
import { createRecordReader, type ReadRecord } from '../../src/core/pipeline/read.ts';
import type { EventList, ReadEvent } from '../../src/core/pipeline/read-events.ts';
import { createSources } from '../../src/core/sources/index.ts';
import { anyQuery } from '../support/coredns-arbitraries.ts';
import { decoded } from '../support/encoded-text.ts';
import { editsOf, fuzzedLine, RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';
import { RENDER_COMBINED, RENDER_COMMON, renderCoreDns } from '../support/render-coredns.ts';
import { resolverRecord } from '../support/resolver-record.ts';

const POD = { pod_name: 'coredns-7d9f5c6b8-qx2lm', namespace_name: 'kube-system', container_name: 'coredns' };

const insights = fc.record({
  time: fc.constantFrom(
    '2024-03-05T06:07:08.123456789Z',
    '2024-03-05T06:07:08.9Z',
    '2024-03-05T06:07:08Z',
    '2024-03-05T06:07:08.1+01:00',
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00.000000000Z',
    'now',
  ),
  stream: fc.constantFrom('stdout', 'stderr', 'stdxyz'),
  _p: fc.constantFrom('F', 'F', 'P'),
  log: fc.constant(''),
  kubernetes: fc.constantFrom(POD, POD, { ...POD, container_name: 'web' }, { ...POD, pod_ip: '10.0.0.9' }),
});

const coreDns = fc
  .tuple(anyQuery, fc.constantFrom(RENDER_COMMON, RENDER_COMBINED), fc.constantFrom('[INFO] ', '[INFO] ', ''))
  .map(([query, format, prefix]) => prefix + renderCoreDns(format, query));

const wrapped = fc
  .tuple(coreDns, insights, fc.constantFrom('', '', '\n', '\r\n', ' '), fc.constantFrom({}, {}, { a: '}' }))
  .map(([line, wrapper, end, more]) => JSON.stringify({ ...wrapper, log: line + end, ...more }));

const answer = fc.record({
  Rdata: fc.constantFrom('192.0.2.7', 'cdn.example.net.', 'a\\.', '.', '"v=spf1 -all"', '2001:db8::7', ''),
  Type: fc.constantFrom('A', 'CNAME', 'TXT', 'AAAA', 'PTR', 'a', 'TYPE65'),
  Class: fc.constantFrom('IN', 'CH', ''),
});
const resolver = fc
  .record(
    {
      query_timestamp: fc.constantFrom(
        '2024-03-01T12:00:01Z',
        '2024-03-01T12:00:01.5Z',
        '2024-02-31T99:00:00Z',
      ),
      query_name: fc.constantFrom('.', 'a.', 'WWW.Example.com.', 'no-dot', 'x\\.', '*.example.com.', ''),
      query_type: fc.constantFrom('AAAA', 'TYPE65', 'any', ''),
      query_class: fc.constantFrom('IN', 'CH'),
      rcode: fc.constantFrom('NXDOMAIN', 'NoError', '3', ''),
      answers: fc.oneof(fc.array(answer, { maxLength: 3 }), fc.constant(new Array(33).fill(answer))),
      srcaddr: fc.constantFrom('10.0.1.6', '2001:db8::1', '10.0.1.256', '010.0.0.1', '10.0.0'),
      srcport: fc.constantFrom('1', '65536', '01', '', 53),
      transport: fc.constantFrom('TCP', 'DoH', 'udp'),
      srcids: fc.constantFrom(
        {},
        { instance: 'i-1' },
        { instance: 'i-1', other: 'x' },
        { resolver_endpoint: 'r' },
      ),
      version: fc.constantFrom('1.100000', '1.0', '2.0'),
      account_id: fc.constantFrom('1', '111122223333', 111122223333),
      vpc_id: fc.constantFrom('vpc-2', ''),
      firewall_rule_action: fc.constantFrom('BLOCK', 'alert'),
    },
    { requiredKeys: [] },
  )
  .map((members) => resolverRecord(members));

const usual = fc
  .record({
    query_name: fc.stringMatching(/^[a-z0-9_-]{1,9}\.example\.(com|net)\.$/),
    rcode: fc.constantFrom('NOERROR', 'NXDOMAIN'),
    answers: fc.array(fc.constantFrom({ Rdata: '192.0.2.7', Type: 'A', Class: 'IN' }), { maxLength: 2 }),
  })
  .map((members) => resolverRecord(members));

const message = fc.oneof(
  fuzzedLine.map(({ message }) => message('zq0qz')),
  coreDns,
  wrapped,
  resolver,
  usual,
  editsOf(coreDns),
  editsOf(wrapped),
  editsOf(resolver),
  editsOf(usual),
);

/** A string literal of the same value: one of its characters, taken modulo its length, is written as an escape. */
const literalOf = (text: string, escaped: number | undefined): string => {
  if (escaped === undefined || text === '') return JSON.stringify(text);
  const at = escaped % text.length;
  const code = text.charCodeAt(at).toString(16).padStart(4, '0');
  return `${JSON.stringify(text.slice(0, at)).slice(0, -1)}\\u${code}${JSON.stringify(text.slice(at + 1)).slice(1)}`;
};

const event = fc.record({
  message,
  escaped: fc.option(fc.nat(500), { nil: undefined, freq: 2 }),
  timestamp: fc.constantFrom('1709290800000', '1709290800000', '-1', 'null'),
});

const sources = createSources(DEFAULT_SETTINGS);

const plain = (event: ReadEvent): unknown =>
  typeof event === 'object'
    ? { ...event, content: typeof event.content === 'string' ? event.content : decoded(event.content) }
    : event;

it(
  'reads the same in place and decoded',
  () => {
    const parsedInPlace: Record<LogSourceName, number> = bySource(() => 0);
    let keysNeeded = 0;
    const inPlace = createRecordReader(sources, DEFAULT_SETTINGS, createFastPath(DEFAULT_SETTINGS));
    const ordinary = createRecordReader(sources, DEFAULT_SETTINGS, NO_ACCELERATION);
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('s', 'coredns-7d9f5c6b8-qx2lm.coredns'),
        (events, logStream) => {
          const list = events.map(
            (one, i) =>
              `{"id":"${i}","timestamp":${one.timestamp},"message":${literalOf(one.message, one.escaped)}}`,
          );
          const head = JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup: '/g', logStream }).slice(
            0,
            -1,
          );
          const data = gzipSync(`${head},"logEvents":[${list.join(',')}]}`).toString('base64');
          const input = { recordId: '1', data, arrivalMs: 1_709_290_900_000 };
          const [keys, expectedKeys] = [createLookupKeys(), createLookupKeys()];
          const actual = eventsOf(inPlace(input, keys));
          const expected = eventsOf(ordinary(input, expectedKeys));
          for (const i of events.keys()) {
            const read = actual.at(i);
            // Only a line that was parsed in place keeps its content in the envelope.
            if (typeof read === 'object' && typeof read.content === 'object') parsedInPlace[read.source]++;
            expect(plain(read)).toEqual(plain(expected.at(i)));
          }
          // The look-up may get more keys than it needs, and never fewer.
          const needed = keysOf(expectedKeys);
          const found = new Set(keysOf(keys));
          keysNeeded += needed.length;
          expect(needed.filter((key) => !found.has(key))).toEqual([]);
        },
      ),
      { ...RUNS, numRuns: RUNS.numRuns * 4 },
    );
    expect(keysNeeded).toBeGreaterThan(RUNS.numRuns);
    expect(parsedInPlace.coredns).toBeGreaterThan(RUNS.numRuns / 10);
    expect(parsedInPlace['aws.vpcdnsquerylogs']).toBeGreaterThan(RUNS.numRuns / 10);
  },
  TIME_LIMIT_MS,
);

/** All keys of a batch, as text. */
const keysOf = ({ clientIps, vpcs }: BatchLookupKeys): string[] => [
  ...[...clientIps].map((ip) => `client ${ip}`),
  ...vpcs.flatMap(({ vpcId, accountId, region, ips, instanceIds }) =>
    [...ips, ...instanceIds].map((key) => `${vpcId} ${accountId} ${region} ${key}`),
  ),
];

function eventsOf(record: ReadRecord): EventList {
  if (record.kind !== 'envelope') throw new Error('the test builds envelopes');
  return record.events;
}
