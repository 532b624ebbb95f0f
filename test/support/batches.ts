// Batches as Firehose could send them: every shape of record, lines of any kind in them, and any other bytes.
import { gzipSync } from 'node:zlib';
import type { FirehoseTransformationEvent } from 'aws-lambda';
import fc from 'fast-check';
import type { InputRecord, Unit } from '../../src/cli/lib/simulate/ledger.ts';
import { LINES } from '../../src/cli/lib/simulate/lines.ts';
import { editsOf, type FuzzedLine, fuzzedLine } from './fuzz.ts';

type Shape = 'gzip' | 'plain' | 'lines' | 'ndjson-like';
/** A record under construction: lines without their markers, or bytes. */
export type Draft =
  | {
      readonly kind: 'log';
      readonly shape: Shape;
      readonly lines: readonly FuzzedLine[];
      readonly extra: object;
    }
  | { readonly kind: 'bytes'; readonly data: Buffer };

const json = fc.jsonValue({ maxDepth: 2 });

/** A record that holds log lines. */
export const log = fc.record({
  kind: fc.constant('log' as const),
  shape: fc.constantFrom<Shape>('gzip', 'gzip', 'plain', 'lines'),
  lines: fc.array(fuzzedLine, { minLength: 1, maxLength: 4 }),
  extra: fc.dictionary(fc.stringMatching(/^x[a-z]{0,5}$/), json, { maxKeys: 2 }),
});

/** Envelopes that are damaged, in their JSON or in their gzip; and any other bytes. */
const strangeBytes = fc.oneof(
  editsOf(
    fc.constantFrom(envelopeText([], {}), envelopeText([{ id: '1', timestamp: 1, message: 'x' }], {})),
  ).map((text) => Buffer.from(text)),
  editsOf(json.map((value) => envelopeText(value, {}))).map((text) => gzipSync(text)),
  fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(60)).map(([tail, at]) => {
    const gzip = gzipSync(envelopeText([{ id: '1', timestamp: 1, message: 'cut' }], {}));
    return Buffer.concat([gzip.subarray(0, at), tail]);
  }),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
);
/** A record without log lines. */
export const bytes = strangeBytes.map((data) => ({ kind: 'bytes' as const, data }));

function envelopeText(logEvents: unknown, extra: object): string {
  const head = { messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: '/g', logStream: 's' };
  return JSON.stringify({ ...head, subscriptionFilters: ['f'], ...extra, logEvents });
}

/** Gives a draft its markers. */
export function recordOf(draft: Draft, enter: () => number, isDroppable: boolean): InputRecord {
  if (draft.kind === 'bytes') {
    return {
      data: draft.data,
      shape: 'opaque',
      units: [{ marker: enter(), isDns: false, isDroppable: true }],
    };
  }
  const units = draft.lines.map(
    ({ kind }): Unit => ({ marker: enter(), isDns: LINES[kind].isDns, isDroppable }),
  );
  const messages = draft.lines.map(({ message }, i) => message(`zq${units[i]?.marker}qz`));
  if (draft.shape === 'lines') {
    // A line break within a message would make two lines of one.
    const lines = messages.map((message) => message.replaceAll('\n', ' '));
    return { data: Buffer.from(lines.join('\n')), shape: 'lines', units };
  }
  const events = messages.map((message, i) => ({ id: String(i), timestamp: 1_700_000_000_000 + i, message }));
  const text = Buffer.from(envelopeText(events, draft.extra));
  return { data: draft.shape === 'gzip' ? gzipSync(text) : text, shape: 'events', units };
}

/** The event with these records, in order, as `id-0`, `id-1`, ... */
export const eventOf = (records: readonly InputRecord[]): FirehoseTransformationEvent => ({
  invocationId: 'i',
  deliveryStreamArn: 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/s',
  region: 'eu-west-1',
  records: records.map(({ data }, i) => ({
    recordId: `id-${i}`,
    approximateArrivalTimestamp: 1_700_000_000_000,
    data: data.toString('base64'),
  })),
});
