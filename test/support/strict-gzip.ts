// A gzip reader that takes nothing on trust. Node's own one skips zeros behind a member, whatever follows them, so it
// reads data that other receivers refuse.
import { crc32, inflateRawSync } from 'node:zlib';

/** Deflate, no flags, no time (RFC 1952 section 2.3); extra flags and system, which may be anything, stand behind. */
const HEADER_START = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00]);
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;

/** The text of exactly one gzip member without optional fields; throws for anything else, before, in or behind it. */
export function strictGunzip(data: Buffer): Buffer {
  if (!data.subarray(0, HEADER_START.length).equals(HEADER_START))
    throw new Error('not the plain gzip header');
  // The types do not know of `info`: https://nodejs.org/api/zlib.html#class-options
  const { buffer: text, engine } = inflateRawSync(data.subarray(HEADER_BYTES), {
    info: true,
  }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  const trailer = data.subarray(HEADER_BYTES + engine.bytesWritten);
  if (trailer.length !== TRAILER_BYTES)
    throw new Error(`${trailer.length} bytes behind the last block, not 8`);
  if (trailer.readUInt32LE(0) !== crc32(text)) throw new Error('wrong checksum');
  if (trailer.readUInt32LE(4) !== text.length % 2 ** 32) throw new Error('wrong length');
  return text;
}
