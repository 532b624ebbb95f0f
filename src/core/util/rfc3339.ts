// Times of RFC 3339. Both readers run once per log line, so they read the digits in place and create no objects.
// https://www.rfc-editor.org/rfc/rfc3339#section-5.6

const MS_PER_DAY = 86_400_000;
const SECONDS_PER_DAY = 86_400;

// 9999-12-31T23:59:59.999Z. Later years would print with six digits, which RFC 3339 does not allow.
const MAX_TIME_MS = 253_402_300_799_999;

/** Whether a number is a time that this program can print: from 1970 to 9999, epoch ms. */
export const isTimeMs = (value: number): boolean => value >= 0 && value <= MAX_TIME_MS;

/**
 * Reads an RFC 3339 time with any offset as epoch ms: `2023-11-20T21:20:29.123456789Z` -> 1700515229123. Digits after
 * the millisecond are cut off. Undefined for any other text, and for times outside 1970 to 9999: Go prints an unset
 * time as `0001-01-01T00:00:00Z`.
 */
export function rfc3339Ms(text: string): number | undefined {
  if (text.length < 20 || text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return undefined;
  if (text.charCodeAt(10) !== 0x54 || text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a)
    return undefined;
  const offsetAt = fractionEnd(text);
  return validTimeMs(text, offsetAt, offsetMs(text, offsetAt));
}

/**
 * Reads `2021-12-11T22:46:23.5` as a UTC time in epoch ms. The caller has checked the layout and reads what follows the
 * fraction. Undefined for a month, day or time of day that does not exist, and for times outside 1970 to 9999.
 */
export function utcTimeMs(text: string): number | undefined {
  if (secondOfDay(text) > SECONDS_PER_DAY) return undefined;
  return validTimeMs(text, fractionEnd(text), 0);
}

function validTimeMs(text: string, fractionEndAt: number, offset: number): number | undefined {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return undefined;
  const days = daysFromCivil(year, month, day);
  const timeMs = days * MS_PER_DAY + secondOfDay(text) * 1000 + fractionMs(text, fractionEndAt) - offset;
  return isTimeMs(timeMs) ? timeMs : undefined;
}

/** Seconds since midnight of the time of day at position 11: `22:46:23`. */
function secondOfDay(text: string): number {
  return (twoDigits(text, 11) * 60 + twoDigits(text, 14)) * 60 + twoDigits(text, 17);
}

// Position after the seconds, where a fraction may start.
const FRACTION_AT = 19;

function fractionEnd(text: string): number {
  if (text.charCodeAt(FRACTION_AT) !== 0x2e) return FRACTION_AT;
  let at = FRACTION_AT + 1;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  return at;
}

/** The first three digits of the fraction. */
function fractionMs(text: string, end: number): number {
  let ms = 0;
  let scale = 100;
  for (let at = FRACTION_AT + 1; at < end && scale >= 1; at++) {
    ms += (text.charCodeAt(at) - 0x30) * scale;
    scale /= 10;
  }
  return ms;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Two digits as a number; NaN for any other characters, which makes every sum and comparison with it fail. */
function twoDigits(text: string, at: number): number {
  const high = text.charCodeAt(at) - 0x30;
  const low = text.charCodeAt(at + 1) - 0x30;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : Number.NaN;
}

/** `Z`, `+05:30` or `-0700` up to the end of the text, in ms; NaN for anything else. */
function offsetMs(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 0x5a) return at + 1 === text.length ? 0 : Number.NaN;
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  const minutesAt = text.charCodeAt(at + 3) === 0x3a ? at + 4 : at + 3;
  if (minutesAt + 2 !== text.length) return Number.NaN;
  const ms = (twoDigits(text, at + 1) * 60 + twoDigits(text, minutesAt)) * 60_000;
  return sign === 0x2b ? ms : -ms;
}

/**
 * Days from 1970-01-01 to a date of the Gregorian calendar. Counts years from March, so that the leap day is the last
 * day of a year. https://howardhinnant.github.io/date_algorithms.html#days_from_civil
 */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}

/** Epoch ms as RFC 3339 with milliseconds: `2026-11-23T14:16:47.073Z`. A number that is not a time gives 1970. */
export const rfc3339Text = (timeMs: number): string =>
  new Date(isTimeMs(timeMs) ? Math.floor(timeMs) : 0).toISOString();
