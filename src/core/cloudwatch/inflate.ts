import { gunzipSync } from 'node:zlib';
import { type FailureCode, fail, ok, type Result } from '../model/failure.ts';

/** Whether bytes claim to be gzip (`1f 8b`, https://www.rfc-editor.org/rfc/rfc1952#page-6). */
export const isGzip = (data: Uint8Array): boolean => data[0] === 0x1f && data[1] === 0x8b;

// By `code`, never by class: observed on Node 20 and 24.
const FAILURE_BY_ZLIB_CODE: Readonly<Record<string, FailureCode>> = {
  Z_BUF_ERROR: 'GZIP_TRUNCATED',
  ERR_BUFFER_TOO_LARGE: 'GZIP_TOO_LARGE',
};

// Deflate cannot do better than one bit for 258 bytes, two at the start of each.
const MAX_RATIO = 1032;
const MIN_CHUNK = 1024;

/**
 * Bytes that gzip says it inflates to, in its last four (modulo 2^32), as far as that can be true: then zlib needs one
 * piece of memory, and what it fills is not copied together afterwards.
 */
function claimedBytes(data: Buffer, maxBytes: number): number {
  const claimed = data.length < 18 ? 0 : data.readUInt32LE(data.length - 4);
  // One byte of room tells zlib that it is at the end.
  return Math.max(MIN_CHUNK, Math.min(claimed, data.length * MAX_RATIO, maxBytes) + 1);
}

/** Inflates gzip to at most `maxBytes`; a bomb is refused before it is allocated. */
export function inflate(data: Buffer, maxBytes: number): Result<Buffer> {
  try {
    return ok(gunzipSync(data, { maxOutputLength: maxBytes, chunkSize: claimedBytes(data, maxBytes) }));
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    return fail((typeof code === 'string' ? FAILURE_BY_ZLIB_CODE[code] : undefined) ?? 'GZIP_BROKEN');
  }
}
