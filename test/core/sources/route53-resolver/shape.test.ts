import { describe, expect, it } from '@jest/globals';
import { createResolverSource } from '../../../../src/core/sources/route53-resolver/index.ts';
import {
  extraOf,
  parseResolverRecord,
  parseResolverText,
  resolverRecord,
} from '../../../support/resolver-record.ts';

const source = createResolverSource();

describe('members that are not documented', () => {
  it.each([
    ['additional_properties', { is_delayed: true }, 'aws.route53.additional_properties.is_delayed', true],
    ['new_text', 'value', 'aws.route53.new_text', 'value'],
    ['new_number', 7, 'aws.route53.new_number', 7],
    ['new_list', ['a', 'b'], 'aws.route53.new_list', ['a', 'b']],
    ['new_mixed', ['a', 1], 'aws.route53.new_mixed', '["a",1]'],
    ['new_deep', { a: { b: { c: 1 } } }, 'aws.route53.new_deep.a.b', '{"c":1}'],
    ['srcids', { instance: 'i-0b', lambda: 'fn-1' }, 'aws.route53.srcids.lambda', 'fn-1'],
    ['srcids', { instance: 5 }, 'aws.route53.srcids.instance', 5],
    ['constructor', 'x', 'aws.route53.constructor', 'x'],
  ])('%s %j is kept', (key, value, name, attribute) => {
    const event = parseResolverRecord({ [key]: value });
    expect(extraOf(event, name)).toEqual(attribute);
    expect(event?.isPartial).toBe(false);
  });

  it.each([
    ['empty text', { other: '' }],
    ['null', { other: null }],
    ['an empty list', { other: [] }],
    ['a name that is too long for Dynatrace', { ['x'.repeat(100)]: 1 }],
  ])('keeps %s only in the content', (_, members) => {
    expect(parseResolverRecord(members)).toMatchObject({
      extra: [],
      isPartial: false,
      content: resolverRecord(members),
    });
  });

  it.each([
    ['too large for a number', '1e400'],
    ['more digits than a number keeps', '12345678901234567890'],
    ['such a number in a list', '[1,1e400]'],
    ['such a number deep inside', '{"a":{"b":{"c":12345678901234567890}}}'],
  ])('keeps only in the content a value that cannot be represented exactly: %s', (_, value) => {
    const text = resolverRecord({ other: 'OTHER' }).replace('"OTHER"', value);
    expect(parseResolverText(text)).toMatchObject({ extra: [], isPartial: false, content: text });
  });

  it.each([1.5, -7, 9_007_199_254_740_991, 0.000_001])('keeps the number %d', (value) => {
    expect(extraOf(parseResolverRecord({ other: value }), 'aws.route53.other')).toBe(value);
  });

  it('keeps at most 64 members', () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`member_${at}`, at]));
    expect(parseResolverRecord(many)?.extra).toHaveLength(64);
  });

  it('prints documented firewall members first, in any order of members', () => {
    const event = parseResolverRecord({
      other: 1,
      firewall_new: 'x',
      firewall_domain_list_id: 'rslvr-fdl-02',
      firewall_rule_group_id: 'rslvr-frg-01',
      firewall_rule_action: 'ALERT',
      transport: 'DoH',
      version: '1.2',
      srcids: { more: 'y', resolver_network_interface: 'rni-1', resolver_endpoint: 'rslvr-in-1' },
    });
    expect(event?.extra.map(([name]) => name.slice('aws.route53.'.length))).toEqual([
      'resolver_endpoint_id',
      'resolver_network_interface_id',
      'firewall.action',
      'log_version',
      'transport',
      'firewall.rule_group_id',
      'firewall.domain_list_id',
      'firewall.new',
      'srcids.more',
      'other',
    ]);
  });

  it('writes each name once', () => {
    const event = parseResolverRecord({ firewall_rule_action: 'BLOCK', firewall_action: 'other' });
    expect(event?.extra).toEqual([['aws.route53.firewall.action', 'BLOCK']]);
  });
});

describe('invalid values', () => {
  it.each([
    ['srcaddr', 'somewhere'],
    ['srcport', '70000'],
    ['srcport', 'dns'],
    ['region', 5],
    ['transport', 17],
    ['srcids', 'i-0b'],
    ['rcode', true],
  ])('%s %j is kept and marked', (key, value) => {
    const event = parseResolverRecord({ [key]: value });
    expect(event).toMatchObject({ name: 'www.example.com', isPartial: true });
    expect(extraOf(event, `aws.route53.${key}`)).toBe(value);
  });

  it.each(['account_id', 'srcport', 'rcode'])('marks an inexact number: %s', (key) => {
    const event = parseResolverText(resolverRecord({ [key]: 'NUMBER' }).replace('"NUMBER"', '1e400'));
    expect(event).toMatchObject({ isPartial: true, extra: [] });
    expect(JSON.stringify(event)).not.toContain('nfinity');
  });

  it('keeps an action that is not text', () => {
    const event = parseResolverRecord({ firewall_rule_action: 5 });
    expect(event).toMatchObject({ isPartial: true, extra: [['aws.route53.firewall.action', '5']] });
  });

  it('keeps several invalid values', () => {
    expect(parseResolverRecord({ srcaddr: 'x', srcport: 'y', query_timestamp: 'z' })?.extra).toHaveLength(3);
  });
});

describe('version', () => {
  it.each([
    ['1.100000', undefined],
    ['1.1', undefined],
    [1.1, undefined],
    ['1.000000', '1.000000'],
    ['1.200000', '1.200000'],
    ['1', '1'],
  ])('%s is read', (version, attribute) => {
    expect(extraOf(parseResolverRecord({ version }), 'aws.route53.log_version')).toBe(attribute);
    expect(parseResolverRecord({ version })?.isPartial).toBe(false);
  });

  it.each([undefined, null, ''])('may be missing: %j', (version) => {
    expect(parseResolverRecord({ version })?.extra).toEqual([]);
  });
});

describe('similar objects pass through', () => {
  const ocsf = { class_uid: 4003, query: { hostname: 'example.com' }, src_endpoint: { ip: '10.0.1.5' } };
  it.each([
    ['a new major version', resolverRecord({ version: '2.000000' })],
    ['an invalid version', resolverRecord({ version: {} })],
    ['OCSF DNS Activity', JSON.stringify(ocsf)],
    ['OCSF with the raw members beside', resolverRecord(ocsf)],
    ['no name', resolverRecord({ query_name: undefined })],
    ['an empty name', resolverRecord({ query_name: '' })],
    ['no type', resolverRecord({ query_type: undefined })],
    ['an empty type', resolverRecord({ query_type: '' })],
    ['no client', resolverRecord({ srcaddr: undefined })],
    ['only the three', '{"query_name":"a.","query_type":"A","srcaddr":"10.0.0.1"}'],
    ['a list', `[${resolverRecord()}]`],
    ['text', 'query_name=www.example.com. srcaddr=10.0.1.5'],
    ['half a record', resolverRecord().slice(0, -2)],
    ['null', 'null'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(parseResolverText(text)).toBeUndefined();
  });
});

it.each([
  [resolverRecord(), true],
  [JSON.stringify({ log: resolverRecord() }), true],
  ['[INFO] 10.0.1.5:40395 - 7 "A IN www.example.com. udp 33 false 512" NOERROR qr,rd,ra 64 0.002s', false],
])('prefilter of %j: %s', (text, answer) => {
  expect(source.prefilter(text)).toBe(answer);
});
