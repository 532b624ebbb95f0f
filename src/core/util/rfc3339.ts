const MS_PER_DAY = 86_400_000;

// 9999-12-31T23:59:59.999Z: later years print as six digits, which RFC 3339 does not know.
const LAST_MS = 253_402_300_799_999;

/** Whether a number is a time that RFC 3339 can print: from 1970 to 9999, epoch ms. */
export const isTimeMs = (value: number): boolean => value >= 0 && value <= LAST_MS;

/**
 * Reads an RFC 3339 time as epoch ms, fractions of a millisecond cut off; undefined when it is none, or one that no
 * log line can have: Go's zero time (`0001-01-01T00:00:00Z`) stands for a time that nobody set.
 * `2023-11-20T21:20:29.123456789Z` -> 1700515229123. No object is made: this runs once per log line.
 * https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function rfc3339Ms(text: string): number | undefined {
  if (text.length < 20 || text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return undefined;
  if (text.charCodeAt(10) !== 0x54 || text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a)
    return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const clock = (twoDigits(text, 11) * 60 + twoDigits(text, 14)) * 60 + twoDigits(text, 17);
  let at = 19;
  let ms = 0;
  if (text.charCodeAt(at) === 0x2e) {
    let scale = 100;
    for (at++; at < text.length; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      ms += Math.floor(digit * scale);
      scale = scale > 1 ? scale / 10 : 0;
    }
  }
  const offset = offsetMs(text, at);
  const epoch = daysFromCivil(year, month, day) * MS_PER_DAY + clock * 1000 + ms - offset;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && isTimeMs(epoch) ? epoch : undefined;
}

/** Two digits as a number; NaN, which no sum survives, when they are none. */
function twoDigits(text: string, at: number): number {
  const high = text.charCodeAt(at) - 48;
  const low = text.charCodeAt(at + 1) - 48;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : Number.NaN;
}

/** `Z`, `+05:30` or `-0700` to the end of the text, in ms; NaN for anything else. */
function offsetMs(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 0x5a) return at + 1 === text.length ? 0 : Number.NaN;
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  const minutesAt = text.charCodeAt(at + 3) === 0x3a ? at + 4 : at + 3;
  if (minutesAt + 2 !== text.length) return Number.NaN;
  const ms = (twoDigits(text, at + 1) * 60 + twoDigits(text, minutesAt)) * 60_000;
  return sign === 0x2b ? ms : -ms;
}

/** Days between 1970-01-01 and a date of the Gregorian calendar, counted in years that begin in March. */
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
