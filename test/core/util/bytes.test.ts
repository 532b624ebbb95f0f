import { expect, it } from '@jest/globals';
import {
  asciiBytes,
  CLASS_COMMA,
  CLASS_DIGIT,
  CLASS_DOT,
  CLASS_LOWER,
  CLASS_PLAIN,
  CLASS_PLAIN_LOWER,
  CLASS_UPPER,
  digitsEnd,
  ipv4End,
  numberAt,
  skipClass,
  startsWithAt,
} from '../../../src/core/util/bytes.ts';

/** All bytes of a class, as text. */
const membersOf = (classes: number): string =>
  Array.from({ length: 256 }, (_, byte) => byte)
    .filter((byte) => skipClass(Uint8Array.of(byte), 0, classes) === 1)
    .map((byte) => String.fromCharCode(byte))
    .join('');

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const PLAIN = Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i))
  .join('')
  .replace(/["\\]/g, '');

it.each([
  [CLASS_DIGIT, '0123456789'],
  [CLASS_UPPER, UPPER],
  [CLASS_LOWER, UPPER.toLowerCase()],
  [CLASS_DOT, '.'],
  [CLASS_COMMA, ','],
  [CLASS_PLAIN, PLAIN],
  [CLASS_PLAIN_LOWER, PLAIN.replace(/[A-Z]/g, '')],
  [CLASS_DIGIT | CLASS_DOT, '.0123456789'],
  [0, ''],
])('class %i holds %s', (classes, members) => {
  expect(membersOf(classes)).toBe(members);
});

it.each([
  ['abc', 0, 'abc', true],
  ['abc', 1, 'bc', true],
  ['abc', 1, '', true],
  ['abc', 1, 'bd', false],
  ['abc', 1, 'bcd', false],
  ['abc', 2, 'cab', false],
])('%s from %i on starts with %j: %p', (text, at, start, expected) => {
  expect(startsWithAt(asciiBytes(text), at, asciiBytes(start))).toBe(expected);
});

it.each([
  ['x123y', 1, 3, 4],
  ['x123', 1, 3, 4],
  ['x123y', 1, 2, -1],
  ['xy', 1, 3, -1],
  ['x', 1, 3, -1],
])('the digits in %s from %i on, %i at most, end at %i', (text, at, most, end) => {
  expect(digitsEnd(asciiBytes(text), at, most)).toBe(end);
});

it.each([
  ['x1290y', 1, 5, 1290],
  ['x1290y', 2, 4, 29],
  ['x1290y', 2, 2, 0],
])('the number in %s from %i to %i is %i', (text, start, end, value) => {
  expect(numberAt(asciiBytes(text), start, end)).toBe(value);
});

it.each([
  ['10.0.1.5', 8],
  ['0.0.0.0:53', 7],
  ['255.255.255.255"', 15],
  ['100.20.3.199', 12],
  ['256.0.0.1', -1],
  ['1.2.3.256', -1],
  ['01.2.3.4', -1],
  ['1.2.3.00', -1],
  ['1.2.3', -1],
  ['1.2.3.', -1],
  ['1.2,3.4', -1],
  ['1.2.3.4567', -1],
  ['.1.2.3', -1],
  ['', -1],
  // What stands behind is the caller's business.
  ['1.2.3.4.5', 7],
])('the address in %j ends at %i', (text, end) => {
  expect(ipv4End(asciiBytes(text), 0)).toBe(end);
  expect(ipv4End(asciiBytes(`9${text}`), 1)).toBe(end < 0 ? -1 : end + 1);
});
