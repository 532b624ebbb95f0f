import type { ByteWriter } from '../util/byte-writer.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import { bytesOf, type JsonEncoder } from './json-encoder.ts';

/**
 * Creates the writer of a record's start, `{"timestamp":"2026-11-23T14:16:47.073Z"`. A number that is not a time is
 * written as the start of 1970. The text up to the second is kept, because lines share their seconds.
 */
export function createTimestampWriter({ quote }: JsonEncoder): (out: ByteWriter, timeMs: number) => void {
  const end = bytesOf(`Z${quote}`);
  let second = Number.NaN;
  let upToSecond: Uint8Array = end;
  return (out, timeMs) => {
    const ms = isTimeMs(timeMs) ? Math.floor(timeMs) : 0;
    const current = Math.floor(ms / 1000);
    if (current !== second) {
      const text = new Date(current * 1000).toISOString().slice(0, 20);
      upToSecond = bytesOf(`{${quote}timestamp${quote}:${quote}${text}`);
      second = current;
    }
    out.addBytes(upToSecond);
    out.addThreeDigits(ms - current * 1000);
    out.addBytes(end);
  };
}
