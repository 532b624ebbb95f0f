import type { ByteWriter } from '../util/byte-writer.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import { bytesOf, type JsonEncoder } from './json-encoder.ts';

/**
 * Creates the writer of a record's start, `{"timestamp":"2026-11-23T14:16:47.073Z"` and, with a `recordKey`,
 * `,"dns.key":"3f9c1e7a0b5d2c84e6a1"`. A number that is not a time is written as the start of 1970. The text up to the
 * second is kept, because lines share their seconds.
 */
export function createStartWriter(
  json: JsonEncoder,
  recordKey: string | undefined,
): (out: ByteWriter, timeMs: number) => void {
  const { quote } = json;
  const keyMember = recordKey === undefined ? '' : json.key('dns.key') + json.string(recordKey);
  const end = bytesOf(`Z${quote}${keyMember}`);
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
