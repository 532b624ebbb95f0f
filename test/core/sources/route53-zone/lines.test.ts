import { describe, expect, it } from '@jest/globals';
import { createPublicZoneSource } from '../../../../src/core/sources/route53-zone/index.ts';
import { bare, lineOf } from '../../../support/log-line.ts';
import { extraOf } from '../../../support/resolver-record.ts';

const source = createPublicZoneSource();
const LINE =
  '1.0 2024-03-01T12:00:00.235Z Z0EXAMPLE1 Www.example.com AAAA NOERROR UDP FRA54-SN1 203.0.113.53 198.51.100.0/24';
const parse = (text: string) => source.parse(lineOf(text), bare(text));
/** Replaces one of the ten fields of the line. */
const withField = (at: number, value: string) => LINE.split(' ').with(at, value).join(' ');

it('reads all ten fields', () => {
  expect(parse(LINE)).toMatchObject({
    source: 'aws.route53.public',
    timeMs: Date.UTC(2024, 2, 1, 12, 0, 0, 235),
    timeIsCertain: true,
    content: LINE,
    name: 'www.example.com',
    type: 'AAAA',
    responseCode: 'NOERROR',
    transport: 'udp',
    clientIp: '203.0.113.53',
    isPartial: false,
    extra: [
      ['dns.question.name_as_asked', 'Www.example.com'],
      ['aws.route53.hostedzone_id', 'Z0EXAMPLE1'],
      ['aws.route53.edge_location_id', 'FRA54-SN1'],
      ['aws.route53.resolver_ip_address', '203.0.113.53'],
      ['aws.route53.edns_client_subnet', '198.51.100.0/24'],
    ],
  });
});

describe('fields', () => {
  it.each([
    ['whole seconds', 1, '2024-03-01T12:00:00Z', { timeMs: Date.UTC(2024, 2, 1, 12) }],
    ['a wildcard', 3, '*.example.com', { name: '*.example.com' }],
    ['an underscore', 3, '_dmarc.example.com', { name: '_dmarc.example.com' }],
    ['an unknown type', 4, 'TYPE65', { type: 'TYPE65' }],
    ['a type with every kind of digit', 4, 'TYPE1029', { type: 'TYPE1029' }],
    ['NXDOMAIN', 5, 'NXDOMAIN', { responseCode: 'NXDOMAIN' }],
    ['TCP', 6, 'TCP', { transport: 'tcp' }],
    ['IPv6', 8, '2001:db8::53', { clientIp: '2001:db8::53' }],
    ['a later minor version', 0, '1.1', { isPartial: false }],
    ['more fields', 9, '- more', { isPartial: true }],
  ])('%s', (_, at, value, expected) => {
    expect(parse(withField(at, value))).toMatchObject(expected);
  });

  it.each([
    ['aws.route53.edns_client_subnet', 9, '-', undefined],
    ['aws.route53.edns_client_subnet', 9, '2001:db8::/56', '2001:db8::/56'],
    ['aws.route53.edge_location_id', 7, 'IAD12', 'IAD12'],
    ['aws.route53.log_version', 0, '1.0', undefined],
    ['aws.route53.log_version', 0, '1.1', '1.1'],
  ])('%s', (name, at, value, attribute) => {
    expect(extraOf(parse(withField(at, value)), name)).toBe(attribute);
  });
});

describe('text in the place of an address is left out', () => {
  it.each(['***********', '203.0.113.256', '203.0.0113.5', '2001:db8::1::2'])('resolver %s', (text) => {
    const event = parse(withField(8, text));
    expect(event).toMatchObject({ clientIp: undefined, isPartial: true });
    expect(extraOf(event, 'aws.route53.resolver_ip_address')).toBeUndefined();
    expect(event?.content).toContain(text);
  });

  it.each(['***********', '***********/24', '198.51.100.256/24', '198.51.100.0/33', '2001:db8::/129'])(
    'subnet %s',
    (text) => {
      const event = parse(withField(9, text));
      expect(event).toMatchObject({ clientIp: '203.0.113.53', isPartial: true });
      expect(extraOf(event, 'aws.route53.edns_client_subnet')).toBeUndefined();
    },
  );
});

describe('anything else passes through', () => {
  it.each([
    ['another version', withField(0, '2.0')],
    ['an invalid version', withField(0, '1.x')],
    ['no time', withField(1, 'now')],
    ['no zone', withField(2, 'zone')],
    ['no name', withField(3, '')],
    ['no type', withField(4, '-')],
    ['no rcode', withField(5, '-')],
    ['another protocol', withField(6, 'ICMP')],
    ['no edge', withField(7, '')],
    ['no resolver', withField(8, 'resolver')],
    ['no subnet', withField(9, 'subnet')],
    ['a subnet without bits', withField(9, '198.51.100.0')],
    ['nine fields', LINE.slice(0, LINE.lastIndexOf(' '))],
    ['ten words', '1.0 a b c d e f g h i'],
    ['a number', '1.5 seconds elapsed'],
    ['empty text', ''],
  ])('%s', (_, text) => {
    expect(parse(text)).toBeUndefined();
  });
});

it.each([
  [LINE, true],
  ['10.0.0.1 - GET /', false],
  ['{"query_name":"example.com."}', false],
])('prefilter of %s: %s', (text, answer) => {
  expect(source.prefilter(text)).toBe(answer);
});
