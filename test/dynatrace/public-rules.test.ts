// A sample of each topic of the public rules through the built function, and the query that answers it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PUBLIC_RULES, TOPICS, type Topic } from '../../scripts/tools/dynatrace/public-rules.ts';
import { queryLibrary } from '../../scripts/tools/dynatrace/query-library.ts';
import { bundleUrl } from '../../src/cli/lib/io/bundle.ts';
import { envelopeJson } from '../../src/cli/lib/io/firehose-event.ts';
import { readResponse, recordsIn } from '../../src/cli/lib/io/firehose-response.ts';
import { createFunction, type LambdaFunction } from '../../src/cli/lib/simulate/function.ts';
import type { Unit } from '../../src/cli/lib/simulate/ledger.ts';
import { eventOf } from '../support/batches.ts';
import { runQuery } from './dql/evaluate.ts';
import { parseQuery } from './dql/parse.ts';
import type { Row } from './dql/values.ts';
import { readLists } from './lookup-tables.ts';
import { type DnsRecord, SHAPES } from './tenant.ts';
import { NOW } from './traffic.ts';

const AT = '2026-11-20T11:40:00';
const TABLES = readLists();
/** A CoreDNS line as Fluent Bit ships it, from a pod of `events/directory.json`. */
const shipped = (log: string): string =>
  JSON.stringify({
    ...{ time: `${AT}.000Z`, stream: 'stdout', log },
    kubernetes: {
      ...{ pod_name: 'coredns-7d58d485c9-4xkqz', namespace_name: 'kube-system', container_name: 'coredns' },
      host: 'ip-172-31-40-5.eu-west-1.compute.internal',
    },
  });
/** A pod of the same file. */
const POD_IP = '172.31.47.132';

const line = (name: string, type = 'A', code = 'NOERROR', duration = '0.000102'): string =>
  `[INFO] ${POD_IP}:40212 - 7 "${type} IN ${name}. udp 60 false 512" ${code} qr,rd,ra 90 ${duration}s`;
const lines = (count: number, toName: (i: number) => string, code = 'NOERROR'): string[] =>
  Array.from({ length: count }, (_, i) => line(toName(i), 'A', code));
const answer = (name: string, members: object): string =>
  JSON.stringify({
    ...{
      version: '1.100000',
      account_id: '111122223333',
      region: 'eu-west-1',
      vpc_id: 'vpc-0c5d2e8f91a7b6340',
    },
    ...{
      query_timestamp: `${AT}Z`,
      query_name: `${name}.`,
      query_type: 'A',
      query_class: 'IN',
      rcode: 'NOERROR',
    },
    ...{ answers: [], srcaddr: POD_IP, srcport: '40212', transport: 'UDP', srcids: {} },
    ...members,
  });
/** A name below the first domain of a list. */
const listed = (table: string): string[] => [line(String(TABLES[`/lookups/eks_dns/${table}`]?.[0]?.domain))];

const letters = (i: number): string => String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26));

const SAMPLES: Readonly<Record<Topic, readonly string[]>> = {
  'data-in-names': [line(`${'6d7973716c64756d70'.repeat(3)}.a.exfil-lab.net`)],
  'encoded-names': [
    line(
      `${Buffer.from('order 4711, card 4929 1234 for the customer').toString('base64url').toLowerCase()}.exfil-lab.net`,
    ),
  ],
  'many-names': lines(120, (i) => `b${letters(i)}7${i}.beacon-lab.net`),
  txt: [
    line('cmd.exfil-lab.net', 'TXT'),
    answer('cmd.exfil-lab.net', {
      query_type: 'TXT',
      answers: [{ Rdata: '"curl x | sh"', Type: 'TXT', Class: 'IN' }],
    }),
  ],
  'generated-domains': lines(30, (i) => `xq${letters(i)}kvz${i}w.com`, 'NXDOMAIN'),
  'missing-names': lines(130, (i) => `host${i}.gone-lab.net`, 'NXDOMAIN'),
  'new-domain': [line('www.brand-new-lab.net')],
  // The example in the query.
  indicator: [line('www.dynatrace.com')],
  rebinding: [answer('rebind-lab.net', { answers: [{ Rdata: '169.254.169.254', Type: 'A', Class: 'IN' }] })],
  firewall: [
    answer('phish-lab.net', { firewall_rule_action: 'BLOCK', firewall_rule_group_id: 'rslvr-frg-1' }),
  ],
  bypass: [answer('www.lab.net', {})],
  mining: listed('mining_pools'),
  'out-of-band': listed('out_of_band'),
  tunnels: listed('tunnels'),
  'dynamic-dns': listed('dynamic_dns'),
  doh: listed('doh_resolvers'),
  tor: listed('tor_gateways'),
  health: [line('api.lab.net', 'A', 'SERVFAIL')],
  why: [
    line('api.lab.net', 'A', 'SERVFAIL', '2.000120'),
    '[ERROR] plugin/errors: 2 api.lab.net. A: read udp 172.31.40.9:41213->172.31.0.2:53: i/o timeout',
  ],
  talkers: [line('www.lab.net')],
  services: [line('cart.shop.svc.cluster.local')],
  load: [line('www.lab.net')],
};

/** What any traffic has; every other query finds nothing in it. */
const HARMLESS = line('www.example.com');
const OVERVIEWS: ReadonlySet<Topic> = new Set<Topic>(['health', 'talkers', 'load', 'new-domain']);

let lambda: LambdaFunction;

beforeAll(() => {
  const env = { DIRECTORY_FILE: 'events/directory.json', EC2_LOOKUP: 'off' };
  lambda = createFunction({ bundle: bundleUrl('dist/index.mjs'), env, timeoutMs: 600_000, onLine: () => {} });
});
afterAll(() => lambda.stop());

/** The records that the function makes of these messages. */
async function recordsOf(messages: readonly string[]): Promise<readonly DnsRecord[]> {
  const inGroup = (logGroup: string, first: string, wrap: (line: string) => string) => ({
    owner: '111122223333',
    logGroup,
    logStream: 'lab',
    messageType: 'DATA_MESSAGE',
    events: messages
      .filter((message) => message.startsWith(first))
      .map((message) => ({ timeMs: Date.parse(`${AT}Z`), message: wrap(message) })),
  });
  const envelopes = [
    inGroup('/aws/containerinsights/shop/application', '[', shipped),
    inGroup('/aws/vendedlogs/route53resolver/lab', '{', (record) => record),
  ];
  const units: readonly Unit[] = [];
  const event = eventOf(
    envelopes.map((envelope) => ({ data: Buffer.from(envelopeJson(envelope)), shape: 'events', units })),
  );
  const { text, error } = await lambda.invoke(event);
  expect(error).toBeUndefined();
  return recordsIn(readResponse(event, JSON.parse(text ?? '')));
}

const run = (query: string, records: readonly DnsRecord[]): Row[] =>
  runQuery(parseQuery(queryLibrary().get(query) ?? ''), {
    logs: records.map((record) => SHAPES['with the processor'](record)),
    tables: TABLES,
    now: NOW,
  });

describe.each(Object.entries(TOPICS) as [Topic, (typeof TOPICS)[Topic]][])(
  '%s',
  (topic, { query, field }) => {
    it(`is found by ${query}`, async () => {
      const records = await recordsOf(SAMPLES[topic]);
      const [name = '', values] = field.split(': ');
      expect(records.some((record) => record[name] !== undefined)).toBe(true);
      const signals = values?.split(', ') ?? [];
      const raised = records.flatMap((record) => (record['dns.signals'] as string[] | undefined) ?? []);
      if (signals.length > 0) expect(signals.some((signal) => raised.includes(signal))).toBe(true);
      expect(run(query, records).length).toBeGreaterThan(0);
    });

    if (!OVERVIEWS.has(topic)) {
      it('is not found in harmless traffic', async () => {
        expect(run(query, await recordsOf([HARMLESS]))).toEqual([]);
      });
    }
  },
);

it('answers at least 40 public rules, each topic at least one', () => {
  expect(PUBLIC_RULES.length).toBeGreaterThanOrEqual(40);
  expect(new Set(PUBLIC_RULES.map(({ topic }) => topic))).toEqual(new Set(Object.keys(TOPICS)));
});
