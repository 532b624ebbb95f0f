/** Collects binary text as bytes; its memory is used again for every record. */
export type ByteWriter = {
  /** Starts over; what `bytes` gave before is no longer valid. */
  reset(): void;
  add(binary: string): void;
  /** What was added, as a view that lives until `reset`. */
  bytes(): Buffer;
};

// A typical record; more is asked for when it is needed, and given back when it was an exception.
const FIRST_BYTES = 1 << 20;
const KEPT_BYTES = 1 << 24;

/** Creates a `ByteWriter`. Text goes into bytes piece by piece: one giant string would be flattened and written at once, at twice the cost. */
export function createByteWriter(): ByteWriter {
  let buffer = Buffer.allocUnsafe(FIRST_BYTES);
  let length = 0;
  return {
    reset: () => {
      length = 0;
      if (buffer.length > KEPT_BYTES) buffer = Buffer.allocUnsafe(FIRST_BYTES);
    },
    add: (binary) => {
      const end = length + binary.length;
      if (end > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.max(end, buffer.length * 2));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      buffer.write(binary, length, 'latin1');
      length = end;
    },
    bytes: () => buffer.subarray(0, length),
  };
}
