import { describe, expect, it } from '@jest/globals';
import { createOcsfSource } from '../../../../src/core/sources/route53-ocsf/index.ts';
import { bare, LOGGED_AT_MS, lineOf } from '../../../support/log-line.ts';
import { extraOf } from '../../../support/resolver-record.ts';
import { envelopeOf, runBatch } from '../../../support/run-batch.ts';

const source = createOcsfSource();
const QUERIED_AT_MS = Date.UTC(2026, 10, 20, 10, 1);

/** An activity as the transformer of CloudWatch Logs writes it, with members replaced (undefined = left out). */
const activityOf = (members: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    class_uid: 4003,
    activity_id: 6,
    time: QUERIED_AT_MS,
    metadata: { version: '1.5.0', product: { name: 'Route 53', vendor_name: 'AWS', version: '1.100000' } },
    cloud: { provider: 'AWS', region: 'eu-central-1', account: { uid: '444455556666' } },
    query: { hostname: 'API.Partner.example.', type: 'AAAA', class: 'IN' },
    rcode: 'NoError',
    rcode_id: 0,
    answers: [{ type: 'CNAME', rdata: 'edge.partner.example.', class: 'IN' }],
    src_endpoint: { ip: '10.7.0.20', port: 53_011, vpc_uid: 'vpc-0c0ffee', instance_uid: 'i-0feed' },
    connection_info: { protocol_name: 'UDP', direction: 'Unknown' },
    ...members,
  });

const parse = (members: Readonly<Record<string, unknown>> = {}) => {
  const text = activityOf(members);
  return source.parse(lineOf(text), bare(text));
};

const globalResolver = {
  metadata: { product: { name: 'Global Resolver', vendor_name: 'AWS', feature: { name: 'DNS' } } },
  src_endpoint: { ip: '198.51.100.7', port: 40_404 },
  action_id: 2,
  action_name: 'Denied',
  rcode: 'REFUSED',
  rcode_id: 5,
  answers: [],
  duration: 3,
  enrichments: [
    {
      name: 'global-resolver',
      value: 'gr-77aa',
      data: {
        dns_view_id: 'dnsv-1',
        firewall_rule_id: 'fr-9',
        token_name: 'laptop-17',
        token_expiration: '1',
      },
    },
  ],
};

it('reads what the transformer makes of a Resolver record', () => {
  expect(parse()).toMatchObject({
    source: 'aws.route53.ocsf',
    timeMs: QUERIED_AT_MS,
    timeIsCertain: true,
    content: activityOf(),
    name: 'api.partner.example',
    type: 'AAAA',
    class: undefined,
    responseCode: 'NOERROR',
    clientIp: '10.7.0.20',
    clientPort: 53_011,
    transport: 'udp',
    sourceIds: { instance: 'i-0feed', resolverEndpoint: undefined, resolverNetworkInterface: undefined },
    answers: [{ data: 'edge.partner.example', type: 'CNAME' }],
    answerCount: 1,
    accountId: '444455556666',
    region: 'eu-central-1',
    vpcId: 'vpc-0c0ffee',
    firewallAction: undefined,
    isPartial: false,
    extra: [['dns.question.name_as_asked', 'API.Partner.example']],
  });
});

it('reads a query that Global Resolver refused, with the device', () => {
  const event = parse(globalResolver);
  expect(event).toMatchObject({
    responseCode: 'REFUSED',
    clientIp: '198.51.100.7',
    vpcId: undefined,
    sourceIds: undefined,
    firewallAction: 'BLOCK',
    durationNs: 3_000_000,
    isPartial: false,
  });
  expect(event?.extra).toEqual([
    ['dns.question.name_as_asked', 'API.Partner.example'],
    ['aws.route53.firewall.action', 'BLOCK'],
    ['aws.route53.global_resolver.id', 'gr-77aa'],
    ['aws.route53.global_resolver.dns_view_id', 'dnsv-1'],
    ['aws.route53.global_resolver.firewall_rule_id', 'fr-9'],
    ['aws.route53.global_resolver.token_name', 'laptop-17'],
  ]);
});

describe('members', () => {
  it.each([
    ['time of the query', { query_time: QUERIED_AT_MS - 5 }, { timeMs: QUERIED_AT_MS - 5 }],
    ['time of the start', { start_time: QUERIED_AT_MS - 7 }, { timeMs: QUERIED_AT_MS - 7 }],
    ['time as text', { time: undefined, time_dt: '2026-11-20T10:01:00Z' }, { timeMs: QUERIED_AT_MS }],
    ['no time', { time: undefined }, { timeMs: LOGGED_AT_MS, timeIsCertain: false, isPartial: true }],
    ['time beyond the calendar', { time: 1e18 }, { timeMs: LOGGED_AT_MS, timeIsCertain: false }],
    ['time of a fraction', { time: 1.5 }, { timeMs: LOGGED_AT_MS, timeIsCertain: false }],
    ['OCSF name of SERVFAIL', { rcode: 'ServError', rcode_id: 2 }, { responseCode: 'SERVFAIL' }],
    ['NXDOMAIN', { rcode: 'NXDomain', rcode_id: 3 }, { responseCode: 'NXDOMAIN' }],
    ['code without id', { rcode: 'BADVERS', rcode_id: undefined }, { responseCode: 'BADVERS' }],
    ['id without name', { rcode: undefined, rcode_id: 23 }, { responseCode: 'BADCOOKIE' }],
    ['unknown id without name', { rcode: undefined, rcode_id: 3841 }, { responseCode: '3841' }],
    ['other code', { rcode: 'Other', rcode_id: 99 }, { responseCode: 'OTHER' }],
    ['no code', { rcode: undefined, rcode_id: undefined }, { responseCode: undefined }],
    ['class CH', { query: { hostname: 'v.example.', type: 'TXT', class: 'CH' } }, { class: 'CH' }],
    ['update', { query: { hostname: 'v.example.', type: 'SOA', opcode_id: 5 } }, { opCode: '5' }],
    ['masked address', { src_endpoint: { ip: '*********' } }, { clientIp: undefined, isPartial: true }],
    [
      'odd port',
      { src_endpoint: { ip: '10.7.0.20', port: 'x' } },
      { clientPort: undefined, isPartial: true },
    ],
    [
      'account of the first versions',
      { cloud: { account_uid: '000011112222' } },
      { accountId: '000011112222' },
    ],
    ['unreadable answers', { answers: [{ ttl: 3 }] }, { answers: undefined, isPartial: true }],
    ['negative duration', { duration: -1 }, { durationNs: undefined }],
  ])('%s', (_, members, expected) => {
    expect(parse(members)).toMatchObject(expected);
  });

  it.each([
    [{ disposition: 'Blocked' }, 'BLOCK'],
    [{ disposition_id: 2 }, 'BLOCK'],
    [{ action: 'Denied' }, 'BLOCK'],
    [{ disposition_id: 19, action_id: 1 }, 'ALERT'],
    [{ disposition: 'Alert' }, 'ALERT'],
    [{ action_id: 1, disposition_id: 1 }, undefined],
    [{ disposition: 'Unknown', disposition_id: 0 }, undefined],
  ])('firewall action of %j', (members, action) => {
    const event = parse(members);
    expect(event?.firewallAction).toBe(action);
    expect(extraOf(event, 'aws.route53.firewall.action')).toBe(action);
  });

  it('of rules, endpoints and what is unmapped have the names of the log of Resolver', () => {
    const event = parse({
      dst_endpoint: { instance_uid: 'rslvr-in-1', interface_uid: 'rni-1' },
      firewall_rule: { uid: 'rslvr-frg-1' },
      unmapped: { firewall_domain_list_id: 'rslvr-fdl-1', is_delayed: true },
    });
    expect(event?.sourceIds).toMatchObject({
      resolverEndpoint: 'rslvr-in-1',
      resolverNetworkInterface: 'rni-1',
    });
    expect(Object.fromEntries(event?.extra ?? [])).toMatchObject({
      'aws.route53.resolver_endpoint_id': 'rslvr-in-1',
      'aws.route53.firewall.rule_group_id': 'rslvr-frg-1',
      'aws.route53.firewall.domain_list_id': 'rslvr-fdl-1',
      'aws.route53.is_delayed': true,
    });
  });

  it('of any shape are survived', () => {
    const odd = [null, 0, '', 'x', [], [null], {}, { uid: {} }, true];
    for (const key of Object.keys(JSON.parse(activityOf(globalResolver)))) {
      for (const value of odd) expect(() => parse({ ...globalResolver, [key]: value })).not.toThrow();
    }
  });
});

describe('what is not read', () => {
  it.each([
    ['another class', { class_uid: 4001 }, false],
    ['another vendor', { metadata: { product: { name: 'Route 53', vendor_name: 'Zeek' } } }, false],
    ['another product of AWS', { metadata: { product: { name: 'GuardDuty', vendor_name: 'AWS' } } }, false],
    ['no product', { metadata: undefined }, false],
    ['no question', { query: undefined }, true],
    ['an empty name', { query: { hostname: '', type: 'A' } }, true],
  ])('%s', (_, members, isCounted) => {
    const text = activityOf(members);
    expect(parse(members)).toBeUndefined();
    expect(source.resembles(bare(text))).toBe(isCounted);
  });
});

it('becomes a record like those of the other logs', async () => {
  const { outcomes, summary } = await runBatch([
    envelopeOf([activityOf()], { logGroup: '/aws/vendedlogs/route53resolver/shop' }),
  ]);
  expect(summary.normalisedBySource['aws.route53.ocsf']).toBe(1);
  const envelope = JSON.parse(String(outcomes[0]?.data));
  expect(JSON.parse(envelope.logEvents[0].message)).toMatchObject({
    'log.source': 'aws.route53.ocsf',
    'dns.question.name': 'api.partner.example',
    'dns.answers.data': ['edge.partner.example'],
    'aws.service': 'route53',
  });
});
