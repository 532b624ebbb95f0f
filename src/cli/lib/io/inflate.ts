import { kMaxLength } from 'node:buffer';
import { inflate } from '../../../core/cloudwatch/inflate.ts';
import { isGzip } from '../../../core/util/is-gzip.ts';

/** Inflates gzip, in the same way as the function; other data is returned as it is. Throws for corrupt gzip. */
export function inflateIfGzip(data: Buffer): Buffer {
  if (!isGzip(data)) return data;
  const inflated = inflate(data, kMaxLength);
  if (!inflated.ok) throw new Error(`corrupt gzip (${inflated.code})`);
  return inflated.value;
}
