// Gzip as writers leave it behind: several members, and line breaks or zeros between and behind them. Node's own reader
// refuses a line break, and takes zeros as the end, whatever follows.
// https://www.rfc-editor.org/rfc/rfc1952#section-2.2
import { crc32, inflateRawSync } from 'node:zlib';

/** What inflates, how many bytes of the input it took, and where the next member may start. */
type Member = { readonly data: Buffer; readonly end: number };

// One member per record that a producer joined; each costs about 30 us.
const MAX_MEMBERS = 1000;
const MAX_CHUNK = 65_536;
const TRAILER_BYTES = 8;
const HEADER_BYTES = 10;

/**
 * Inflates every member to at most `maxBytes` together; undefined where the data is anything else than members with
 * padding between and behind them. Throws zlib's errors, `ERR_BUFFER_TOO_LARGE` beyond `maxBytes`.
 */
export function inflateMembers(data: Buffer, maxBytes: number): Buffer | undefined {
  const parts: Buffer[] = [];
  let left = maxBytes;
  for (let at = 0; at < data.length; at = paddingEnd(data, at)) {
    const member = parts.length === MAX_MEMBERS ? undefined : inflateMember(data, at, left);
    if (member === undefined) return undefined;
    parts.push(member.data);
    left -= member.data.length;
    at = member.end;
  }
  return Buffer.concat(parts);
}

function inflateMember(data: Buffer, at: number, maxBytes: number): Member | undefined {
  const bodyAt = headerEnd(data, at);
  if (bodyAt < 0) return undefined;
  // The types do not know of `info`: https://nodejs.org/api/zlib.html#class-options
  const { buffer, engine } = inflateRawSync(data.subarray(bodyAt), {
    info: true,
    maxOutputLength: Math.max(1, maxBytes),
    chunkSize: Math.min(MAX_CHUNK, Math.max(64, maxBytes + 1)),
  }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  const trailerAt = bodyAt + engine.bytesWritten;
  const end = trailerAt + TRAILER_BYTES;
  if (end > data.length || data.readUInt32LE(trailerAt) !== crc32(buffer)) return undefined;
  return data.readUInt32LE(trailerAt + 4) === buffer.length % 2 ** 32 ? { data: buffer, end } : undefined;
}

const HEADER_CRC = 0x02;
const EXTRA = 0x04;
const NAME = 0x08;
const COMMENT = 0x10;
const RESERVED = 0xe0;

/** Position after the header of the member at `at`; -1 where there is none. */
function headerEnd(data: Buffer, at: number): number {
  const [magic1, magic2, method, flags = RESERVED] = data.subarray(at, at + 4);
  const isMember = magic1 === 0x1f && magic2 === 0x8b && method === 8 && (flags & RESERVED) === 0;
  let end = at + HEADER_BYTES;
  if (!isMember || end + 2 > data.length) return -1;
  if ((flags & EXTRA) !== 0) end += 2 + data.readUInt16LE(end);
  for (const text of [NAME, COMMENT]) {
    if ((flags & text) === 0) continue;
    end = end < data.length ? data.indexOf(0, end) + 1 : 0;
    if (end === 0) return -1;
  }
  return (flags & HEADER_CRC) === 0 ? end : end + 2;
}

/** Position of the first byte from `at` that is neither zero nor part of a line break. */
export function paddingEnd(data: Buffer, at: number): number {
  let end = at;
  while (end < data.length && (data[end] === 0 || data[end] === 0x0a || data[end] === 0x0d)) end++;
  return end;
}
