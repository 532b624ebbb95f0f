// Every name that a member of a JSON line may go by.
import { expect, it } from '@jest/globals';
import type { DnsEvent } from '../../../../src/core/model/dns-event.ts';
import { parseCoreDns } from '../../../support/parse-coredns.ts';

/** Members that a shipper parsed; its wrapper says that CoreDNS printed them. */
const merged = (members: object): string =>
  JSON.stringify({ log: 'x', log_processed: members, kubernetes: { container_name: 'coredns' } });

const BASE: Readonly<Record<string, unknown>> = {
  name: 'a.example.',
  type: 'MX',
  proto: 'tcp',
  rcode: 'REFUSED',
  size: 31,
  remote: '10.0.0.5',
};

const NAMES: readonly (readonly [
  base: string,
  names: string,
  value: unknown,
  expected: Partial<DnsEvent>,
])[] = [
  [
    'name',
    'name qname queryName query question question_name domain domainName dns.question.name',
    'b.example.',
    { name: 'b.example' },
  ],
  ['type', 'type qtype queryType question_type recordType rrtype dns.question.type', 'TXT', { type: 'TXT' }],
  ['class', 'class qclass queryClass question_class dns.question.class', 'CH', { class: 'CH' }],
  [
    'remote',
    'remote remoteIp remoteAddr remoteAddress client client_ip clientAddr client-address srcip sourceIp ip',
    '10.0.0.6',
    { clientIp: '10.0.0.6' },
  ],
  ['port', 'port remotePort client_port srcport sourcePort', 4001, { clientPort: 4001 }],
  ['proto', 'proto protocol transport network.transport', 'udp', { transport: 'udp' }],
  ['size', 'size querySize requestSize reqsize request_bytes', 32, { requestBytes: 32 }],
  ['id', 'id queryId qid dns_id', 7, { id: '7' }],
  ['opcode', 'opcode queryOpcode dns.opcode', 4, { opCode: '4' }],
  ['do', 'do doBit dnssec dnssecOk dnssec_do', true, { ednsDo: true }],
  ['bufsize', 'bufsize bufferSize udpSize', 1232, { ednsUdpSize: 1232 }],
  ['rcode', 'rcode responseCode status code dns.response_code', 'NXDOMAIN', { responseCode: 'NXDOMAIN' }],
  ['flags', 'rflags flags responseFlags header_flags dns.header_flags', 'qr', { headerFlags: 'qr' }],
  ['rsize', 'rsize responseSize respsize ressize response_bytes', 81, { responseBytes: 81 }],
  ['duration', 'duration durationSeconds latency elapsed response_time', 0.25, { durationNs: 250_000_000 }],
  ['local', 'local localIp serverIp server', '10.0.0.10', { extra: [['server.address', '10.0.0.10']] }],
];

it.each(
  NAMES.flatMap(([base, names, value, expected]) =>
    names.split(' ').map((name) => [name, base, value, expected] as const),
  ),
)('%s is %s', (name, base, value, expected) => {
  const { [base]: _replaced, ...others } = BASE;
  const line = merged({ [name]: value, ...others });
  expect(parseCoreDns(line)).toMatchObject(expected);
});

it.each([
  ['itself', { dnsquestionname: 'b.example.' }, 'b'],
  ['an object', { dns: { questionname: 'b.example.' } }, 'b'],
  ['two objects', { dns: { question: { name: 'b.example.' } } }, 'b'],
  ['three objects', { d: { n: { s: { questionname: 'b.example.' } } } }, 'b'],
  ['four objects', { d: { n: { s: { question: { name: 'b.example.' } } } } }, 'a'],
  ['a list', { dns: [{ questionname: 'b.example.' }] }, 'a'],
])('a name may be joined of %s', (_, members, expected) => {
  const line = merged({ ...members, ...BASE });
  expect(parseCoreDns(line)?.name).toBe(`${expected}.example`);
});

it('takes five members at least', () => {
  const members = { name: 'a.example.', type: 'MX', proto: 'tcp', rcode: 'REFUSED' };
  const parse = (more: object) => parseCoreDns(merged({ ...members, ...more }));
  expect(parse({})).toBeUndefined();
  expect(parse({ size: 1 })?.name).toBe('a.example');
});
