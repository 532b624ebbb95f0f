import { describe, expect, it } from '@jest/globals';
import { CLOUDWATCH_MS, factsOf, parseCoreDns } from '../../../support/parse-coredns.ts';

const TAIL = 'NOERROR qr,rd,ra 70 0.000002s';
const BASE = {
  clientIp: '10.0.7.21',
  clientPort: 51001,
  id: '77',
  type: 'A',
  name: 'shop.example',
  transport: 'udp',
  requestBytes: 30,
  ednsDo: false,
  ednsUdpSize: 512,
  responseCode: 'NOERROR',
  headerFlags: 'qr,rd,ra',
  responseBytes: 70,
  durationNs: 2000,
};
const question = (text: string) => `[INFO] 10.0.7.21:51001 - 77 "${text} udp 30 false 512" ${TAIL}`;
const response = (text: string) =>
  `[INFO] 10.0.7.21:51001 - 77 "A IN shop.example. udp 30 false 512" ${text}`;
const client = (text: string) => `${text} - 77 "A IN shop.example. udp 30 false 512" ${TAIL}`;
const NO_ANSWER = {
  responseCode: undefined,
  headerFlags: undefined,
  responseBytes: undefined,
  responseSeen: false,
};

describe('query lines in the default formats', () => {
  it.each([
    ['common', question('A IN shop.example.'), {}],
    ['combined', `${question('A IN shop.example.')} "0"`, { opCode: '0' }],
    [
      'a NOTIFY',
      `${response('NOTIMP qr 33 0.000002s')} "4"`,
      { opCode: '4', responseCode: 'NOTIMP', headerFlags: 'qr', responseBytes: 33 },
    ],
    ['without a level', client('10.0.7.21:51001'), {}],
    ['1.2.6 to 1.6.2', `2018-11-02T10:09:08.7Z ${question('A IN shop.example.')}`, {}],
    ['a time with an offset', `2019-04-01T22:13:36.289-07:00 ${question('A IN shop.example.')}`, {}],
    [
      '1.1.0 to 1.2.5',
      client('10.0.7.21:51001 - [02/Nov/2018:10:09:08 +0000]').replace('] - 77', '] 77'),
      {},
    ],
    [
      '1.0.5 to 1.0.6',
      client('10.0.7.21 - [02/Nov/2018:10:09:08 +0000]').replace('] - 77', '] 77'),
      { clientPort: undefined },
    ],
    [
      'before 1.0.5',
      client('10.0.7.21 - [02/Nov/2018:10:09:08 +0000]').replace('] - 77', ']'),
      { clientPort: undefined, id: undefined },
    ],
    ['IPv6', client('[fd00:1::9]:51001'), { clientIp: 'fd00:1::9' }],
    ['IPv6 with a zone', client('[fe80::42:1%eth0]:51001'), { clientIp: 'fe80::42:1%eth0' }],
    ['an empty client', client('[INFO] :51001'), { clientIp: undefined }],
    ['id 0', question('A IN shop.example.').replace(' 77 ', ' 0 '), { id: '0' }],
    [
      'tcp, DO, a bigger buffer',
      question('A IN shop.example.').replace('udp 30 false 512', 'tcp 41 true 65535'),
      { transport: 'tcp', requestBytes: 41, ednsDo: true, ednsUdpSize: 65535 },
    ],
    ['no flag set', response('NOERROR  33 0.000002s'), { headerFlags: '', responseBytes: 33 }],
    [
      'every flag',
      response('REFUSED qr,aa,tc,rd,ra,z,ad,cd 33 0.000002s'),
      { responseCode: 'REFUSED', headerFlags: 'qr,aa,tc,rd,ra,z,ad,cd', responseBytes: 33 },
    ],
    [
      'BADSIG',
      response('BADSIG qr 12 0.000002s'),
      { responseCode: 'BADSIG', headerFlags: 'qr', responseBytes: 12 },
    ],
    [
      'a number for a code',
      response('3841 qr 12 0.000002s'),
      { responseCode: '3841', headerFlags: 'qr', responseBytes: 12 },
    ],
    ['no response, 1.5.0 to 1.8.4', response('NOERROR - 0 0.000002s'), NO_ANSWER],
    ['no response, 1.8.5 to 1.14.4', response('- - 0 0.000002s'), NO_ANSWER],
    [
      'no response, since 1.14.5',
      response('SERVFAIL qr,rd 33 0.000002s'),
      { responseCode: 'SERVFAIL', headerFlags: 'qr,rd', responseBytes: 33 },
    ],
    ['float noise', response('NOERROR qr,rd,ra 70 1.1003921110000001s'), { durationNs: 1_100_392_111 }],
    ['float noise below', response('NOERROR qr,rd,ra 70 4.5704284269999995s'), { durationNs: 4_570_428_427 }],
    ['whole seconds', response('NOERROR qr,rd,ra 70 1s'), { durationNs: 1e9 }],
    ['milliseconds', response('NOERROR qr,rd,ra 70 37.99ms'), { durationNs: 37_990_000 }],
    ['microseconds', response('NOERROR qr,rd,ra 70 15.25µs'), { durationNs: 15_250 }],
    ['minutes', response('NOERROR qr,rd,ra 70 1m2.5s'), { durationNs: 62.5e9 }],
    ['a type without a name', question('TYPE65280 IN shop.example.'), { type: 'TYPE65280' }],
    ['a hyphen in the type', question('NSAP-PTR IN shop.example.'), { type: 'NSAP-PTR' }],
    ['type 0', question('None IN shop.example.'), { type: 'None' }],
    ['class ANY', question('ANY CLASS255 shop.example.'), { type: 'ANY', class: 'CLASS255' }],
    ['class CH', question('TXT CH version.bind.'), { type: 'TXT', class: 'CH', name: 'version.bind' }],
    ['the root', question('NS IN .'), { type: 'NS', name: '.' }],
    ['a service', question('SRV IN _ldap._tcp.dc.example.'), { type: 'SRV', name: '_ldap._tcp.dc.example' }],
    [
      'spaces in a name',
      question('PTR IN office\\ printer\\ 2._ipp.local.'),
      { type: 'PTR', name: 'office\\ printer\\ 2._ipp.local' },
    ],
    ['a backslash before the space', question('A IN a\\\\.b\\\\\\ c.'), { name: 'a\\\\.b\\\\\\ c' }],
    ['quotes in a name', question('A IN say\\"hi\\".example.'), { name: 'say\\"hi\\".example' }],
    [
      'bytes in a name',
      question('A IN na\\195\\175f.tab\\009.\\000\\255.'),
      { name: 'na\\195\\175f.tab\\009.\\000\\255' },
    ],
    [
      'everything that is not escaped',
      question('A IN {name}%d$#!*&<>[]|,=:/?^~+_`.z.'),
      { name: '{name}%d$#!*&<>[]|,=:/?^~+_`.z' },
    ],
    [
      'Printf noise of 1.2.6 to 1.9.3',
      question('A IN a.%!s(MISSING).example.'),
      { name: 'a.%!s(missing).example' },
    ],
    [
      'a forged answer',
      question('A IN x\\"\\ noerror\\ qr\\ 9\\ 9s.'),
      { name: 'x\\"\\ noerror\\ qr\\ 9\\ 9s' },
    ],
  ])('%s', (_name, line, differs) => {
    const facts = { ...BASE, ...differs };
    const expected = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
    expect(factsOf(parseCoreDns(line))).toEqual(expected);
  });

  it.each([
    ['cut off in the request', '[INFO] 10.0.7.21:51001 - 77 "A IN shop.example. udp 30 fal'],
    ['cut off before the size', '[INFO] 10.0.7.21:51001 - 77 "A IN shop.example. udp '],
    ['cut off in the buffer size', '[INFO] 10.0.7.21:51001 - 77 "A IN shop.example. udp 30 false 51'],
    [
      'a buffer size that is not a number',
      '[INFO] 10.0.7.21:51001 - 77 "A IN shop.example. udp 30 false x" NOERROR',
    ],
    ['cut off in the response', response('NOERROR qr,r')],
    ['a code of another kind', response('noerror qr 33 0.000002s')],
    ['a size that is not a number', response('NOERROR qr many 0.000002s')],
    ['an invalid duration', response('NOERROR qr 33 0.000002')],
    ['an invalid unit', response('NOERROR qr 33 5parsecs')],
    ['a second text behind it', `${question('A IN shop.example.')} "0" "1"`],
    ['an unknown tail', `${question('A IN shop.example.')} prod web-1`],
  ])('is partial when only the question can be read: %s', (_name, line) => {
    expect(parseCoreDns(line)).toMatchObject({
      name: 'shop.example',
      type: 'A',
      clientIp: '10.0.7.21',
      isPartial: true,
    });
  });

  it.each([
    '',
    '[INFO] ',
    '[INFO] plugin/reload: Running configuration SHA512 = 00aa',
    '[INFO] 10.0.7.21:51001 - 77 "A IN shop.exam',
    '[INFO] 10.0.7.21:51001 - 77 "A IN shop.example. quic 30 false 512"',
    '[INFO] 10.0.7.21:51001 - 77 "GET XY shop.example. udp 30 false 512" x',
    '[INFO] 10.0.7.21:51001 - 77 "get IN shop.example. udp 30 false 512" x',
    '[INFO] 10.0.7.21:51001 - 77 "A IN shop.example udp 30 false 512" x. udp ',
    '[INFO] 10.0.7.21:51001 - x7 "A IN shop.example. udp 30 false 512" x',
    '[INFO] 10.0.7.21:51001 - 777777 "A IN shop.example. udp 30 false 512" x',
    '[INFO] [fd00::1:51001 - 77 "A IN shop.example. udp 30 false 512" x',
    '[INFO] [fd00::1]51001 - 77 "A IN shop.example. udp 30 false 512" x',
    '[INFO] 10.0.7.21:51001 - [date 77 "A IN shop.example. udp 30 false 512" x',
    '10.9.8.7 - - [02/Nov/2018:10:09:08 +0000] "GET /a. udp HTTP/1.1" 200 17',
    'CoreDNS-1.14.7. udp ',
    '. udp ',
  ])('ignores a line that is not a query: %j', (line) => {
    expect(parseCoreDns(line)).toBeUndefined();
  });

  it('prefers the time of the wrapper, then of the prefix, then of the event', () => {
    const stamped = `2018-11-02T10:09:08.7Z ${question('A IN shop.example.')}`;
    expect(parseCoreDns(stamped)?.timeMs).toBe(Date.UTC(2018, 10, 2, 10, 9, 8, 700));
    expect(parseCoreDns(question('A IN shop.example.'))?.timeMs).toBe(CLOUDWATCH_MS);
    const wrapped = JSON.stringify({ log: stamped, time: '2018-11-02T10:09:09Z' });
    expect(parseCoreDns(wrapped)?.timeMs).toBe(Date.UTC(2018, 10, 2, 10, 9, 9));
    const unset = JSON.stringify({ log: question('A IN shop.example.'), time: '0001-01-01T00:00:00Z' });
    expect(parseCoreDns(unset)).toMatchObject({ timeMs: CLOUDWATCH_MS, timeIsCertain: true });
  });

  it('gives the line without wrapper, time and level as content', () => {
    const bare = question('A IN shop.example.').replace('[INFO] ', '');
    expect(parseCoreDns(`2018-11-02T10:09:08.7Z [INFO] ${bare}`)?.content).toBe(bare);
    expect(parseCoreDns(JSON.stringify({ log: `[INFO] ${bare}\n` }))?.content).toBe(bare);
  });

  const RANDOM = '4547991504243258144.3688648895315093531.';
  it.each([
    ['127.0.0.1', 'HINFO', RANDOM, true],
    ['::1', 'HINFO', RANDOM, true],
    ['10.0.7.21', 'HINFO', RANDOM, false],
    // The address on which NodeLocal DNSCache listens.
    ['169.254.20.10', 'HINFO', RANDOM, true],
    ['169.25.4.2', 'HINFO', RANDOM, false],
    ['fe80::1%eth0', 'HINFO', RANDOM, true],
    ['fe8::1', 'HINFO', RANDOM, false],
    // With a zone other than the root, its name follows the numbers.
    ['127.0.0.1', 'HINFO', `${RANDOM}cluster.local.`, true],
    ['169.254.20.10', 'HINFO', `${RANDOM}in-addr.arpa.`, true],
    ['127.0.0.1', 'A', `${RANDOM}cluster.local.`, false],
    ['127.0.0.1', 'HINFO', '21.7.0.10.in-addr.arpa.', false],
    ['127.0.0.1', 'HINFO', `www.${RANDOM}cluster.local.`, false],
    ['127.0.0.1', 'HINFO', `${RANDOM}.`, false],
    ['127.0.0.1', 'HINFO', `1${RANDOM}`, false],
    ['127.0.0.1', 'HINFO', '4547991504243258144.cluster.local.', false],
  ])('marks the query of CoreDNS to itself at start-up: from %s, %s %s: %s', (ip, type, name, synthetic) => {
    const remote = ip.includes(':') ? `[${ip}]` : ip;
    const line = `[INFO] ${remote}:40000 - 5 "${type} IN ${name} udp 57 false 512" NXDOMAIN qr,rd,ra 132 0.05s`;
    expect(parseCoreDns(line)?.extra).toEqual(synthetic ? [['dns.synthetic', true]] : []);
  });
});
