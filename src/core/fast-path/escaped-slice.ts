import type { EncodedText, EscapeLevel } from '../model/encoded-text.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { escapeOnceMore } from './escape.ts';

/**
 * ASCII slice of an envelope, escaped once (bare line, level 1) or twice (the `log` of a wrapper, level 2). It is copied
 * into the record in that form and never decoded. Only quotes in it are escaped: `\"A IN` in a bare line, `\\\"A IN` in a
 * wrapped one. One object is reused for line after line.
 */
export type EscapedSlice = EncodedText & {
  /** The envelope, and the slice's place in it. */
  bytes: Buffer;
  start: number;
  end: number;
  level: EscapeLevel;
  /** The slice's first bytes where many slices share them. */
  sharedPrefix: SharedPrefix | undefined;
};

/** The first `length` bytes of many slices at level 1, and the same at level 2. */
export type SharedPrefix = { readonly length: number; readonly atLevel2: Uint8Array };

const BACKSLASH = 0x5c;
const QUOTE = 0x22;

/** A prefix from its bytes at level 1. */
export const sharedPrefix = (bytes: Uint8Array): SharedPrefix => {
  const atLevel2: number[] = [];
  for (const byte of bytes) {
    // A quote follows its backslash; each of the two gets a backslash of its own.
    if (byte === BACKSLASH || byte === QUOTE) atLevel2.push(BACKSLASH);
    atLevel2.push(byte);
  }
  return { length: bytes.length, atLevel2: Uint8Array.from(atLevel2) };
};

/** Creates an empty slice. */
export function createEscapedSlice(): EscapedSlice {
  const slice: EscapedSlice = {
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    level: 1,
    sharedPrefix: undefined,
    appendTo: (out, level) => appendSlice(slice, out, level),
  };
  return slice;
}

function appendSlice(slice: EscapedSlice, out: ByteWriter, level: EscapeLevel): void {
  const { bytes, start, end } = slice;
  const to = out.reserve((end - start) * 2 + 4);
  let at = out.end();
  if (slice.level === level) {
    if (out.isSource(bytes)) to.copyWithin(at, start, end);
    else to.set(bytes.subarray(start, end), at);
    at += end - start;
  } else if (slice.level < level) {
    const prefix = slice.sharedPrefix;
    if (prefix !== undefined) {
      to.set(prefix.atLevel2, at);
      at += prefix.atLevel2.length;
    }
    const rest = start + (prefix?.length ?? 0);
    if (out.isSource(bytes)) at = escapeOnceMore(out.view(), rest, end, at);
    else {
      for (let i = rest; i < end; i++) {
        const byte = bytes[i] ?? 0;
        if (byte === BACKSLASH || byte === QUOTE) to[at++] = BACKSLASH;
        to[at++] = byte;
      }
    }
  } else {
    // `\\\"` becomes `\"`: of each pair of bytes the leading backslash is dropped.
    for (let i = start; i < end; i++) {
      if (bytes[i] === BACKSLASH) i++;
      to[at++] = bytes[i] ?? 0;
    }
  }
  out.setEnd(at);
}
