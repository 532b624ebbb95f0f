import { RESPONSE_CODES } from '../../model/response-codes.ts';

/**
 * `ServError`, 2 -> `SERVFAIL`: OCSF has names of its own, and the numbers of RFC 6895. A code without a known id -> its name
 * in upper case, or its number.
 */
export function responseCodeOf(name: unknown, id: unknown): string | undefined {
  const known = typeof id === 'number' ? RESPONSE_CODES[id] : undefined;
  if (known !== undefined) return known;
  if (typeof name === 'string' && name !== '') return name.toUpperCase();
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : undefined;
}
