import { gunzipSync } from 'node:zlib';
import { isGzip } from '../../../core/util/is-gzip.ts';

/** Inflates gzip; other data is returned as it is. Throws for corrupt gzip. */
export const inflateIfGzip = (data: Buffer): Buffer => (isGzip(data) ? gunzipSync(data) : data);
