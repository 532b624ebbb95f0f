// Readers of the values in CoreDNS lines.
import { RESPONSE_CODES } from '../../model/response-codes.ts';

/** Nanoseconds of Go's duration units. */
const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, which Go prints
  μs: 1e3, // U+03BC, which Go also accepts
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** A duration of more nanoseconds than a number can hold exactly: 104 days. */
export const TOO_LONG = Number.POSITIVE_INFINITY;

/**
 * Reads a duration as CoreDNS prints it, in ns: `0.000005874s` (since 1.1.4) -> 5874, or in the notation of Go: `1.2ms`,
 * `1m30s`. Digits after the nanosecond are rounding errors of a float and are rounded. `TOO_LONG` beyond
 * 2^53 - 1; undefined for any other text.
 */
export function durationNs(text: string): number | undefined {
  // More digits would exceed the range of a number.
  return text.length > MAX_DURATION ? undefined : durationIn(text, 0, text.length);
}

const MAX_DURATION = 40;

/**
 * Reads the duration from `start` to `end`, which the caller has limited to `MAX_DURATION` characters. The notation
 * since 1.1.4 is read digit by digit, because that is faster.
 */
export function durationIn(text: string, start: number, end: number): number | undefined {
  let whole = 0;
  let fraction = 0;
  let scale = 0;
  for (let i = start; i < end - 1; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === -2 && scale === 0) scale = 1e9;
    else if (digit < 0 || digit > 9) return goDurationNs(text.slice(start, end));
    else if (scale === 0) whole = whole * 10 + digit;
    else {
      scale /= 10;
      fraction += digit * scale;
    }
  }
  const isSeconds = end - start > 1 && text.charCodeAt(end - 1) === 0x73;
  if (!isSeconds) return goDurationNs(text.slice(start, end));
  return exactOrTooLong(whole * 1e9 + Math.round(fraction));
}

function goDurationNs(text: string): number | undefined {
  let total = 0;
  let at = 0;
  while (at < text.length) {
    const numberEnd = skipWhile(text, at, isNumberChar);
    const unitEnd = skipWhile(text, numberEnd, isUnitChar);
    const unit = UNIT_NS[text.slice(numberEnd, unitEnd)];
    if (unit === undefined || numberEnd === at) return undefined;
    total += scaled(text, at, numberEnd, unit);
    at = unitEnd;
  }
  return at === 0 || Number.isNaN(total) ? undefined : exactOrTooLong(Math.round(total));
}

const exactOrTooLong = (ns: number): number => (Number.isSafeInteger(ns) ? ns : TOO_LONG);

/** Multiplies whole part and fraction separately: as one float, 4.57 s would already be wrong by a nanosecond. */
function scaled(text: string, start: number, end: number, unit: number): number {
  const dot = text.indexOf('.', start);
  if (dot < 0 || dot >= end) return Number(text.slice(start, end)) * unit;
  const fraction = `0${text.slice(dot, end)}`;
  return Number(text.slice(start, dot)) * unit + Math.round(Number(fraction) * unit);
}

function skipWhile(text: string, at: number, test: (code: number) => boolean): number {
  let i = at;
  while (i < text.length && test(text.charCodeAt(i))) i++;
  return i;
}

const isNumberChar = (code: number): boolean => (code >= 0x30 && code <= 0x39) || code === 0x2e;
const isUnitChar = (code: number): boolean => !isNumberChar(code);

/** Reads decimal text; undefined for anything else, such as `-`. */
export function numberOf(text: string): number | undefined {
  return numberIn(text, 0, text.length);
}

/** Reads the decimal number from `start` to `end`; undefined for anything else and for more than 10 digits. */
export function numberIn(text: string, start: number, end: number): number | undefined {
  if (end <= start || end - start > 10) return undefined;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** End of the name that starts at `at`: the first space that is not escaped by a backslash. -1 if there is none. */
export function nameEnd(text: string, at: number): number {
  let end = text.indexOf(' ', at);
  while (end > at && text.charCodeAt(end - 1) === 0x5c) {
    let backslashes = 1;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) break;
    end = text.indexOf(' ', end + 1);
  }
  return end;
}

/** Whether text is a class as CoreDNS prints it: `IN`, or `CLASS255` for a class that it has no name for. */
export function isClass(text: string): boolean {
  return (
    text === 'IN' ||
    text === 'CH' ||
    text === 'CS' ||
    text === 'HS' ||
    text === 'NONE' ||
    /^CLASS\d{1,5}$/.test(text)
  );
}

/** Whether text can be the name of a record type: `A`, `NSAP-PTR`, `TYPE65280`, `None`. */
export function isType(text: string): boolean {
  const first = text.charCodeAt(0);
  // For empty text `first` is NaN, which fails both comparisons.
  if (!(first >= 0x41 && first <= 0x5a) || text.length > 16) return false;
  return text.length === 1 || /^[A-Za-z0-9-]+$/.test(text);
}

/** Name of a decimal response code; the number itself if it has no name. https://github.com/miekg/dns/blob/master/msg.go */
export const responseCodeName = (decimal: string): string => RESPONSE_CODES[Number(decimal)] ?? decimal;
