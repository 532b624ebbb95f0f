// Text values that both Route 53 products log.
import { utcTimeMs } from '../../util/rfc3339.ts';

// AWS logs times in UTC, with or without an offset.
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)?$/;
const UPPER_CASE = /[A-Z]/;
const LOWER_CASE = /[a-z]/;

/** The attribute for `nameAsAsked`. Data in base64 cannot be decoded from a name in lower case. */
export const NAME_AS_ASKED = 'dns.question.name_as_asked';

/** `2021-12-11T22:46:23Z`, with 0 to 9 digits of a fraction, as epoch ms; undefined for anything else. */
export const timeMsOf = (text: string): number | undefined => (TIME.test(text) ? utcTimeMs(text) : undefined);

/** `WWW.example.com.` -> `www.example.com`; the root stays `.`. Only ASCII letters become lower case (RFC 4343). */
export function questionNameOf(text: string): string {
  const name = withoutFinalDot(text);
  return UPPER_CASE.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** `aGVsbG8.Example.com.` -> `aGVsbG8.Example.com`; undefined where the name has no letter in upper case. */
export const nameAsAsked = (text: string): string | undefined =>
  UPPER_CASE.test(text) ? withoutFinalDot(text) : undefined;

/** Removes the final dot of a name, unless it is escaped (`\.`) or the name is the root. */
export function withoutFinalDot(name: string): string {
  const end = name.length - 1;
  if (end < 1 || name.charCodeAt(end) !== 0x2e || name.charCodeAt(end - 1) === 0x5c) return name;
  return name.slice(0, end);
}

/** `NoError` -> `NOERROR`, `aaaa` -> `AAAA`. */
export function upperCaseOf(code: string): string {
  return LOWER_CASE.test(code) ? code.toUpperCase() : code;
}
