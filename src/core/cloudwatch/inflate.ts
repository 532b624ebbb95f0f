import { gunzipSync } from 'node:zlib';
import { type FailureCode, fail, ok, type Result } from '../model/failure.ts';

// By `code` instead of by error class, because Node 20 and 24 throw different classes.
const FAILURE_BY_ZLIB_CODE: Readonly<Record<string, FailureCode>> = {
  Z_BUF_ERROR: 'GZIP_TRUNCATED',
  ERR_BUFFER_TOO_LARGE: 'GZIP_TOO_LARGE',
};

// Best ratio of deflate: two bits for a match of 258 bytes.
const MAX_RATIO = 1032;
const MIN_GZIP_BYTES = 18;
const MIN_CHUNK = 1024;

/**
 * Chunk size for zlib. The last four bytes of gzip state the inflated size (modulo 2^32). If that size is plausible, one
 * chunk holds the whole output, and zlib does not have to concatenate several.
 */
function chunkSizeFor(data: Buffer, maxBytes: number): number {
  const stated = data.length < MIN_GZIP_BYTES ? 0 : data.readUInt32LE(data.length - 4);
  // With one byte more, zlib detects the end of the data without a second chunk.
  return Math.max(MIN_CHUNK, Math.min(stated, data.length * MAX_RATIO, maxBytes) + 1);
}

/** Inflates gzip to at most `maxBytes`. A decompression bomb fails before its output is allocated. */
export function inflate(data: Buffer, maxBytes: number): Result<Buffer> {
  try {
    return ok(gunzipSync(data, { maxOutputLength: maxBytes, chunkSize: chunkSizeFor(data, maxBytes) }));
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    return fail((typeof code === 'string' ? FAILURE_BY_ZLIB_CODE[code] : undefined) ?? 'GZIP_BROKEN');
  }
}
