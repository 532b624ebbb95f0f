import { describe, expect, it } from '@jest/globals';
import { createCoreDnsLineReader } from '../../../src/core/fast-path/coredns-line.ts';
import type { EscapedLine } from '../../../src/core/fast-path/escaped-line.ts';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import { createCoreDnsSource } from '../../../src/core/sources/coredns/index.ts';
import { decoded } from '../../support/encoded-text.ts';
import { escapedLine } from '../../support/escaped-line.ts';
import { bare } from '../../support/log-line.ts';
import { producerStub } from '../../support/producer-stub.ts';

const CONTAINERS = ['coredns', 'node-cache'];
const reader = createCoreDnsLineReader();
const source = createCoreDnsSource({ corednsLogFormats: [], corednsContainers: CONTAINERS });
const AT_MS = 1_700_000_000_000;

const LINE =
  '[INFO] 10.0.1.23:40212 - 29008 "A IN example.org. udp 40 false 1232" NOERROR qr,rd,ra 56 0.000005874s';
/** The line with one text in it replaced, which it must hold. */
const replaced = (from: string, to: string): string => {
  if (!LINE.includes(from)) throw new Error(`${from} is not in the line`);
  return LINE.replace(from, to);
};

const inPlace = (line: EscapedLine): DnsEvent | undefined => {
  const event = reader.parse(line);
  if (event === undefined) return undefined;
  if (typeof event.content === 'string') throw new Error('content is a slice of the envelope');
  return { ...event, content: decoded(event.content) };
};

/** The event of the ordinary reader. */
const ordinary = (text: string): DnsEvent | undefined =>
  source.parse(
    { text, timestampMs: AT_MS, timeIsArrival: false, logStream: undefined, logGroup: undefined },
    bare(text),
  );

describe.each([1, 2] as const)('a line at escape level %i', (level) => {
  const parse = (text: string, behind?: string) =>
    inPlace(escapedLine(text, level, { timestampMs: AT_MS }, behind));

  it('is read whole', () => {
    expect(parse(LINE)).toEqual({
      ...ordinary(LINE),
      clientIp: '10.0.1.23',
      clientPort: 40_212,
      id: '29008',
      type: 'A',
      name: 'example.org',
      transport: 'udp',
      requestBytes: 40,
      ednsDo: false,
      ednsUdpSize: 1232,
      responseCode: 'NOERROR',
      headerFlags: 'qr,rd,ra',
      responseBytes: 56,
      durationNs: 5874,
      timeMs: AT_MS,
      content: LINE.slice('[INFO] '.length),
    });
  });

  it.each([
    ['the shortest address', '10.0.1.23', '1.0.1.2', { clientIp: '1.0.1.2' }],
    ['the longest address', '10.0.1.23', '100.100.100.100', { clientIp: '100.100.100.100' }],
    ['the highest port', ':40212', ':65535', { clientPort: 65_535 }],
    ['id 0', '29008', '0', { id: '0' }],
    ['AAAA', '"A IN', '"AAAA IN', { type: 'AAAA' }],
    ['a type of one letter', '"A IN', '"X IN', { type: 'X' }],
    ['a type with digits', '"A IN', '"TYPE65280 IN', { type: 'TYPE65280' }],
    ['a type of 16 characters', '"A IN', '"ABCDEFGHIJKLMNOP IN', { type: 'ABCDEFGHIJKLMNOP' }],
    ['the root', 'example.org.', '.', { name: '.' }],
    ['a name of one letter', 'example.org.', 'x.', { name: 'x' }],
    ['TCP', ' udp ', ' tcp ', { transport: 'tcp' }],
    ['DO', ' false ', ' true ', { ednsDo: true, ednsUdpSize: 1232 }],
    ['the longest sizes', '40 false 1232', '1234567890 false 1234567890', { requestBytes: 1_234_567_890 }],
    ['NXDOMAIN', 'NOERROR', 'NXDOMAIN', { responseCode: 'NXDOMAIN' }],
    ['another code', 'NOERROR', 'SERVFAIL', { responseCode: 'SERVFAIL' }],
    ['a code of 16 letters', 'NOERROR', 'ABCDEFGHIJKLMNOP', { responseCode: 'ABCDEFGHIJKLMNOP' }],
    ['one flag', 'qr,rd,ra', 'z', { headerFlags: 'z' }],
    ['a large response', ' 56 ', ' 1234567890 ', { responseBytes: 1_234_567_890 }],
    ['whole seconds', '0.000005874s', '7.000005874s', { durationNs: 7_000_005_874 }],
    ['tens of seconds', '0.000005874s', '12.000005874s', { durationNs: 12_000_005_874 }],
    ['fewer digits', '0.000005874s', '0.5s', { durationNs: 500_000_000 }],
    ['more digits', '0.000005874s', '0.0000058744s', { durationNs: 5874 }],
    ['no dot', '0.000005874s', '01000058s', { durationNs: 1_000_058e9 }],
    ['minutes', '0.000005874s', '0.000005874m', { durationNs: 352_440 }],
    ['milliseconds', '0.000005874s', '1.2ms', { durationNs: 1_200_000 }],
    ['a duration of 39 characters', '0.000005874s', `0.${'1'.repeat(36)}s`, { durationNs: 111_111_111 }],
    ['an opcode', '5874s', '5874s "0"', { opCode: '0' }],
    ['an opcode of two digits', '5874s', '5874s "15"', { opCode: '15' }],
  ])('is read with %s', (_, from, to, expected) => {
    const text = replaced(from, to);
    expect(parse(text)).toMatchObject(expected);
    expect(parse(text)).toEqual(ordinary(text));
  });

  it.each([
    ['another level', '[INFO] ', '[WARN] '],
    ['no level', '[INFO] ', ''],
    ['a short address', '10.0.1.23', '10.0.1'],
    ['a long address', '10.0.1.23', '100.100.100.1000'],
    ['another character behind the address', '23:', '23;'],
    ['no port', ':40212', ':'],
    ['a part of the address out of range', '10.0.1.23', '10.0.1.256'],
    ['a leading zero in the address', '10.0.1.23', '10.0.01.23'],
    ['a masked address', '10.0.1.23', '***********'],
    ['a port out of range', ':40212', ':65536'],
    ['a long port', ':40212', ':012345'],
    ['a duration of 2^53 ns', '0.000005874s', '9007199.254740992s'],
    ['no dash', ' - ', ' _ '],
    ['no id', '29008', ''],
    ['a long id', '29008', '290080'],
    ['no space behind the id', '29008 ', '29008_'],
    ['no opening quote', '"A', 'A'],
    ['a type in lower case', '"A IN', '"a IN'],
    ['a type that starts with a digit', '"A IN', '"1A IN'],
    ['no type', '"A IN', '" IN'],
    ['a type of 17 characters', '"A IN', '"ABCDEFGHIJKLMNOPQ IN'],
    ['a possible probe of CoreDNS', '"A IN', '"HINFO IN'],
    ['another class', 'A IN', 'A CH'],
    ['another class behind another type', '"A IN', '"MX CH'],
    ['a name in upper case', 'example', 'Example'],
    ['a name with an escape', 'example', 'ex\\032ample'],
    ['a name with a quote', 'example', 'ex"ample'],
    ['a name without its final dot', 'example.org.', 'example.or'],
    ['no name', 'example.org.', ''],
    ['another transport', ' udp ', ' ucp '],
    ['no request size', ' 40 ', '  '],
    ['a long request size', ' 40 ', ' 12345678901 '],
    ['another word for DO', ' false ', ' maybe '],
    ['no buffer size', ' 1232"', ' "'],
    ['a long buffer size', '1232', '12345678901'],
    ['no closing quote', '1232"', '1232'],
    ['no space behind the quote', '1232" ', '1232"_'],
    ['a code in lower case', 'NOERROR', 'noerror'],
    ['no code', 'NOERROR ', ' '],
    ['no response', 'NOERROR qr,rd,ra 56', '- - 0'],
    ['a code of 17 letters', 'NOERROR', 'ABCDEFGHIJKLMNOPQ'],
    ['a number for a code', 'NOERROR', '3841'],
    ['no space behind the code', 'NOERROR ', 'REFUSED_'],
    ['no flags', 'qr,rd,ra', ''],
    ['flags in upper case', 'qr,rd,ra', 'QR,RD'],
    ['no space behind the flags', 'ra 56', 'ra;56'],
    ['no response size', ' 56 ', '  '],
    ['a long response size', ' 56 ', ' 12345678901 '],
    ['no space behind the response size', ' 56 ', ' 56_'],
    ['no duration', '0.000005874s', ''],
    ['a duration without a unit', '0.000005874s', '0.000005874'],
    ['another unit', '5874s', '5874t'],
    ['two dots in the duration', '0.000005874s', '0.0000.5874s'],
    ['a letter in the duration', '0.000005874s', '0.x00005874s'],
    ['a dot for the first digit', '0.000005874s', '..000005874s'],
    ['a duration of 40 characters', '0.000005874s', `0.${'1'.repeat(37)}s`],
    ['text behind the line', '5874s', '5874s x'],
    ['a space behind the line', '5874s', '5874s '],
    ['a long opcode', '5874s', '5874s "123"'],
    ['no opcode in the quotes', '5874s', '5874s ""'],
    ['no space before the opcode', '5874s', '5874s"0"'],
    ['another character before the opcode', '5874s', '5874s_"0"'],
    ['no opening quote before the opcode', '5874s', '5874s 0"'],
    ['no closing quote behind the opcode', '5874s', '5874s "0'],
    ['another character behind the opcode', '5874s', '5874s "0x'],
    ['text behind the opcode', '5874s', '5874s "0" x'],
  ])('is not read with %s', (_, from, to) => {
    expect(parse(replaced(from, to))).toBeUndefined();
  });

  it.each([
    ['opening quote', '"A', 'A'],
    ['closing quote', '1232"', '1232'],
    ['opening quote before the opcode', '"0', '0'],
    ['closing quote behind the opcode', '0"', '0'],
  ])('is not read with other bytes in the place of its %s', (_, quoted, bare) => {
    const other = '_'.repeat(level === 1 ? 2 : 4);
    const text = `${LINE} "0"`;
    expect(parse(text)).toBeDefined();
    const changed = quoted.startsWith('"') ? other + bare : bare + other;
    expect(text).toContain(quoted);
    expect(parse(text.replace(quoted, changed))).toBeUndefined();
  });

  it('ends where the message ends', () => {
    expect(parse(LINE.slice(0, -2), '4s"},{"id":"2"')).toBeUndefined();
    expect(parse(LINE.slice(0, -1), 's"},{"id":"2"')).toBeUndefined();
    const combined = `${LINE} \\"0\\"`;
    expect(parse(LINE, combined.slice(LINE.length))?.opCode).toBeUndefined();
  });

  it('is cut at any byte and not read', () => {
    const lengths = Array.from({ length: LINE.length }, (_, length) => length);
    expect(lengths.filter((length) => parse(LINE.slice(0, length)) !== undefined)).toEqual([]);
  });
});

it('has the quotes of its own level', () => {
  const [one, two] = [escapedLine(LINE, 1), escapedLine(LINE, 2)];
  expect(inPlace({ ...one, level: 2 })).toBeUndefined();
  expect(inPlace({ ...two, level: 1 })).toBeUndefined();
});

it('keeps nothing of the line before', () => {
  const lines = [`${replaced('"A IN', '"MX IN')} "4"`, LINE, replaced(' udp 40 false', ' tcp 41 true'), LINE];
  for (const text of lines)
    expect(inPlace(escapedLine(text, 1, { timestampMs: AT_MS }))).toEqual(ordinary(text));
});

it.each([
  ['of the wrapper', { timeMs: 5, timeIsArrival: false }, 5, true],
  ['of the wrapper, in an event without time', { timeMs: 5, timeIsArrival: true }, 5, true],
  ['0 of the wrapper', { timeMs: 0, timeIsArrival: true }, 0, true],
  ['of the event', { timeMs: undefined, timeIsArrival: false }, AT_MS, true],
  ['of arrival', { timeMs: undefined, timeIsArrival: true }, AT_MS, false],
])('has the time %s', (_, members, timeMs, timeIsCertain) => {
  expect(inPlace(escapedLine(LINE, 1, { timestampMs: AT_MS, ...members }))).toMatchObject({
    timeMs,
    timeIsCertain,
  });
});

describe('the container', () => {
  const of = (container: string | undefined) => producerStub({ container });
  const parse = (producer: ReturnType<typeof of>) => inPlace(escapedLine(LINE, 1, { producer }));

  it.each(['coredns', 'web', undefined])('%s stays with the event', (container) => {
    const producer = of(container);
    expect(parse(producer)?.producer).toBe(producer);
  });
});

describe('scanKeys', () => {
  const keysOf = (text: string) => reader.scanKeys(escapedLine(text));

  it('finds the client of a line, whatever its rest is', () => {
    expect(keysOf(LINE)).toMatchObject({ source: 'coredns', clientIp: '10.0.1.23', vpcId: undefined });
    expect(keysOf('[INFO] 10.0.1.24:')).toMatchObject({ clientIp: '10.0.1.24' });
  });

  it.each([
    ['another level', '[INFO] ', '[WARN] '],
    ['no level', '[INFO] ', ''],
    ['an IPv6 client', '10.0.1.23', '[fd00::1]'],
    ['no colon behind the address', '23:', '23 '],
  ])('finds nothing in a line with %s', (_, from, to) => {
    expect(keysOf(replaced(from, to))).toBeUndefined();
  });
});
