import { gunzipSync } from 'node:zlib';
import type { BatchLimits, ReadBudget, UnreadReason } from '../model/batch-limits.ts';
import { type FailureCode, fail, ok, type Result } from '../model/failure.ts';
import { inflateMembers, paddingEnd } from './gzip-members.ts';

// By `code` instead of by error class, because Node 20 and 24 throw different classes.
const FAILURE_BY_ZLIB_CODE: Readonly<Record<string, FailureCode>> = {
  Z_BUF_ERROR: 'GZIP_TRUNCATED',
  ERR_BUFFER_TOO_LARGE: 'GZIP_TOO_LARGE',
};

// Best ratio of deflate: two bits for a match of 258 bytes.
const MAX_RATIO = 1032;
const MIN_GZIP_BYTES = 18;
const MIN_CHUNK = 1024;

/** The inflated size (modulo 2^32) that the last four bytes of gzip state, where it is plausible: not behind a line break. */
function statedBytes(data: Buffer): number {
  const last = data[data.length - 1];
  const isUnknown = data.length < MIN_GZIP_BYTES || last === 0x0a || last === 0x0d;
  const stated = isUnknown ? 0 : data.readUInt32LE(data.length - 4);
  return Math.min(stated, data.length * MAX_RATIO);
}

/**
 * Chunk size for zlib. If the stated size is right, one chunk holds the whole output, and zlib does not have to concatenate
 * several. A size below that of the gzip is not: of several members only the last one is stated.
 */
function chunkSizeFor(data: Buffer, maxBytes: number): number {
  const expected = Math.max(statedBytes(data), data.length);
  // With one byte more, zlib detects the end of the data without a second chunk.
  return Math.max(MIN_CHUNK, Math.min(expected, maxBytes) + 1);
}

/**
 * Inflates gzip to at most `maxBytes`. A decompression bomb fails before its output is allocated. What Node's reader
 * refuses, or does not read to its end, is read member by member.
 */
export function inflate(data: Buffer, maxBytes: number): Result<Buffer> {
  let failure: FailureCode = 'GZIP_BROKEN';
  try {
    // The types do not know of `info`: https://nodejs.org/api/zlib.html#class-options
    const { buffer, engine } = gunzipSync(data, {
      info: true,
      maxOutputLength: maxBytes,
      chunkSize: chunkSizeFor(data, maxBytes),
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    if (paddingEnd(data, engine.bytesWritten) === data.length) return ok(buffer);
  } catch (error) {
    failure = failureOf(error);
    if (failure === 'GZIP_TOO_LARGE') return fail(failure);
  }
  try {
    const inflated = inflateMembers(data, maxBytes);
    return inflated === undefined ? fail(failure) : ok(inflated);
  } catch (error) {
    return fail(failureOf(error) === 'GZIP_TOO_LARGE' ? 'GZIP_TOO_LARGE' : failure);
  }
}

function failureOf(error: unknown): FailureCode {
  const code = (error as { code?: unknown }).code;
  return (typeof code === 'string' ? FAILURE_BY_ZLIB_CODE[code] : undefined) ?? 'GZIP_BROKEN';
}

/** The inflated data, why it does not inflate within `MAX_INFLATED_BYTES`, or why it is not read. */
export type Inflated = Result<Buffer> | { readonly ok: undefined; readonly unread: UnreadReason };

const unread = (reason: UnreadReason): Inflated => ({ ok: undefined, unread: reason });

/**
 * Inflates gzip for reading, within the bounds of a record and what is left of the batch. What is too large to be read is
 * inflated all the same, as long as the batch may, to tell a large record from one beyond `maxBytes`, which fails.
 */
export function inflateToRead(
  data: Buffer,
  maxBytes: number,
  limits: Pick<BatchLimits, 'recordBytes'>,
  budget: ReadBudget,
): Inflated {
  const stated = statedBytes(data);
  const readable = Math.min(maxBytes, limits.recordBytes);
  if (stated <= readable) {
    if (budget.batchBytes <= 0) return unread('batch-bytes');
    const inflated = inflate(data, readable);
    budget.batchBytes -= inflated.ok ? inflated.value.length : Math.min(readable, data.length * MAX_RATIO);
    if (inflated.ok || inflated.code !== 'GZIP_TOO_LARGE' || readable === maxBytes) return inflated;
  }
  if (budget.oversizedBytes <= 0) return stated > maxBytes ? fail('GZIP_TOO_LARGE') : unread('record-bytes');
  const inflated = inflate(data, maxBytes);
  budget.oversizedBytes -= inflated.ok ? inflated.value.length : maxBytes;
  return inflated.ok ? unread('record-bytes') : inflated;
}
