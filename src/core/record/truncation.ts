import { MAX_ATTRIBUTE_BYTES } from '../model/limits.ts';
import { cutToBytes } from '../util/cut-to-bytes.ts';

/** Whether a value of the record was truncated (`dns.truncated`). */
export type Truncation = { wasTruncated: boolean };

/** The value within `MAX_ATTRIBUTE_BYTES`; notes in `truncation` when it was cut. */
export function truncate(value: string, truncation: Truncation): string {
  const cut = cutToBytes(value, MAX_ATTRIBUTE_BYTES);
  truncation.wasTruncated ||= cut !== value;
  return cut;
}
