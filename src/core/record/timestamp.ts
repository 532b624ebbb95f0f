import type { ByteWriter } from '../util/byte-writer.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import { bytesOf } from './json-encoder.ts';

/**
 * Writes RFC 3339 times with milliseconds (`2026-11-23T14:16:47.073Z`); one per batch, since lines share their seconds.
 * A number that is no time is written as the start of 1970.
 */
export function createTimestamps(): (timeMs: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (timeMs) => {
    const ms = isTimeMs(timeMs) ? Math.floor(timeMs) : 0;
    const current = Math.floor(ms / 1000);
    if (current !== second) {
      prefix = new Date(current * 1000).toISOString().slice(0, 20);
      second = current;
    }
    const rest = ms - current * 1000;
    return `${prefix}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
  };
}

/** Writes the start of a record, `{"timestamp":"2026-11-23T14:16:47.073Z"`; `q` is a quote at its depth, `next` follows. */
export function createTimeText(q: string, next: string): (out: ByteWriter, timeMs: number) => void {
  const end = bytesOf(`Z${q}${next}`);
  let second = Number.NaN;
  let head: Uint8Array = end;
  return (out, timeMs) => {
    const ms = isTimeMs(timeMs) ? Math.floor(timeMs) : 0;
    const current = Math.floor(ms / 1000);
    if (current !== second) {
      head = bytesOf(`{${q}timestamp${q}:${q}${new Date(current * 1000).toISOString().slice(0, 20)}`);
      second = current;
    }
    out.put(head);
    out.milliseconds(ms - current * 1000);
    out.put(end);
  };
}
