import { describe, expect, it } from '@jest/globals';
import type { EscapedLine } from '../../../src/core/fast-path/escaped-line.ts';
import { createResolverRecordReader } from '../../../src/core/fast-path/resolver-record.ts';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import { decoded } from '../../support/encoded-text.ts';
import { escapedLine } from '../../support/escaped-line.ts';
import { parseResolverText, resolverRecord } from '../../support/resolver-record.ts';

const RECORD = resolverRecord();

/** The record with one text in it replaced, which it must hold. */
const replaced = (from: string, to: string): string => {
  if (!RECORD.includes(from)) throw new Error(`${from} is not in the record`);
  return RECORD.replace(from, to);
};

const inPlace = (line: EscapedLine, reader = createResolverRecordReader()): DnsEvent | undefined => {
  const event = reader.parse(line);
  if (event === undefined) return undefined;
  if (typeof event.content === 'string') throw new Error('content is a slice of the envelope');
  return { ...event, content: decoded(event.content) };
};
const parse = (text: string) => inPlace(escapedLine(text));
const ordinary = parseResolverText;

const ANSWER = { Rdata: '192.0.2.7', Type: 'A', Class: 'IN' };

describe('a record in the layout of AWS', () => {
  it('is read whole', () => {
    expect(parse(RECORD)).toEqual(ordinary(RECORD));
    expect(parse(RECORD)).toMatchObject({
      source: 'aws.vpcdnsquerylogs',
      timeMs: Date.UTC(2024, 2, 1, 12),
      timeIsCertain: true,
      content: RECORD,
      accountId: '012345678910',
      region: 'eu-west-1',
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      name: 'www.example.com',
      type: 'A',
      responseCode: 'NOERROR',
      answers: [{ data: '192.0.2.7', type: 'A' }],
      answerCount: 1,
      clientIp: '10.0.1.5',
      clientPort: 48_701,
      transport: 'udp',
      sourceIds: { instance: 'i-0b486830192751535' },
    });
  });

  it.each([
    ['a name without final dot', { query_name: 'a' }, { name: 'a' }],
    ['the root', { query_name: '.' }, { name: '.' }],
    ['two dots', { query_name: '..' }, { name: '.' }],
    ['another type', { query_type: 'TYPE65280' }, { type: 'TYPE65280' }],
    ['another code', { rcode: 'NXDOMAIN' }, { responseCode: 'NXDOMAIN' }],
    ['no answers', { answers: [] }, { answers: [], answerCount: 0 }],
    [
      'a name for an answer',
      { answers: [{ ...ANSWER, Rdata: 'cdn.example.net.', Type: 'CNAME' }, ANSWER] },
      {
        answers: [
          { data: 'cdn.example.net', type: 'CNAME' },
          { data: '192.0.2.7', type: 'A' },
        ],
        answerCount: 2,
      },
    ],
    [
      'text that ends in a dot',
      { answers: [{ ...ANSWER, Rdata: 'words.', Type: 'TXT' }] },
      { answers: [{ data: 'words.', type: 'TXT' }] },
    ],
    ['an empty answer', { answers: [{ ...ANSWER, Rdata: '' }] }, { answers: [{ data: '', type: 'A' }] }],
    ['32 answers', { answers: new Array(32).fill(ANSWER) }, { answerCount: 32 }],
    ['the largest port', { srcport: '65535' }, { clientPort: 65_535 }],
    ['port 0', { srcport: '0' }, { clientPort: 0 }],
    ['the largest address', { srcaddr: '255.255.255.255' }, { clientIp: '255.255.255.255' }],
    ['the smallest address', { srcaddr: '0.0.0.0' }, { clientIp: '0.0.0.0' }],
    ['TCP', { transport: 'TCP' }, { transport: 'tcp' }],
    ['no ids', { srcids: {} }, { sourceIds: undefined }],
  ])('is read with %s', (_, members, expected) => {
    const text = resolverRecord(members);
    expect(parse(text)).toMatchObject(expected);
    expect(parse(text)).toEqual(ordinary(text));
  });

  it.each([
    ['another version', '1.100000', '1.200000'],
    ['another order', '"version":"1.100000","account_id":"012345678910"', '"account_id":"012345678910"'],
    ['a short account', '012345678910', '01234567891'],
    ['a long account', '012345678910', '0123456789101'],
    ['letters for an account', '012345678910', 'abcdefghijkl'],
    ['no region', 'eu-west-1', ''],
    ['an escape in the region', 'eu-west-1', 'eu\\u002dwest-1'],
    ['another member behind the account', '"region"', '"Region"'],
    ['another member behind the region', '"vpc_id"', '"vpc"'],
    ['no VPC', 'vpc-0a1b2c3d4e5f60718', ''],
    ['another member behind the VPC', '"query_timestamp"', '"query_time"'],
    ['a time with a fraction', '12:00:00Z', '12:00:00.5Z'],
    ['a time that is not one', '12:00:00Z', '12:61:00Z'.replace('61', 'xx')],
    ['another member behind the time', '"query_name"', '"queryName"'],
    ['no name', 'www.example.com.', ''],
    ['a name in upper case', 'www', 'WWW'],
    ['a name with a space', 'www', 'w w'],
    ['another member behind the name', '"query_type"', '"queryType"'],
    ['no type', '"query_type":"A"', '"query_type":""'],
    ['a type in lower case', '"query_type":"A"', '"query_type":"a"'],
    ['another class', '"query_class":"IN"', '"query_class":"CH"'],
    ['no code', 'NOERROR', ''],
    ['a code in lower case', 'NOERROR', 'NoError'],
    ['a number for a code', 'NOERROR', '3'],
    ['another member behind the code', '"answers"', '"answer"'],
    ['no list of answers', '"answers":[{', '"answers":{'],
    ['another answer', '{"Rdata"', '{"rdata"'],
    ['a space in an answer', '192.0.2.7', '192.0.2.7 '],
    ['an answer without type', '"Type":"A"', '"Type":""'],
    ['an answer with a type in lower case', '"Type":"A"', '"Type":"a"'],
    ['another member in an answer', '"Class":"IN"', '"class":"IN"'],
    ['one more member in an answer', '"Class":"IN"', '"Class":"IN","x":"y"'],
    ['another end of an answer', '"IN"}]', '"IN";]'],
    ['another character between answers', '"Class":"IN"}]', '"Class":"IN"};]'],
    ['an empty last answer', '"Class":"IN"}]', '"Class":"IN"},]'],
    ['another member behind the answers', '"srcaddr"', '"srcAddr"'],
    ['a part of an address beyond 255', '10.0.1.5', '10.0.1.256'],
    ['a part of an address with a zero first', '10.0.1.5', '10.0.01.5'],
    ['an address of three parts', '10.0.1.5', '10.0.1'],
    ['an address of five parts', '10.0.1.5', '10.0.1.5.6'],
    ['a long part of an address', '10.0.1.5', '10.0.1.0005'],
    ['another character in an address', '10.0.1.5', '10.0.1:5'],
    ['an IPv6 address', '10.0.1.5', '2001:db8::1'],
    ['a port too large', '48701', '65536'],
    ['a long port', '48701', '048701'],
    ['no port', '48701', ''],
    ['a number for a port', '"48701"', '48701'],
    ['another transport', 'UDP', 'DoH'],
    ['another id', '"instance"', '"resolver_endpoint"'],
    ['no instance', 'i-0b486830192751535', ''],
    ['a space in the instance', 'i-0b48', 'i-0b48 '],
    ['one more id', '751535"}}', '751535","x":"y"}}'],
    ['one more member', '"}}', '"},"x":"y"}'],
    ['a space behind it', '"}}', '"}} '],
  ])('is not read with %s', (_, from, to) => {
    expect(parse(replaced(from, to))).toBeUndefined();
  });

  it('is not read with 33 answers', () => {
    expect(parse(resolverRecord({ answers: new Array(33).fill(ANSWER) }))).toBeUndefined();
  });

  it('is not read in a wrapper', () => {
    expect(inPlace({ ...escapedLine(RECORD), level: 2 })).toBeUndefined();
    expect(inPlace(escapedLine(RECORD, 2))).toBeUndefined();
  });

  it('ends where the message ends', () => {
    const { length } = RECORD;
    expect(inPlace(escapedLine(RECORD.slice(0, length - 1), 1, {}, '}"}'))).toBeUndefined();
    const lengths = Array.from({ length }, (_, cut) => cut);
    expect(lengths.filter((cut) => parse(RECORD.slice(0, cut)) !== undefined)).toEqual([]);
    expect(lengths.filter((cut) => keysOf(RECORD.slice(0, cut)) !== undefined)).toEqual([]);
  });
});

it.each([
  ['account', { account_id: '999988887777' }],
  ['region', { region: 'us-east-1' }],
  ['VPC', { vpc_id: 'vpc-00000000000000000' }],
  ['time', { query_timestamp: '2024-03-01T12:00:59Z' }],
  ['answers', { answers: [] }],
  ['instance', { srcids: {} }],
])('keeps nothing of a record of another %s', (_, members) => {
  const reader = createResolverRecordReader();
  const other = resolverRecord(members);
  for (const text of [RECORD, RECORD, other, other, RECORD]) {
    expect(inPlace(escapedLine(text), reader)).toEqual(ordinary(text));
    expect(decodedAtLevel2(escapedLine(text), reader)).toBe(text);
  }
});

/** The content as it is written into an envelope's message. */
function decodedAtLevel2(line: EscapedLine, reader: ReturnType<typeof createResolverRecordReader>): string {
  const { content } = reader.parse(line) ?? { content: '' };
  if (typeof content === 'string') throw new Error('content is a slice of the envelope');
  return decoded(content, 2);
}

it('keeps the memory of no envelope for what neighbours share', () => {
  const reader = createResolverRecordReader();
  const first = escapedLine(RECORD);
  expect(inPlace(first, reader)).toBeDefined();
  // The memory of an envelope is used again.
  first.bytes.fill(0x20);
  expect(inPlace(escapedLine(RECORD), reader)).toEqual(ordinary(RECORD));
});

function keysOf(text: string, reader = createResolverRecordReader()) {
  return reader.scanKeys(escapedLine(text));
}

describe('scanKeys', () => {
  it('finds client, VPC and instance, whatever the question and its answers are', () => {
    const text = resolverRecord({ query_name: 'WWW.É.', query_class: 'CH', answers: null, rcode: 'NoError' });
    const withList = text.replace('"answers":null', '"answers":[{}]');
    expect(keysOf(withList)).toMatchObject({
      source: 'aws.vpcdnsquerylogs',
      clientIp: '10.0.1.5',
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      sourceIds: { instance: 'i-0b486830192751535' },
    });
  });

  it.each([
    ['another version', '1.100000', '1.200000'],
    ['another VPC member', '"vpc_id"', '"vpc"'],
    ['no client', '"srcaddr"', '"srcAddr"'],
    ['an IPv6 client', '10.0.1.5', '2001:db8::1'],
    ['another id', '"instance"', '"resolver_endpoint"'],
    ['one more member', '"}}', '"},"x":"y"}'],
  ])('finds nothing in a record with %s', (_, from, to) => {
    expect(keysOf(replaced(from, to))).toBeUndefined();
  });

  it('finds nothing in a wrapper', () => {
    const reader = createResolverRecordReader();
    expect(reader.scanKeys({ ...escapedLine(RECORD), level: 2 })).toBeUndefined();
  });

  it('does not take the client of the next record', () => {
    const cut = RECORD.indexOf('"srcaddr"');
    const next = JSON.stringify(RECORD).slice(1, -1);
    expect(
      createResolverRecordReader().scanKeys(escapedLine(RECORD.slice(0, cut), 1, {}, next)),
    ).toBeUndefined();
  });
});
