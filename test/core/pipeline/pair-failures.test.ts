import { describe, expect, it } from '@jest/globals';
import { createLookupKeys } from '../../../src/core/attribution/lookup-keys.ts';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import { pairFailures, withFailure } from '../../../src/core/pipeline/pair-failures.ts';
import { eventList, NOT_DNS, type ReadEvent } from '../../../src/core/pipeline/read-events.ts';
import { corednsEvent, resolverEvent } from '../../support/dns-event.ts';
import { envelopeOf, runBatch } from '../../support/run-batch.ts';

const AT_MS = Date.UTC(2026, 10, 20, 10);
const POD = {
  namespace: 'kube-system',
  pod: 'coredns-1',
  container: 'coredns',
  node: undefined,
  podUid: undefined,
  ip: undefined,
};
const OTHER_POD = { ...POD, pod: 'coredns-2' };

const query = (ms: number, members: Partial<DnsEvent> = {}): DnsEvent =>
  corednsEvent({ timeMs: AT_MS + ms, responseCode: 'SERVFAIL', producer: POD, ...members });
const error = (ms: number, members: Partial<DnsEvent> = {}): DnsEvent =>
  query(ms, {
    clientIp: undefined,
    isError: true,
    upstream: '10.0.0.2:53',
    extra: [
      ['event.outcome', 'failure'],
      ['event.reason', `timeout at ${ms}`],
      ['log.logger', 'plugin/errors'],
      ['dns.synthetic', true],
    ],
    ...members,
  });
/** A line without a time of its own. */
const ARRIVED = { timeIsCertain: false };
const ok = (ms: number): DnsEvent => query(ms, { responseCode: 'NOERROR' });
const summary = (ms: number) => error(ms, { name: undefined, type: undefined });
const loop = (ms: number) => error(ms, { extra: [['log.logger', 'plugin/loop']] });

/** `[index of the query, reason]` of each pair. */
const pairs = (...events: ReadEvent[]) =>
  [...pairFailures(eventList(events, createLookupKeys()))].map(([index, { attributes }]) => [
    index,
    attributes.find(([name]) => name === 'event.reason')?.[1],
  ]);

it.each<[string, ReadEvent[], unknown[]]>([
  ['a query and its error', [query(0), error(1)], [[0, 'timeout at 1']]],
  ['an error and its query', [error(0), query(1)], [[1, 'timeout at 0']]],
  [
    'lines of others between them',
    [query(0), NOT_DNS, query(0, { type: 'AAAA' }), ok(1), error(2)],
    [[0, 'timeout at 2']],
  ],
  [
    'two attempts of a client',
    [query(0), error(1), query(5000), error(5001)],
    [
      [0, 'timeout at 1'],
      [2, 'timeout at 5001'],
    ],
  ],
  [
    'two types',
    [query(0), query(1, { type: 'AAAA' }), error(2, { type: 'AAAA' }), error(3)],
    [
      [1, 'timeout at 2'],
      [0, 'timeout at 3'],
    ],
  ],
  [
    'no response was seen',
    [query(0, { responseSeen: false, responseCode: undefined }), error(1)],
    [[0, 'timeout at 1']],
  ],
  ['an error without a code', [query(0), error(1, { responseCode: undefined })], [[0, 'timeout at 1']]],
  ['the border of the window', [query(0), error(250)], [[0, 'timeout at 250']]],
  ['two clients at the same time', [query(0), query(1), error(2), error(3)], []],
  ['two queries and one error', [query(0), query(1), error(2)], []],
  ['two errors and one query', [query(0), error(1), error(2)], []],
  ['beyond the window', [query(0), error(251)], []],
  [
    'times of arrival, which are the same for all lines: next to each other',
    [ok(0), query(0, ARRIVED), error(0, ARRIVED)],
    [[1, 'timeout at 0']],
  ],
  ['times of arrival, with lines between them', [query(0, ARRIVED), ok(0), error(0, ARRIVED)], []],
  ['a query that was answered', [ok(0), error(1)], []],
  ['a name that does not exist', [query(0, { responseCode: 'NXDOMAIN' }), error(1)], []],
  ['another code', [query(0, { responseCode: 'REFUSED' }), error(1)], []],
  ['another name', [query(0, { name: 'b.example.com' }), error(1)], []],
  ['another CoreDNS pod', [query(0), error(1, { producer: OTHER_POD })], []],
  ['another proof', [query(0, { proof: 'producer' }), error(1, { proof: 'nothing' })], []],
  ['a Resolver record', [resolverEvent({ timeMs: AT_MS, responseCode: 'SERVFAIL' }), error(1)], []],
  ['a summary of errors', [query(0), summary(1)], []],
  ['a loop', [query(0), loop(1)], []],
  ['no error', [query(0)], []],
])('%s', (_, events, expected) => {
  expect(pairs(...events)).toEqual(expected);
});

it('finds the pairs of many equal lines in time', () => {
  const lines = Array.from({ length: 40_000 }, (_, i) => [query(i % 7), error(i % 7)]).flat();
  expect(pairs(...lines)).toEqual([]);
});

describe('the event of the query', () => {
  const [, failure] = [...pairFailures(eventList([query(0), error(1)], createLookupKeys()))][0] ?? [];

  it('gets reason, logger and upstream, and stays what it is', () => {
    if (failure === undefined) throw new Error('no pair');
    const own = query(0, { extra: [['server.zone', '.']] });
    expect(withFailure(own, failure)).toEqual({
      ...own,
      upstream: '10.0.0.2:53',
      extra: [
        ['server.zone', '.'],
        ['event.outcome', 'failure'],
        ['event.reason', 'timeout at 1'],
        ['log.logger', 'plugin/errors'],
      ],
    });
  });

  it('keeps the upstream of its own line', () => {
    if (failure === undefined) throw new Error('no pair');
    expect(withFailure(query(0, { upstream: '192.0.2.1:53' }), failure).upstream).toBe('192.0.2.1:53');
  });
});

it('stands in the record of the query', async () => {
  const { outcomes } = await runBatch([
    envelopeOf([
      '[INFO] 10.0.0.5:4000 - 1 "A IN api.example.com. udp 40 false 512" NOERROR qr,rd,ra 80 0.0001s',
      '[INFO] 10.0.0.5:4000 - 1 "A IN down.example.com. udp 40 false 512" SERVFAIL qr,rd 40 2.0001s',
      '[ERROR] plugin/errors: 2 down.example.com. A: read udp 10.0.9.9:4000->10.0.0.2:53: i/o timeout',
    ]),
  ]);
  const records = JSON.parse(String(outcomes[0]?.data)).logEvents.map(({ message }: { message: string }) =>
    JSON.parse(message),
  );
  expect(records[0]['event.reason']).toBeUndefined();
  expect(records[1]).toMatchObject({
    'client.ip': '10.0.0.5',
    'dns.upstream': '10.0.0.2:53',
    'event.outcome': 'failure',
    'event.reason': 'read udp 10.0.9.9:4000->10.0.0.2:53: i/o timeout',
    'log.logger': 'plugin/errors',
  });
});
