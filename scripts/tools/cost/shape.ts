// Requests by shape: text from a small grammar (concatenation, repetition, counters, JSON strings), packed into Firehose
// records. A shape is plain JSON, so that a case that was found can be kept in a file.
import { gzipSync } from 'node:zlib';
import { MAX_RECORD_BYTES } from '../../../src/core/model/batch-limits.ts';

/** `%` in a repeated text is a counter, `%ip` an address; `fill` repeats as often as the record's size allows. */
export type Text =
  | string
  | readonly Text[]
  | { readonly fill: Text; readonly separator?: string }
  | { readonly repeat: Text; readonly times: number; readonly separator?: string };

/** How the text of a record is packed. */
export type Packing = 'gzip' | 'plain' | 'members' | 'empty members' | 'zero tail' | 'gzip in gzip';

/** A request of equal records. */
export type Shape = {
  readonly name: string;
  readonly packing: Packing;
  /** Inflated size of a record at full size. */
  readonly recordBytes: number;
  /** Number of records at full size; fewer where the request would be larger than `REQUEST_BYTES`. */
  readonly records: number;
  readonly text: Text;
};

/** Lambda takes an event of 6 MB. */
const REQUEST_BYTES = 6_000_000;
// {"recordId":"...","approximateArrivalTimestamp":1700000000000,"data":""},
const RECORD_OVERHEAD = 160;

// At a part of the size, more than this part of it is not made: at full size it would not be read.
const READ_BYTES = 64_000_000;

/** The Firehose event of a shape; `scale` 1 is the full size. First there are fewer records, then they are smaller. */
export function buildEvent(
  shape: Shape,
  scale = 1,
): { readonly text: string; readonly ids: readonly string[] } {
  const requestBytes = REQUEST_BYTES * scale;
  const wanted = shape.records * scale;
  const mostBytes = scale === 1 ? shape.recordBytes : READ_BYTES * scale;
  let bytes = Math.ceil(Math.min(shape.recordBytes * Math.min(1, wanted), mostBytes));
  // A small request is one of many: it is packed fast.
  const level = scale === 1 ? 9 : 1;
  const pack = () => packed(shape.packing, render(shape.text, bytes), level).toString('base64');
  let data = pack();
  if (data.length > requestBytes) {
    bytes = Math.floor((bytes * requestBytes) / data.length);
    data = pack();
  }
  const room = Math.floor(requestBytes / (data.length + RECORD_OVERHEAD));
  const inflated = scale === 1 ? Number.POSITIVE_INFINITY : Math.floor((READ_BYTES * scale) / bytes);
  const count = Math.max(1, Math.min(Math.round(wanted), room, inflated));
  const ids = Array.from({ length: count }, (_, i) => `${i}`.padStart(56, '4'));
  const record = (recordId: string) =>
    `{"recordId":"${recordId}","approximateArrivalTimestamp":1700000000000,"data":"${data}"}`;
  const text = `{"invocationId":"i","deliveryStreamArn":"arn:aws:firehose:eu-west-1:111122223333:deliverystream/s","region":"eu-west-1","records":[${ids.map(record).join(',')}]}`;
  return { text, ids };
}

/** The data of one record of a shape, at full size or as large as a record of Firehose may be. */
export function recordData(shape: Shape): Buffer {
  const data = packed(shape.packing, render(shape.text, shape.recordBytes), 9);
  if (data.length <= MAX_RECORD_BYTES) return data;
  const bytes = Math.floor((shape.recordBytes * MAX_RECORD_BYTES * 0.95) / data.length);
  return packed(shape.packing, render(shape.text, bytes), 9);
}

function packed(packing: Packing, text: Buffer, level: number): Buffer {
  const gzip = (data: Buffer): Buffer => gzipSync(data, { level });
  switch (packing) {
    case 'plain':
      return text;
    case 'gzip':
      return gzip(text);
    case 'members':
      return Buffer.concat(slices(text, 16).map(gzip));
    case 'empty members': {
      const empty = gzip(Buffer.alloc(0));
      return Buffer.concat([gzip(text), ...Array.from({ length: 2000 }, () => empty)]);
    }
    case 'zero tail':
      return Buffer.concat([gzip(text), Buffer.alloc(64)]);
    case 'gzip in gzip':
      return gzip(gzip(text));
  }
}

const slices = (data: Buffer, count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) =>
    data.subarray(Math.floor((i * data.length) / count), Math.floor(((i + 1) * data.length) / count)),
  );

/** The text, its `fill` repeated until it has about so many bytes. */
function render(text: Text, bytes: number): Buffer {
  const counter = { value: 0 };
  const parts: Buffer[] = [];
  add(parts, text, Math.max(0, bytes - fixedBytes(text)), counter);
  return Buffer.concat(parts);
}

const isList = (text: Text): text is readonly Text[] => Array.isArray(text);

/** Size without what `fill` repeats, roughly. */
function fixedBytes(text: Text): number {
  if (typeof text === 'string') return text.length;
  if (isList(text)) return text.reduce((sum, part) => sum + fixedBytes(part), 0);
  if ('repeat' in text) return (fixedBytes(text.repeat) + (text.separator ?? '').length) * text.times;
  return 0;
}

function add(parts: Buffer[], text: Text, room: number, counter: { value: number }): void {
  if (typeof text === 'string') parts.push(Buffer.from(counted(text.split(/(%ip|%)/), counter)));
  else if (isList(text)) for (const part of text) add(parts, part, room, counter);
  else if ('repeat' in text) parts.push(repeated(text.repeat, text.separator ?? '', text.times, counter));
  else {
    const width = Buffer.byteLength(flat(text.fill)) + (text.separator ?? '').length;
    const times = Math.max(1, Math.floor(room / Math.max(1, width)));
    parts.push(repeated(text.fill, text.separator ?? '', times, counter));
  }
}

/** The text of a unit; `fill` inside a unit is a single one. */
function flat(text: Text): string {
  if (typeof text === 'string') return text;
  if (isList(text)) return text.map(flat).join('');
  if ('fill' in text) return flat(text.fill);
  return Array.from({ length: text.times }, () => flat(text.repeat)).join(text.separator ?? '');
}

function repeated(unit: Text, separator: string, times: number, counter: { value: number }): Buffer {
  const text = `${flat(unit)}${separator}`;
  const width = Buffer.byteLength(text);
  if (!text.includes('%')) return Buffer.alloc(Math.max(0, times * width - separator.length), text);
  const segments = text.split(/(%ip|%)/);
  const lines: string[] = [];
  for (let i = 0; i < times; i++) lines.push(counted(segments, counter));
  const bytes = Buffer.from(lines.join(''));
  return bytes.subarray(0, bytes.length - separator.length);
}

/** The segments with the next number for each counter; all counters of a unit share it. */
function counted(segments: readonly string[], counter: { value: number }): string {
  counter.value++;
  const { value } = counter;
  const id = value.toString(36);
  let out = '';
  for (const segment of segments) {
    if (segment === '%') out += id;
    else if (segment === '%ip') out += `10.${(value >> 16) & 255}.${(value >> 8) & 255}.${value & 255}`;
    else out += segment;
  }
  return out;
}
