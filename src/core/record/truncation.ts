import { MAX_ATTRIBUTE_BYTES } from '../model/limits.ts';

/** Whether a value of the record was truncated (`dns.truncated`). */
export type Truncation = { wasTruncated: boolean };

/** The value within `MAX_ATTRIBUTE_BYTES`; notes in `truncation` when it was cut. */
export function truncate(value: string, truncation: Truncation): string {
  const cut = cutToBytes(value);
  truncation.wasTruncated ||= cut !== value;
  return cut;
}

/** Cuts a value to `MAX_ATTRIBUTE_BYTES` of UTF-8, never inside a character. */
export function cutToBytes(value: string): string {
  if (value.length * 3 <= MAX_ATTRIBUTE_BYTES || Buffer.byteLength(value) <= MAX_ATTRIBUTE_BYTES)
    return value;
  const bytes = Buffer.from(value, 'utf8');
  let end = MAX_ATTRIBUTE_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
