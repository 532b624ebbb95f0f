// Faults inside a well-formed envelope.
import type { InputRecord } from '../../../src/cli/lib/simulate/ledger.ts';
import { MIXED } from '../../../src/cli/lib/simulate/lines.ts';
import type { Random } from '../../../src/cli/lib/simulate/random.ts';
import type { Draft, Traffic } from '../../../src/cli/lib/simulate/traffic.ts';
import { type Fault, HEALTHY } from './fault.ts';

const other = (message: Draft['message']): Draft => ({ message, isDns: false });
const dns = (message: Draft['message']): Draft => ({ message, isDns: true });

/** A CoreDNS line with this name. */
const line = (name: string): string =>
  `[INFO] 10.0.1.2:4000 - 1 "A IN ${name} udp 40 false 512" NOERROR qr,rd,ra 80 0.0001s`;

/** Incompressible text. */
const incompressible = (random: Random, chars: number): string =>
  Buffer.from(random.hex(chars * 2), 'hex').toString('base64');

/** An envelope whose events are edited after it is built. */
const withEvents = (traffic: Traffic, drafts: readonly Draft[], edit: (events: object[]) => void) => {
  const record = traffic.envelope(drafts, { plain: true });
  const envelope = JSON.parse(record.data.toString()) as { logEvents: object[] };
  edit(envelope.logEvents);
  return { ...record, data: Buffer.from(JSON.stringify(envelope)) };
};

const STRANGE_TIMES = [0, -1, 1e15, 253_402_300_800_000, 1.5, 'soon', null, {}, -62_135_596_800_001];
const FUTURE_MS = Date.now() + 86_400_000;

/** All faults of this file. */
export const EVENT_FAULTS: readonly Fault[] = [
  {
    name: 'events of 1 MB',
    outcomes: HEALTHY,
    records: function* (traffic, random) {
      yield traffic.envelope([other((marker) => `${marker} ${'stack frame '.repeat(85_000)}`)]);
      yield traffic.envelope([dns((marker) => line(`${marker}.${'a'.repeat(1_000_000)}.example.com.`))]);
      yield traffic.envelope([dns((marker) => `${line(`${marker}.example.com.`)}${' x'.repeat(500_000)}`)]);
      yield traffic.envelope([other((marker) => `${marker} ${incompressible(random, 700_000)}`)]);
    },
  },
  {
    name: '10,000 events in a record',
    outcomes: HEALTHY,
    records: (traffic) => [1, 2].map(() => traffic.envelope(traffic.drafts(MIXED, 10_000))),
  },
  {
    name: 'messages that do not compress',
    outcomes: HEALTHY,
    records: function* (traffic, random) {
      for (let i = 0; i < 6; i++) {
        const drafts = Array.from({ length: 200 }, () => {
          const text = incompressible(random, 600);
          return random.int(2) === 0
            ? other((marker) => `${marker} ${text}`)
            : dns((marker) => line(`${random.hex(40)}.${random.hex(40)}.${marker}.example.com.`));
        });
        yield traffic.envelope(drafts);
      }
    },
  },
  {
    name: 'response over 6 MB: plain envelopes in a buffer of 3 MB',
    outcomes: HEALTHY,
    metric: 'RecordsDegraded',
    stream: { bufferBytes: 3_000_000 },
    records: function* (traffic) {
      for (let i = 0; i < 40; i++) yield traffic.envelope(traffic.drafts(['coredns'], 1000), { plain: true });
    },
  },
  {
    name: 'OUTPUT_FORMAT=ndjson',
    outcomes: HEALTHY,
    env: { OUTPUT_FORMAT: 'ndjson' },
    records: function* (traffic) {
      for (let i = 0; i < 16; i++)
        yield traffic.envelope(traffic.drafts(MIXED, 1500), { plain: i % 2 === 0 });
    },
  },
  {
    name: 'invalid UTF-8, lone surrogates, NUL, odd escapes',
    outcomes: HEALTHY,
    records: function* (traffic, random) {
      const strange = [
        '\ud800 alone',
        '\udc00',
        'a\u0000b',
        '\u2028\u2029',
        '\ufffe\uffff',
        '\u007f\u0085',
        '\\u0000',
      ];
      const drafts = strange.flatMap((text) => [
        other((marker) => `${marker} ${text}`),
        dns((marker) => line(`${marker}.${text.replaceAll(' ', '')}.example.com.`)),
      ]);
      yield traffic.envelope(drafts);
      yield withInvalidUtf8(traffic, drafts, random);
      const escaped = traffic.envelope(drafts, { plain: true });
      const text = escaped.data.toString().replaceAll('/', '\\/').replaceAll('INFO', '\\u0049NFO');
      yield { ...escaped, data: Buffer.from(text) };
    },
  },
  {
    name: 'duplicate ids, events out of order',
    outcomes: HEALTHY,
    records: (traffic) => [
      withEvents(traffic, traffic.drafts(MIXED, 30), (events) => {
        for (const [i, event] of events.entries())
          Object.assign(event, { id: 'same', timestamp: 1_700_000_000_000 - i });
      }),
    ],
  },
  {
    name: 'clock skew and invalid times',
    outcomes: HEALTHY,
    env: { DIRECTORY_FILE: 'events/directory.json' },
    records: (traffic) => [
      withEvents(traffic, traffic.drafts(MIXED, 60), (events) => {
        for (const [i, event] of events.entries()) Object.assign(event, { timestamp: STRANGE_TIMES[i % 9] });
      }),
      withEvents(traffic, traffic.drafts(MIXED, 60), (events) => {
        for (const [i, event] of events.entries()) Object.assign(event, { timestamp: FUTURE_MS + i });
      }),
    ],
  },
  {
    name: 'unknown members, order and layout',
    outcomes: HEALTHY,
    records: function* (traffic) {
      const drafts = traffic.drafts(MIXED, 30);
      const changes = {
        policyLevel: 'ACCOUNT_LEVEL_POLICY',
        '@aws.account': '111122223333',
        later: { a: [1, null] },
      };
      yield traffic.envelope(drafts, { changes });
      yield withEvents(traffic, drafts, (events) => {
        for (const event of events)
          Object.assign(event, { extractedFields: { ip: '10.0.0.1', list: [{ id: 'x' }] } });
      });
      const pretty = traffic.envelope(drafts, { plain: true });
      yield { ...pretty, data: Buffer.from(JSON.stringify(JSON.parse(pretty.data.toString()), null, 2)) };
      const reversed = traffic.envelope(drafts, { plain: true });
      const entries = Object.entries(JSON.parse(reversed.data.toString()) as object).reverse();
      yield { ...reversed, data: Buffer.from(JSON.stringify(Object.fromEntries(entries))) };
    },
  },
  {
    name: 'unknown message types, empty and odd event lists',
    outcomes: HEALTHY,
    records: function* (traffic) {
      const bare = (text: string) => traffic.opaque(() => Buffer.from(text));
      const head = '"owner":"111122223333","logGroup":"/g","logStream":"s","subscriptionFilters":[]';
      yield bare(`{"messageType":"HEARTBEAT",${head},"logEvents":[]}`);
      yield bare(`{"messageType":"DATA_MESSAGE",${head},"logEvents":[]}`);
      yield bare(`{"messageType":"DATA_MESSAGE",${head},"logEvents":[null,1,"x",[],{}]}`);
      yield bare(`{"messageType":"DATA_MESSAGE",${head},"logEvents":[{"id":1,"message":2}]}`);
      yield bare(`{"messageType":"DATA_MESSAGE",${head},"logEvents":{"0":{}}}`);
      yield bare(`{"messageType":null,${head},"logEvents":[]}`);
      yield traffic.opaque((marker) => Buffer.from(`[[[[${'['.repeat(200_000)}${marker}`));
    },
  },
  {
    name: 'control messages',
    outcomes: [...HEALTHY, 'dropped'],
    metric: 'RecordsDropped',
    records: (traffic) => [traffic.control(), traffic.control()],
  },
  {
    name: 'DROP=search-expansion,cluster',
    outcomes: [...HEALTHY, 'dropped'],
    metric: 'EventsDropped',
    env: { DROP: 'search-expansion,cluster' },
    dropped: ['search', 'cluster'],
    records: function* (traffic) {
      yield traffic.envelope(traffic.drafts(['search'], 20));
      yield traffic.lines(traffic.drafts(['search', 'application'], 20));
    },
  },
  {
    name: 'AGGREGATE=lookup',
    outcomes: HEALTHY,
    metric: 'EventsMerged',
    env: { AGGREGATE: 'lookup' },
    records: function* (traffic) {
      for (let i = 0; i < 20; i++) yield traffic.envelope(traffic.drafts(['lookup'], 20));
      yield traffic.envelope(traffic.drafts([...MIXED, 'lookup'], 200));
      yield traffic.lines(traffic.drafts(['lookup', 'application'], 20));
    },
  },
  {
    name: 'AGGREGATE=lookup, records that go back as their originals',
    outcomes: HEALTHY,
    metric: 'RecordsDegraded',
    env: { AGGREGATE: 'lookup', RESPONSE_BUDGET_BYTES: '600000' },
    records: function* (traffic) {
      for (let i = 0; i < 20; i++) yield traffic.envelope(traffic.drafts([...MIXED, 'lookup'], 200));
    },
  },
  {
    name: 'SAMPLE=external=0.5',
    outcomes: [...HEALTHY, 'dropped'],
    metric: 'EventsDropped',
    env: { SAMPLE: 'external=0.5' },
    dropped: ['coredns', 'insights', 'resolver'],
    records: (traffic) => [traffic.envelope(traffic.drafts(MIXED, 200))],
  },
];

/** An envelope with bytes in a message that are not valid UTF-8. */
function withInvalidUtf8(traffic: Traffic, drafts: readonly Draft[], random: Random): InputRecord {
  const record = traffic.envelope([...drafts, other((marker) => `${marker} ${'~'.repeat(20)}`)], {
    plain: true,
  });
  const data = Buffer.from(record.data);
  for (let at = data.indexOf('~'); at >= 0; at = data.indexOf('~', at)) data[at] = 0x80 + random.int(0x80);
  return { ...record, data };
}
