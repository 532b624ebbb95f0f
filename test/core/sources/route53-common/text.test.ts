import { describe, expect, it } from '@jest/globals';
import {
  questionNameOf,
  timeMsOf,
  upperCaseOf,
  withoutFinalDot,
} from '../../../../src/core/sources/route53-common/text.ts';

describe('times', () => {
  const NOON_MS = Date.UTC(2024, 1, 29, 12);

  it.each([
    ['2024-02-29T12:00:00Z', NOON_MS],
    ['2024-02-29 12:00:00', NOON_MS],
    ['2024-02-29T12:00:00+00:00', NOON_MS],
    ['2024-02-29T12:00:00.5Z', NOON_MS + 500],
    ['2024-02-29T12:00:00.123456789Z', NOON_MS + 123],
    ['2024-02-29T12:00:00.9999', NOON_MS + 999],
    ['2024-01-01T00:00:00Z', Date.UTC(2024, 0, 1)],
    ['2024-12-31T23:59:59Z', Date.UTC(2024, 11, 31, 23, 59, 59)],
    ['2024-12-31T23:59:60Z', Date.UTC(2025, 0, 1)],
    ['1970-01-01T00:00:00Z', 0],
    ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
  ])('%s', (text, ms) => {
    expect(timeMsOf(text)).toBe(ms);
  });

  it.each([
    '',
    '2024-02-29',
    '2024-00-29T12:00:00Z',
    '2024-13-29T12:00:00Z',
    '2024-02-00T12:00:00Z',
    '2024-02-32T12:00:00Z',
    '2024-02-29T24:00:01Z',
    '2024-02-29T99:00:00Z',
    '2024-02-29T12:00:00+01:00',
    '2024-02-29T12:00:00.Z',
    '2024-02-29T12:00:00.1234567890Z',
    '2024-02-29T12:00:00z',
    '2024-02-29t12:00:00Z',
    ' 2024-02-29T12:00:00Z',
    '1969-12-31T23:59:59Z',
    '0099-01-01T00:00:00Z',
    '0070-01-01T00:00:00Z',
    '9999-12-31T23:59:60Z',
  ])('%j is not one', (text) => {
    expect(timeMsOf(text)).toBeUndefined();
  });
});

it.each([
  ['www.example.com.', 'www.example.com'],
  ['WWW.Example.com.', 'www.example.com'],
  ['.', '.'],
  ['..', '.'],
  ['a', 'a'],
  ['a\\.', 'a\\.'],
  ['', ''],
  ['\u00c4.', '\u00c4'],
])('the name %j is %j', (text, name) => {
  expect(questionNameOf(text)).toBe(name);
});

it('cuts a final dot, and changes nothing else', () => {
  expect(['A.', 'A', '.', 'x\\.', ''].map(withoutFinalDot)).toEqual(['A', 'A', '.', 'x\\.', '']);
});

it.each([
  ['NoError', 'NOERROR'],
  ['aaaa', 'AAAA'],
  ['NXDOMAIN', 'NXDOMAIN'],
  ['3', '3'],
])('the code %s is %s', (text, code) => {
  expect(upperCaseOf(text)).toBe(code);
});
