import { isTimeMs } from '../../util/rfc3339.ts';

// Texts that both Route 53 products print; AWS prints times as UTC whether or not a zone stands there.
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)?$/;
const UPPER_CASE = /[A-Z]/;
const LOWER_CASE = /[a-z]/;

/** `2021-12-11T22:46:23Z`, with 0 to 9 digits of a fraction, as epoch ms; undefined for anything else. */
export function timeMsOf(text: string): number | undefined {
  if (!TIME.test(text)) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const seconds = digits(text, 11, 13) * 3600 + digits(text, 14, 16) * 60 + digits(text, 17, 19);
  const fraction = text.charCodeAt(19) === 0x2e ? Math.floor(Number.parseFloat(text.slice(19)) * 1000) : 0;
  if (month < 1 || month > 12 || day < 1 || day > 31 || seconds > 86_400) return undefined;
  const timeMs = Date.UTC(year, month - 1, day) + seconds * 1000 + fraction;
  // `Date.UTC` takes the years 0 to 99 for those of the last century.
  return year > 99 && isTimeMs(timeMs) ? timeMs : undefined;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + text.charCodeAt(at) - 0x30;
  return value;
}

/** `WWW.example.com.` -> `www.example.com`; the root stays `.`. Only ASCII letters change (RFC 4343). */
export function questionNameOf(text: string): string {
  const name = withoutFinalDot(text);
  return UPPER_CASE.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** Cuts the dot that ends a full name, but not an escaped one (`\.`) and not the root. */
export function withoutFinalDot(name: string): string {
  const end = name.length - 1;
  if (end < 1 || name.charCodeAt(end) !== 0x2e || name.charCodeAt(end - 1) === 0x5c) return name;
  return name.slice(0, end);
}

/** `NoError` -> `NOERROR`, `aaaa` -> `AAAA`. */
export function upperCaseOf(code: string): string {
  return LOWER_CASE.test(code) ? code.toUpperCase() : code;
}

/** A port as number or decimal text (Route 53 quotes it); undefined for anything else. */
export function portOf(value: unknown): number | undefined {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined;
}
