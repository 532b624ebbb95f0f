import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** One empty, not final stored block: five bytes that inflate to nothing (RFC 1951 section 3.2.4). */
const EMPTY_BLOCK = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);
const LAST_EMPTY_BLOCK = Buffer.from([0x01, 0x00, 0x00, 0xff, 0xff]);
/** Deflate, no name, no time, of unknown origin (RFC 1952 section 2.3). */
const HEAD = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff]);
/** The last block, checksum and length. */
const TAIL_BYTES = LAST_EMPTY_BLOCK.length + 8;

// Measured by `npm run bench` on our own output: level 1 costs a third of level 6 and the text is so repetitive that it
// still shrinks more than what came in.
const FAST = { level: 3 } as const;
const STRONG = { level: 6 } as const;

// Our records shrink to less than an eighth: into one piece of memory, then.
const USUAL_SHRINKING = 3;
const MIN_CHUNK = 1024;

/** Gzip data, and how many bytes of it are padding. */
export type Gzipped = { readonly data: Buffer; readonly paddingBytes: number };

/**
 * Gzips text so that it has at least `minBytes`, padded with empty blocks.
 *
 * Why pad: Firehose sends 1 MiB of *gzip* at a time, Dynatrace refuses a request that inflates past its limit
 * (413, which Firehose neither retries nor backs up). Our records repeat themselves and shrink far better than raw log
 * lines, so without this the same 1 MiB would inflate to several times what was safe before. The padding compresses to
 * nothing in the request itself (`ContentEncoding: GZIP`).
 */
export function gzip(data: Buffer, minBytes: number): Gzipped {
  // Head and checksum by hand: the checksum stands behind the padding, and zlib would work it out a second time.
  const chunkSize = Math.max(MIN_CHUNK, data.length >> USUAL_SHRINKING);
  const body = deflateRawSync(data, { ...FAST, chunkSize, finishFlush: constants.Z_SYNC_FLUSH });
  const missing = Math.max(0, minBytes - HEAD.length - body.length - TAIL_BYTES);
  const padding = Buffer.alloc(Math.ceil(missing / EMPTY_BLOCK.length) * EMPTY_BLOCK.length, EMPTY_BLOCK);
  const trailer = Buffer.allocUnsafe(8);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length % 2 ** 32, 4);
  return {
    data: Buffer.concat([HEAD, body, padding, LAST_EMPTY_BLOCK, trailer]),
    paddingBytes: padding.length,
  };
}

/** Takes at least `bytes` of padding out again, as far as there is any. */
export function trimPadding({ data, paddingBytes }: Gzipped, bytes: number): Gzipped {
  const blocks = Math.min(Math.ceil(bytes / EMPTY_BLOCK.length), paddingBytes / EMPTY_BLOCK.length);
  const cut = blocks * EMPTY_BLOCK.length;
  const tailAt = data.length - TAIL_BYTES;
  return {
    data: Buffer.concat([data.subarray(0, tailAt - cut), data.subarray(tailAt)]),
    paddingBytes: paddingBytes - cut,
  };
}

/** Gzips as small as it gets: the first step when a response is too large. */
export const gzipSmallest = (data: Buffer): Buffer => gzipSync(data, STRONG);
