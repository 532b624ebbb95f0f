import { escapeOnceMore } from '../fast-path/escape.ts';
import type { EscapedSlice } from '../fast-path/escaped-slice.ts';

/**
 * Collects a record's bytes; its memory is used again for every record. Text is binary: one character per byte.
 * Pieces are written one by one, because a text joined with `+` is walked and copied twice more before it is bytes.
 */
export type ByteWriter = {
  /** Starts over; what `bytes` gave before is no longer valid. */
  reset(): void;
  /** How many bytes there are. */
  length(): number;
  /** Takes back what was added since there were so many. */
  truncate(bytes: number): void;
  add(binary: string): void;
  /** Bytes that were prepared before. */
  put(bytes: Uint8Array): void;
  /** Starts over with a source to copy from. It is put in front once: a copy within one piece of memory costs a third. */
  load(source: Uint8Array): void;
  /** Bytes out of the source. */
  range(start: number, end: number): void;
  /** A number as JSON prints it. */
  number(value: number): void;
  /** 0 to 999 in three digits. */
  milliseconds(value: number): void;
  /** Short text that stands in JSON as it is; false, and nothing written, where it does not. */
  plain(value: string): boolean;
  /** Text in which every quote becomes `quote`; false, and nothing written, where more than quotes needs care. */
  quoted(value: string, quote: Uint8Array): boolean;
  /** Text out of an envelope, as it has to stand in so many JSON strings, one inside the other. */
  raw(text: EscapedSlice, depth: 1 | 2): void;
  /** What was added, as a view that lives until `reset`. */
  bytes(): Buffer;
};

// A typical record; more is asked for when it is needed, and given back when it was an exception.
const FIRST_BYTES = 1 << 20;
const KEPT_BYTES = 1 << 24;

// Below this a loop beats the call into native code.
const SHORT = 6;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
const ZERO = 0x30;

// By byte: whether it cannot stand in a JSON string as it is. One look instead of four comparisons, for every byte of a line.
const NEEDS_CARE = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH || byte === DELETE ? 1 : 0,
);

/** Creates an empty `ByteWriter`. */
export function createByteWriter(): ByteWriter {
  let buffer = Buffer.allocUnsafe(FIRST_BYTES);
  let view = viewOf(buffer);
  // The source, and the end of what was added behind it.
  let base = 0;
  let source: Uint8Array | undefined;
  let length = 0;

  /** The memory, with room for so many bytes more. */
  const room = (bytes: number): Buffer => {
    if (length + bytes > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length + bytes, buffer.length * 2));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
      view = viewOf(buffer);
    }
    return buffer;
  };

  return {
    reset: () => {
      base = 0;
      length = 0;
      source = undefined;
      if (buffer.length <= KEPT_BYTES) return;
      buffer = Buffer.allocUnsafe(FIRST_BYTES);
      view = viewOf(buffer);
    },
    load: (bytes) => {
      length = 0;
      room(bytes.length).set(bytes);
      base = bytes.length;
      length = base;
      source = bytes;
    },
    length: () => length - base,
    truncate: (bytes) => {
      length = base + bytes;
    },
    add: (binary) => {
      const to = room(binary.length);
      if (binary.length > SHORT) to.write(binary, length, 'latin1');
      else for (let i = 0; i < binary.length; i++) to[length + i] = binary.charCodeAt(i);
      length += binary.length;
    },
    put: (bytes) => {
      const to = room(bytes.length);
      if (bytes.length > SHORT) to.set(bytes, length);
      else for (let i = 0; i < bytes.length; i++) to[length + i] = bytes[i] ?? 0;
      length += bytes.length;
    },
    range: (start, end) => {
      room(end - start).copyWithin(length, start, end);
      length += end - start;
    },
    number: (value) => {
      if (!Number.isSafeInteger(value) || value < 0 || value > 0xffff_ffff) {
        const text = String(value);
        room(text.length).write(text, length, 'latin1');
        length += text.length;
        return;
      }
      const to = room(10);
      let digits = 1;
      for (let power = 10; power <= value; power *= 10) digits++;
      let rest = value;
      for (let i = digits - 1; i >= 0; i--) {
        const next = Math.floor(rest / 10);
        to[length + i] = ZERO + rest - next * 10;
        rest = next;
      }
      length += digits;
    },
    milliseconds: (value) => {
      const to = room(3);
      const tens = Math.floor(value / 10);
      const hundreds = Math.floor(value / 100);
      to[length] = ZERO + hundreds;
      to[length + 1] = ZERO + tens - hundreds * 10;
      to[length + 2] = ZERO + value - tens * 10;
      length += 3;
    },
    plain: (value) => {
      const to = room(value.length);
      for (let i = 0; i < value.length; i++) {
        const code = value.charCodeAt(i);
        if (code > DELETE || NEEDS_CARE[code] !== 0) return false;
        to[length + i] = code;
      }
      length += value.length;
      return true;
    },
    quoted: (value, quote) => {
      // UTF-8 first, behind the place where the escaped text grows: it cannot catch up with what is still to be read.
      const most = value.length * 3;
      const gap = value.length * quote.length;
      const to = room(gap + most);
      const from = length + gap;
      const size = to.write(value, from, 'utf8');
      if (size !== value.length) return false;
      let at = length;
      for (let i = from; i < from + size; i++) {
        const byte = to[i] ?? 0;
        const care = NEEDS_CARE[byte];
        if (care === 0) to[at++] = byte;
        else if (byte === QUOTE) for (let j = 0; j < quote.length; j++) to[at++] = quote[j] ?? 0;
        else return false;
      }
      length = at;
      return true;
    },
    raw: ({ bytes, start, end, depth: from, head }, depth) => {
      const to = room((end - start) * 2 + 4);
      let at = length;
      if (from === depth) {
        if (bytes === source) to.copyWithin(at, start, end);
        else to.set(bytes.subarray(start, end), at);
        at += end - start;
      } else if (from < depth) {
        if (head !== undefined) {
          to.set(head.deeper, at);
          at += head.deeper.length;
        }
        const rest = start + (head?.length ?? 0);
        if (bytes === source) at = escapeOnceMore(view, rest, end, at);
        else {
          for (let i = rest; i < end; i++) {
            const byte = bytes[i] ?? 0;
            if (byte === BACKSLASH || byte === QUOTE) to[at++] = BACKSLASH;
            to[at++] = byte;
          }
        }
      } else {
        // `\\\"` becomes `\"`: of each pair the first backslash goes.
        for (let i = start; i < end; i++) {
          if (bytes[i] === BACKSLASH) i++;
          to[at++] = bytes[i] ?? 0;
        }
      }
      length = at;
    },
    bytes: () => buffer.subarray(base, length),
  };
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);
