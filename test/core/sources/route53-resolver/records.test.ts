import { describe, expect, it } from '@jest/globals';
import { createResolverSource } from '../../../../src/core/sources/route53-resolver/index.ts';
import { bare, LOGGED_AT_MS, lineOf } from '../../../support/log-line.ts';
import { extraOf, parseResolverRecord, resolverRecord } from '../../../support/resolver-record.ts';

const source = createResolverSource();

const QUERIED_AT_MS = Date.UTC(2024, 2, 1, 12);

it('reads every member of a plain record', () => {
  expect(parseResolverRecord()).toMatchObject({
    source: 'aws.vpcdnsquerylogs',
    timeMs: QUERIED_AT_MS,
    timeIsCertain: true,
    content: resolverRecord(),
    name: 'www.example.com',
    type: 'A',
    class: undefined,
    responseCode: 'NOERROR',
    responseSeen: true,
    clientIp: '10.0.1.5',
    clientPort: 48_701,
    transport: 'udp',
    sourceIds: { instance: 'i-0b486830192751535', resolverEndpoint: undefined },
    answers: [{ data: '192.0.2.7', type: 'A' }],
    answerCount: 1,
    accountId: '012345678910',
    region: 'eu-west-1',
    vpcId: 'vpc-0a1b2c3d4e5f60718',
    firewallAction: undefined,
    isError: false,
    isPartial: false,
    extra: [],
  });
});

it('uses the object that the unwrapper has already parsed', () => {
  const text = resolverRecord();
  const event = source.parse(lineOf('{"log":"..."}'), bare(text, JSON.parse(text)));
  expect(event).toEqual(parseResolverRecord());
});

describe('scalars', () => {
  it.each([
    ['upper-case name', { query_name: 'WWW.Example.COM.' }, { name: 'www.example.com' }],
    ['name without dot', { query_name: '8.b.d.0.1.0.0.2.ip6.arpa' }, { name: '8.b.d.0.1.0.0.2.ip6.arpa' }],
    ['root', { query_name: '.' }, { name: '.' }],
    ['escaped final dot', { query_name: 'odd\\.' }, { name: 'odd\\.' }],
    ['underscores', { query_name: '_http._tcp.example.com.' }, { name: '_http._tcp.example.com' }],
    ['punycode', { query_name: 'xn--bcher-kva.ch.' }, { name: 'xn--bcher-kva.ch' }],
    ['letters beyond ASCII', { query_name: '\u212a.example.' }, { name: '\u212a.example' }],
    ['unknown type', { query_type: 'TYPE65280' }, { type: 'TYPE65280' }],
    ['lower-case type', { query_type: 'https' }, { type: 'HTTPS' }],
    ['class CH', { query_class: 'CH' }, { class: 'CH' }],
    ['no class', { query_class: undefined }, { class: undefined }],
    ['lower-case class', { query_class: 'in' }, { class: undefined }],
    ['mixed rcode', { rcode: 'ServFail' }, { responseCode: 'SERVFAIL' }],
    ['REFUSED', { rcode: 'REFUSED' }, { responseCode: 'REFUSED' }],
    ['numeric rcode', { rcode: 23 }, { responseCode: '23' }],
    ['no rcode', { rcode: undefined }, { responseCode: undefined, isPartial: false }],
    ['TCP', { transport: 'TCP' }, { transport: 'tcp' }],
    ['no transport', { transport: undefined }, { transport: undefined }],
    ['IPv6 client', { srcaddr: '2001:db8:1::100' }, { clientIp: '2001:db8:1::100' }],
    ['port as number', { srcport: 53 }, { clientPort: 53 }],
    ['no port', { srcport: null }, { clientPort: undefined, isPartial: false }],
    ['account as number', { account_id: 12_345_678_910 }, { accountId: '012345678910' }],
    ['old VPC id', { vpc_id: 'vpc-7example' }, { vpcId: 'vpc-7example' }],
  ])('%s', (_, members, expected) => {
    expect(parseResolverRecord(members)).toMatchObject({ isPartial: false, ...expected });
  });

  it.each(['DoH', 'DoH-FIPS'])('keeps the transport %s in addition to tcp', (transport) => {
    const event = parseResolverRecord({ transport });
    expect(event?.transport).toBe('tcp');
    expect(extraOf(event, 'aws.route53.transport')).toBe(transport);
  });
});

describe('the name as it was asked', () => {
  it.each([
    ['aGVsbG8.WWW.example.com.', 'aGVsbG8.WWW.example.com'],
    ['www.example.com.', undefined],
    ['\u00c4.example.', undefined],
  ])('%s -> %s', (query_name, expected) => {
    const event = parseResolverRecord({ query_name });
    expect(extraOf(event, 'dns.question.name_as_asked')).toBe(expected);
  });
});

describe('time', () => {
  it.each([
    ['2024-03-01T12:00:00.5Z', QUERIED_AT_MS + 500],
    ['2024-03-01T12:00:00.123456789Z', QUERIED_AT_MS + 123],
    ['2024-02-29T23:59:59.999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
    ['2024-03-01 12:00:00', QUERIED_AT_MS],
    ['2024-03-01T12:00:00+00:00', QUERIED_AT_MS],
  ])('%s is certain', (query_timestamp, timeMs) => {
    expect(parseResolverRecord({ query_timestamp })).toMatchObject({
      timeMs,
      timeIsCertain: true,
      isPartial: false,
    });
  });

  it.each([
    '2024-03-01T12:00:177Z',
    '2024-13-01T12:00:00Z',
    '2024-03-00T12:00:00Z',
    '2024-03-01T25:00:00Z',
    '0001-01-01T00:00:00Z',
    '0099-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    'soon',
  ])('%s falls back to the event, marked', (query_timestamp) => {
    const event = parseResolverRecord({ query_timestamp });
    expect(event).toMatchObject({ timeMs: LOGGED_AT_MS, timeIsCertain: false, isPartial: true });
    expect(extraOf(event, 'aws.route53.query_timestamp')).toBe(query_timestamp);
  });

  it('falls back to the wrapper before the event', () => {
    const text = resolverRecord({ query_timestamp: undefined });
    const event = source.parse(lineOf(text), { ...bare(text), timeMs: QUERIED_AT_MS + 1 });
    expect(event).toMatchObject({ timeMs: QUERIED_AT_MS + 1, timeIsCertain: false, isPartial: false });
  });
});

describe('answers', () => {
  it.each([
    ['A', '192.0.2.1', '192.0.2.1'],
    ['AAAA', '2001:db8::1', '2001:db8::1'],
    ['CNAME', 'Target.example.com.', 'Target.example.com'],
    ['NS', 'ns1.example.com.', 'ns1.example.com'],
    ['DNAME', 'example.org.', 'example.org'],
    ['PTR', 'host.example.com.', 'host.example.com'],
    ['PTR', '203.0.113.9', '203.0.113.9'],
    ['TXT', '"v=spf1 -all" "a \\"quoted\\" part."', '"v=spf1 -all" "a \\"quoted\\" part."'],
    ['TXT', 'ends with a dot.', 'ends with a dot.'],
    ['MX', '10 mail.example.com.', '10 mail.example.com.'],
    ['SRV', '0 5 5060 sip.example.com.', '0 5 5060 sip.example.com.'],
    ['SOA', 'ns1.example.com. admin.example.com. 1 2 3 4 5', 'ns1.example.com. admin.example.com. 1 2 3 4 5'],
    ['CAA', '0 issue "ca.example.net"', '0 issue "ca.example.net"'],
    ['HTTPS', '1 . alpn="h2,h3"', '1 . alpn="h2,h3"'],
    ['CNAME', '.', '.'],
  ])('%s %s', (type, Rdata, data) => {
    const event = parseResolverRecord({ query_type: type, answers: [{ Rdata, Type: type, Class: 'IN' }] });
    expect(event).toMatchObject({ answers: [{ data, type }], answerCount: 1, isPartial: false });
  });

  const one = [{ data: '192.0.2.7', type: 'A' }];
  it.each([
    ['none', [], [], 0, false],
    ['null', null, [], 0, false],
    ['no member', undefined, [], 0, false],
    ['an object', { Rdata: '192.0.2.7', Type: 'A' }, one, 1, false],
    ['lower-case keys', [{ rdata: '192.0.2.7', type: 'a', class: 'in' }], one, 1, false],
    ['an answer_type', [{ rdata: '192.0.2.7', answer_type: 'A' }], one, 1, false],
    ['a repeated answer', [0, 1].map(() => ({ Rdata: '192.0.2.7', Type: 'A' })), [...one, ...one], 2, false],
    [
      'one that is none',
      [{ Rdata: '192.0.2.7', Type: 'A' }, 'x', { Rdata: 1, Type: 'A' }, null],
      one,
      4,
      true,
    ],
    ['a list as text', '[{"Rdata":"192.0.2.7","Type":"A","Class":"IN"}]', one, 1, false],
    ['an object as text', '{"Rdata":"192.0.2.7","Type":"A"}', one, 1, false],
    ['an empty list as text', '[]', [], 0, false],
    ['empty text', '', [], 0, false],
  ])('%s', (_, answers, list, answerCount, isPartial) => {
    expect(parseResolverRecord({ answers })).toMatchObject({ answers: list, answerCount, isPartial });
  });

  it.each([
    ['text', 'x', 'x'],
    ['text that is not JSON', '[{"Rdata":', '[{"Rdata":'],
    ['text of texts', '["192.0.2.7"]', '["192.0.2.7"]'],
    ['texts', ['192.0.2.7'], ['192.0.2.7']],
    ['no data', [{ Type: 'A', Class: 'IN' }], '[{"Type":"A","Class":"IN"}]'],
    ['a number', 5, 5],
  ])('cannot be read: %s', (_, answers, kept) => {
    // Unreadable answers are not an empty list of answers.
    const event = parseResolverRecord({ answers });
    expect(event).toMatchObject({ answers: undefined, answerCount: undefined, isPartial: true });
    expect(extraOf(event, 'aws.route53.answers')).toEqual(kept);
  });

  it('keeps 32 answers and counts all of them', () => {
    const event = parseResolverRecord({
      answers: Array.from({ length: 40 }, (_, at) => ({ Rdata: `192.0.2.${at}`, Type: 'A' })),
    });
    expect(event?.answers).toHaveLength(32);
    expect(event).toMatchObject({ answerCount: 40, isPartial: false });
  });
});

describe('source ids', () => {
  const ids = { instance: undefined, resolverEndpoint: undefined, resolverNetworkInterface: undefined };
  it.each([
    ['empty', {}, undefined],
    ['absent', undefined, undefined],
    ['null', null, undefined],
    ['empty text', { instance: '' }, undefined],
    ['instance', { instance: 'i-0b' }, { ...ids, instance: 'i-0b' }],
    ['endpoint', { resolver_endpoint: 'rslvr-in-1' }, { ...ids, resolverEndpoint: 'rslvr-in-1' }],
    ['hyphens', { 'resolver-endpoint': 'rslvr-out-1' }, { ...ids, resolverEndpoint: 'rslvr-out-1' }],
    [
      'interface',
      { resolver_endpoint: 'rslvr-in-1', resolver_network_interface: 'rni-1' },
      { ...ids, resolverEndpoint: 'rslvr-in-1', resolverNetworkInterface: 'rni-1' },
    ],
  ])('%s', (_, srcids, sourceIds) => {
    const event = parseResolverRecord({ srcids });
    expect(event?.sourceIds).toEqual(sourceIds);
    expect(extraOf(event, 'aws.route53.resolver_endpoint_id')).toBe(sourceIds?.resolverEndpoint);
    expect(extraOf(event, 'aws.route53.resolver_network_interface_id')).toBe(
      sourceIds?.resolverNetworkInterface,
    );
    expect(event?.isPartial).toBe(false);
  });
});

describe('DNS Firewall', () => {
  const rule = {
    firewall_rule_action: 'BLOCK',
    firewall_rule_group_id: 'rslvr-frg-01',
    firewall_domain_list_id: 'rslvr-fdl-02',
  };
  const attributes = [
    ['aws.route53.firewall.action', 'BLOCK'],
    ['aws.route53.firewall.rule_group_id', 'rslvr-frg-01'],
    ['aws.route53.firewall.domain_list_id', 'rslvr-fdl-02'],
  ];
  it.each([
    ['NODATA', { rcode: 'NOERROR', answers: [] }, 0],
    ['NXDOMAIN', { rcode: 'NXDOMAIN', answers: [] }, 0],
    ['OVERRIDE', { answers: [{ Rdata: 'sinkhole.example.com.', Type: 'CNAME', Class: 'IN' }] }, 1],
  ])('reads a block with the response %s', (_, members, answerCount) => {
    const event = parseResolverRecord({ ...members, ...rule });
    expect(event).toMatchObject({
      firewallAction: 'BLOCK',
      answerCount,
      extra: attributes,
      isPartial: false,
    });
  });

  it('reads an alert of DNS Firewall Advanced, which has no domain list', () => {
    const event = parseResolverRecord({
      firewall_rule_action: 'alert',
      firewall_protection: 'DGA',
      firewall_confidence: 'HIGH',
    });
    expect(event).toMatchObject({ firewallAction: 'ALERT', isPartial: false });
    expect(event?.extra).toEqual([
      ['aws.route53.firewall.action', 'ALERT'],
      ['aws.route53.firewall.protection', 'DGA'],
      ['aws.route53.firewall.confidence', 'HIGH'],
    ]);
  });

  it('treats an empty action as absent', () => {
    expect(parseResolverRecord({ firewall_rule_action: '' })).toMatchObject({
      firewallAction: undefined,
      extra: [],
    });
  });
});
