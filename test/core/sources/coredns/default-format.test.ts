// The default formats, part by part: each length at its limit and one beyond, and each separator missing.
import { describe, expect, it } from '@jest/globals';
import { type DefaultFormat, readDefaultFormat } from '../../../../src/core/sources/coredns/common.ts';

const LINE = '10.0.7.21:51001 - 77 "A IN shop.example. udp 30 false 512" NOERROR qr,rd,ra 70 0.000002s';
const replaced = (from: string, to: string): string => {
  if (!LINE.includes(from)) throw new Error(`${from} is not in the line`);
  return LINE.replace(from, to);
};
/** Read from the middle of a text, whose beginning is skipped. */
const read = (text: string, format: DefaultFormat = 'either') => {
  const head = readDefaultFormat(`[INFO] ${text}`, 7, format);
  return head && { ...head.query, end: head.end - 7 };
};

it('is read whole, up to its end', () => {
  expect(read(LINE)).toMatchObject({
    clientIp: '10.0.7.21',
    clientPort: 51_001,
    id: '77',
    type: 'A',
    class: 'IN',
    name: 'shop.example.',
    transport: 'udp',
    requestBytes: 30,
    ednsDo: false,
    ednsUdpSize: 512,
    responseCode: 'NOERROR',
    headerFlags: 'qr,rd,ra',
    responseBytes: 70,
    durationNs: 2000,
    opCode: undefined,
    isPartial: false,
    end: LINE.length,
  });
  expect(read(`${LINE} tail`)).toMatchObject({ isPartial: false, end: LINE.length });
});

const LONG = '*'.repeat(74);

it.each([
  ['no client', '10.0.7.21', '', { clientIp: undefined, clientPort: 51_001 }],
  ['no port', '10.0.7.21:51001', '10.0.7.21', { clientIp: '10.0.7.21', clientPort: undefined }],
  [
    'an address in brackets without a port',
    '10.0.7.21:51001',
    '[::1]',
    { clientIp: '::1', clientPort: undefined },
  ],
  ['the highest port', '51001', '65535', { clientPort: 65_535 }],
  ['a zone', '10.0.7.21', '[fe80::1%eth0]', { clientIp: 'fe80::1%eth0', clientPort: 51_001 }],
  ['five digits for the id', '77', '65535', { id: '65535' }],
  ['no id', '77 ', '', { id: undefined }],
  ['a date before the id', '- 77', '- [02/Nov/2018:10:09:08 +0000] 77', { id: '77' }],
  ['a date and no id', '- 77 ', '- [02/Nov/2018:10:09:08 +0000] ', { id: undefined }],
  ['AAAA', 'A IN', 'AAAA IN', { type: 'AAAA', class: 'IN', name: 'shop.example.' }],
  ['16 characters for the type', 'A IN', 'ABCDEFGHIJKLMNOP IN', { type: 'ABCDEFGHIJKLMNOP' }],
  ['the longest class', 'A IN', 'A CLASS65535', { class: 'CLASS65535' }],
  ['the root', 'shop.example.', '.', { name: '.' }],
  ['TCP', ' udp ', ' tcp ', { transport: 'tcp' }],
  ['DO', ' false ', ' true ', { ednsDo: true, ednsUdpSize: 512 }],
  ['16 letters for the code', 'NOERROR', 'ABCDEFGHIJKLMNOP', { responseCode: 'ABCDEFGHIJKLMNOP' }],
  ['four digits for the code', 'NOERROR', '3841', { responseCode: '3841' }],
  ['no response', 'NOERROR qr,rd,ra 70', '- - 0', { responseCode: '-', headerFlags: '-', responseBytes: 0 }],
  ['no flags', 'qr,rd,ra', '', { headerFlags: '' }],
  ['40 characters for the duration', '0.000002s', `0.${'1'.repeat(36)}s`, { durationNs: 111_111_111 }],
])('is read with %s', (_, from, to, expected) => {
  expect(read(replaced(from, to))).toMatchObject({ ...expected, isPartial: false });
});

it.each([
  ['81 characters for the client', '10.0.7.21:51001', `${LONG}:123456`],
  ['nothing', LINE, ''],
  ['no space behind the client', '51001 - ', '51001- '],
  ['another character for the dash', ' - ', ' + '],
  ['no space behind the dash', ' - 77', ' -77'],
  ['a space in the brackets', '10.0.7.21', '[::1 ]'],
  ['another character behind the brackets', '10.0.7.21:', '[::1];'],
  ['no port behind the colon', ':51001', ':'],
  ['six digits for the id', '77', '655360'],
  ['letters for the id', '77', 'x7'],
  ['no space behind the id', '77 "', '777"'],
  ['a date that stays open', '- 77', '- [02/Nov/2018 77'],
  ['no quote', '"A', 'A'],
  ['17 characters for the type', 'A IN', 'ABCDEFGHIJKLMNOPQ IN'],
  ['a type in lower case', 'A IN', 'a IN'],
  ['a long class', 'A IN', 'A CLASS655350'],
  ['another class', 'A IN', 'A XX'],
  ['a name without its dot', 'shop.example.', 'shop.example'],
  ['no name', 'shop.example.', ''],
  ['another transport', ' udp ', ' quic '],
  ['no space behind the transport', ' udp ', ' udp'],
])('is not a query with %s', (_, from, to) => {
  expect(read(replaced(from, to))).toBeUndefined();
});

it.each([
  ['letters for the size', ' 30 ', ' x '],
  ['no size', ' 30 ', '  '],
  ['another word for DO', ' false ', ' maybe '],
  ['letters for the buffer', '512"', 'x"'],
  ['no buffer', ' 512"', ' "'],
  ['no closing quote', '512" ', '512 '],
  ['no space behind the quote', '512" ', '512"'],
  ['17 letters for the code', 'NOERROR', 'ABCDEFGHIJKLMNOPQ'],
  ['five digits for the code', 'NOERROR', '38410'],
  ['a code in lower case', 'NOERROR', 'noerror'],
  ['flags in upper case', 'qr,rd,ra', 'QR'],
  ['a brace in the flags', 'qr,rd,ra', 'qr{'],
  ['a backtick in the flags', 'qr,rd,ra', 'qr`'],
  ['a dash and flags', 'qr,rd,ra', '-qr'],
  ['letters for the response size', ' 70 ', ' x '],
  ['no duration', ' 0.000002s', ''],
  ['an empty duration', '0.000002s', ''],
  ['another duration', '0.000002s', 'soon'],
  ['41 characters for the duration', '0.000002s', `0.${'1'.repeat(38)}s`],
])('is partial with %s', (_, from, to) => {
  const text = replaced(from, to);
  expect(read(text)).toMatchObject({ name: 'shop.example.', isPartial: true, end: text.length });
});

it.each([
  ['a masked client', '10.0.7.21', '***********', { clientIp: undefined, clientPort: 51_001 }],
  ['a masked client in brackets', '10.0.7.21', '[****]', { clientIp: undefined, clientPort: 51_001 }],
  ['80 characters for the client', '10.0.7.21:51001', `${LONG}:12345`, { clientPort: 12_345 }],
  ['a client out of range', '10.0.7.21', '10.0.7.256', { clientIp: undefined }],
  ['a leading zero', '10.0.7.21', '10.0.07.21', { clientIp: undefined }],
  [
    'a masked client without a port',
    '10.0.7.21:51001',
    '***',
    { clientIp: undefined, clientPort: undefined },
  ],
  ['a port out of range', '51001', '65536', { clientIp: '10.0.7.21', clientPort: undefined }],
  ['a long port', '51001', '1234567890', { clientPort: undefined }],
  ['letters for the port', '51001', 'x', { clientPort: undefined }],
  ['a masked port', '51001', '*****', { clientPort: undefined }],
  ['a duration of 2^53 ns', '0.000002s', '9007199.254740992s', { durationNs: undefined }],
])('is partial, and read to its end, with %s', (_, from, to, expected) => {
  const text = replaced(from, to);
  expect(read(text)).toMatchObject({ ...expected, responseBytes: 70, isPartial: true, end: text.length });
});

it('has durations up to 2^53 - 1 ns', () => {
  expect(read(replaced('0.000002s', '9007199.254740991s'))).toMatchObject({
    durationNs: Number.MAX_SAFE_INTEGER,
    isPartial: false,
  });
});

describe('the opcode', () => {
  it.each([
    [`${LINE} "0"`, '0', LINE.length + 4],
    [`${LINE} "15"`, '15', LINE.length + 5],
    [`${LINE} "0" tail`, '0', LINE.length + 4],
    [`${LINE} "123"`, undefined, LINE.length],
    [`${LINE} "x"`, undefined, LINE.length],
    [`${LINE} ""`, undefined, LINE.length],
    [`${LINE} "0`, undefined, LINE.length],
    [`${LINE} 0"`, undefined, LINE.length],
    [LINE, undefined, LINE.length],
  ])('of %j is %j', (text, opCode, end) => {
    expect(read(text, 'either')).toMatchObject({ opCode, end, isPartial: false });
    expect(read(text, 'common')).toMatchObject({ opCode: undefined, end: LINE.length, isPartial: false });
    const isWhole = opCode !== undefined;
    expect(read(text, 'combined')).toMatchObject({
      opCode,
      end: isWhole ? end : text.length,
      isPartial: !isWhole,
    });
  });
});
