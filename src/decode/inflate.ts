import { gunzipSync } from 'node:zlib';
import { type FailureCode, fail, ok, type Result } from '../model/failure.ts';

/** Whether bytes claim to be gzip (`1f 8b`, https://www.rfc-editor.org/rfc/rfc1952#page-6). */
export const isGzip = (data: Uint8Array): boolean => data[0] === 0x1f && data[1] === 0x8b;

// By `code`, never by class: observed on Node 20 and 24.
const FAILURE_BY_ZLIB_CODE: Readonly<Record<string, FailureCode>> = {
  Z_BUF_ERROR: 'GZIP_TRUNCATED',
  ERR_BUFFER_TOO_LARGE: 'GZIP_TOO_LARGE',
};

/** Inflates gzip to at most `maxBytes`; a bomb is refused before it is allocated. */
export function inflate(data: Buffer, maxBytes: number): Result<Buffer> {
  try {
    return ok(gunzipSync(data, { maxOutputLength: maxBytes }));
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    return fail((typeof code === 'string' ? FAILURE_BY_ZLIB_CODE[code] : undefined) ?? 'GZIP_BROKEN');
  }
}
