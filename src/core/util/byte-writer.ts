/**
 * Collects the bytes of one output record and reuses its memory for the next record. Text is binary (see
 * binary-text.ts). Pieces are appended one by one, because V8 would flatten and copy a text that is joined with `+`
 * before it could be written as bytes.
 */
export type ByteWriter = {
  /** Starts a new record; a view that `bytes` returned before is no longer valid. */
  clear(): void;
  /**
   * Starts a new record that copies from `source`. The source is copied once to the front of the buffer, because copying
   * within one buffer costs a third of copying between two.
   */
  startFrom(source: Uint8Array): void;
  /** Number of bytes appended. */
  length(): number;
  /** Shortens the record to its first `bytes` bytes. */
  truncate(bytes: number): void;
  addText(binary: string): void;
  addBytes(bytes: Uint8Array): void;
  /** Appends a part of the source of `startFrom`. */
  copy(start: number, end: number): void;
  /** Appends a number as JSON prints it. */
  addNumber(value: number): void;
  /** Appends 0 to 999 in three digits. */
  addThreeDigits(value: number): void;
  /** Appends short ASCII text that needs no escape in JSON; returns false and appends nothing for any other text. */
  tryPlain(value: string): boolean;
  /**
   * Appends ASCII text with every quote replaced by `quote`; returns false and appends nothing when the text needs any
   * other escape.
   */
  tryQuoted(value: string, quote: Uint8Array): boolean;
  /** The appended bytes, as a view that is valid until the next record starts. */
  bytes(): Buffer;

  // For appending in place: `reserve`, write at `end()` and later, `setEnd`.

  /** Makes room for `bytes` more and returns the buffer. */
  reserve(bytes: number): Buffer;
  /** The same buffer, for access to several bytes at a time. */
  view(): DataView;
  /** Position in the buffer after the appended bytes. */
  end(): number;
  setEnd(position: number): void;
  /** Whether `bytes` is the source of `startFrom`, and therefore at the front of the buffer. */
  isSource(bytes: Uint8Array): boolean;
};

// Room for a typical record. The buffer grows as needed, and is released after an exceptionally large record.
const INITIAL_BYTES = 1 << 20;
const MAX_KEPT_BYTES = 1 << 24;

// Up to this length a loop is faster than the call into native code.
const MAX_LOOP_LENGTH = 6;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
const ZERO = 0x30;

// Indexed by byte: 1 if the byte has to be escaped in a JSON string. One table lookup replaces four comparisons.
const NEEDS_ESCAPE = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH || byte === DELETE ? 1 : 0,
);

/** Creates an empty `ByteWriter`. */
export function createByteWriter(): ByteWriter {
  let buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  let view = viewOf(buffer);
  // The source occupies the bytes before `base`; the appended bytes are between `base` and `length`.
  let base = 0;
  let source: Uint8Array | undefined;
  let length = 0;

  const reserve = (bytes: number): Buffer => {
    if (length + bytes > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length + bytes, buffer.length * 2));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
      view = viewOf(buffer);
    }
    return buffer;
  };

  return {
    clear: () => {
      base = 0;
      length = 0;
      source = undefined;
      if (buffer.length <= MAX_KEPT_BYTES) return;
      buffer = Buffer.allocUnsafe(INITIAL_BYTES);
      view = viewOf(buffer);
    },
    startFrom: (bytes) => {
      length = 0;
      reserve(bytes.length).set(bytes);
      base = bytes.length;
      length = base;
      source = bytes;
    },
    length: () => length - base,
    truncate: (bytes) => {
      length = base + bytes;
    },
    addText: (binary) => {
      const to = reserve(binary.length);
      if (binary.length > MAX_LOOP_LENGTH) to.write(binary, length, 'latin1');
      else for (let i = 0; i < binary.length; i++) to[length + i] = binary.charCodeAt(i);
      length += binary.length;
    },
    addBytes: (bytes) => {
      const to = reserve(bytes.length);
      if (bytes.length > MAX_LOOP_LENGTH) to.set(bytes, length);
      else for (let i = 0; i < bytes.length; i++) to[length + i] = bytes[i] ?? 0;
      length += bytes.length;
    },
    copy: (start, end) => {
      reserve(end - start).copyWithin(length, start, end);
      length += end - start;
    },
    addNumber: (value) => {
      if (!Number.isSafeInteger(value) || value < 0 || value > 0xffff_ffff) {
        const text = String(value);
        reserve(text.length).write(text, length, 'latin1');
        length += text.length;
        return;
      }
      const to = reserve(10);
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
    addThreeDigits: (value) => {
      const to = reserve(3);
      const tens = Math.floor(value / 10);
      const hundreds = Math.floor(value / 100);
      to[length] = ZERO + hundreds;
      to[length + 1] = ZERO + tens - hundreds * 10;
      to[length + 2] = ZERO + value - tens * 10;
      length += 3;
    },
    tryPlain: (value) => {
      const to = reserve(value.length);
      for (let i = 0; i < value.length; i++) {
        const code = value.charCodeAt(i);
        if (code > DELETE || NEEDS_ESCAPE[code] !== 0) return false;
        to[length + i] = code;
      }
      length += value.length;
      return true;
    },
    tryQuoted: (value, quote) => {
      // The UTF-8 bytes are written far enough ahead that the escaped text, which is longer, cannot overwrite unread bytes.
      const maxUtf8Bytes = value.length * 3;
      const gap = value.length * quote.length;
      const to = reserve(gap + maxUtf8Bytes);
      const from = length + gap;
      const size = to.write(value, from, 'utf8');
      if (size !== value.length) return false;
      let at = length;
      for (let i = from; i < from + size; i++) {
        const byte = to[i] ?? 0;
        const needsEscape = NEEDS_ESCAPE[byte];
        if (needsEscape === 0) to[at++] = byte;
        else if (byte === QUOTE) for (let j = 0; j < quote.length; j++) to[at++] = quote[j] ?? 0;
        else return false;
      }
      length = at;
      return true;
    },
    bytes: () => buffer.subarray(base, length),
    reserve,
    view: () => view,
    end: () => length,
    setEnd: (position) => {
      length = position;
    },
    isSource: (bytes) => bytes === source,
  };
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);
