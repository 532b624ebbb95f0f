import { describe, expect, it } from '@jest/globals';
import {
  durationIn,
  durationNs,
  isClass,
  isType,
  nameEnd,
  numberIn,
  numberOf,
  responseCodeName,
} from '../../../../src/core/sources/coredns/values.ts';

describe('durations', () => {
  it.each([
    ['0.000005874s', 5874],
    ['0s', 0],
    ['1s', 1e9],
    ['.5s', 5e8],
    ['1.s', 1e9],
    ['4.570000001s', 4_570_000_001],
    ['0.0000000014s', 1],
    ['0.0000000016s', 2],
    ['7ns', 7],
    ['1.5us', 1500],
    ['1.5\u00b5s', 1500],
    ['1.5\u03bcs', 1500],
    ['1.2ms', 1_200_000],
    ['1m30s', 90e9],
    ['1h0m0.5s', 3_600_500_000_000],
    ['2m', 120e9],
    [`0.${'1'.repeat(37)}s`, 111_111_111],
  ])('%s is %d ns', (text, ns) => {
    expect(durationNs(text)).toBe(ns);
  });

  it.each([
    '',
    's',
    '-',
    '.',
    '1',
    '1.5',
    'ms',
    '1x',
    '1 s',
    '-1s',
    '1ss',
    '1s2',
    '1.2.3s',
    '1e3s',
    '+1s',
    '1S',
    '1s ',
    `0.${'1'.repeat(38)}s`,
    '9'.repeat(400),
  ])('%j is not one', (text) => {
    expect(durationNs(text)).toBeUndefined();
  });

  it('may stand within a text', () => {
    expect(durationIn('x0.5sx', 1, 5)).toBe(5e8);
    expect(durationIn('x1.5msx', 1, 6)).toBe(1_500_000);
    expect(durationIn('1s', 1, 2)).toBeUndefined();
    expect(durationIn('1s', 2, 2)).toBeUndefined();
  });
});

describe('numbers', () => {
  it.each([
    ['0', 0],
    ['9', 9],
    ['007', 7],
    ['1234567890', 1_234_567_890],
    ['', undefined],
    ['-', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1x', undefined],
    ['/', undefined],
    [':', undefined],
    ['12345678901', undefined],
  ])('%j is %p', (text, value) => {
    expect(numberOf(text)).toBe(value);
    expect(numberIn(`1${text}1`, 1, 1 + text.length)).toBe(value);
  });

  it('have their end behind their start', () => {
    expect(numberIn('123', 2, 1)).toBeUndefined();
    expect(numberIn('123', 1, 1)).toBeUndefined();
  });
});

it.each([
  ['example.org. udp', 0, 12],
  ['A example.org. udp', 2, 14],
  ['a\\ b. udp', 0, 5],
  ['a\\\\ b', 0, 3],
  ['a\\\\\\ b c', 0, 6],
  ['\\ x y', 0, 3],
  [' x', 0, 0],
  ['x', 0, -1],
  ['a\\ b', 0, -1],
])('the name in %j from %i on ends at %i', (text, at, end) => {
  expect(nameEnd(text, at)).toBe(end);
});

it.each([
  ...['IN', 'CH', 'CS', 'HS', 'NONE', 'CLASS0', 'CLASS65535'].map((text) => [text, true] as const),
  ...['', 'in', 'ANY', 'CLASS', 'CLASS123456', 'CLASSX', 'XCLASS1', 'INN'].map(
    (text) => [text, false] as const,
  ),
])('%j is a class: %p', (text, expected) => {
  expect(isClass(text)).toBe(expected);
});

it.each([
  ...['A', 'Z', 'AAAA', 'NSAP-PTR', 'TYPE65280', 'None', 'ABCDEFGHIJKLMNOP'].map(
    (text) => [text, true] as const,
  ),
  ...['', 'a', '@', '[', '1A', '-A', 'A.', 'A B', 'ABCDEFGHIJKLMNOPQ'].map((text) => [text, false] as const),
])('%j is a type: %p', (text, expected) => {
  expect(isType(text)).toBe(expected);
});

it.each([
  ['0', 'NOERROR'],
  ['3', 'NXDOMAIN'],
  ['11', 'DSOTYPENI'],
  ['12', '12'],
  ['15', '15'],
  ['16', 'BADSIG'],
  ['23', 'BADCOOKIE'],
  ['24', '24'],
])('response code %s is %s', (decimal, name) => {
  expect(responseCodeName(decimal)).toBe(name);
});
