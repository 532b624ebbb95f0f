import {
  BATCH_LIMITS,
  type BatchLimits,
  createReadBudget,
  type ReadBudget,
  type UnreadReason,
} from '../model/batch-limits.ts';
import type { Envelope } from '../model/envelope.ts';
import type { FailureCode } from '../model/failure.ts';
import { isGzip } from '../util/is-gzip.ts';
import { joinedObjects } from '../util/joined-objects.ts';
import { readEnvelope } from './envelope.ts';
import { inflateToRead } from './inflate.ts';

/** The decoded data of one Firehose record. All text is binary: one character per byte. */
export type DecodedRecord =
  | {
      readonly kind: 'envelope';
      readonly envelope: Envelope;
      /** The envelopes behind it: a producer may join several, each in a gzip member of its own. */
      readonly following: readonly Envelope[];
      readonly gzipped: boolean;
      /** Size of the record's data, before it was inflated. */
      readonly bytes: number;
    }
  /** Messages without an envelope, one per line (message extraction, or Resolver logs sent directly to Firehose). */
  | { readonly kind: 'text'; readonly text: string }
  /** A control message of CloudWatch Logs, which contains no log events. */
  | { readonly kind: 'control' }
  /** Anything else: passed through unchanged. */
  | { readonly kind: 'foreign' }
  /** Beyond a bound: passed through unchanged. */
  | { readonly kind: 'unread'; readonly reason: UnreadReason }
  | { readonly kind: 'failed'; readonly code: FailureCode };

const FOREIGN = { kind: 'foreign' } as const;

const unread = (reason: UnreadReason): DecodedRecord => ({ kind: 'unread', reason });

/**
 * Decodes the base64 data of a record. Its content alone decides whether it is an envelope (gzip or plain), text or
 * something else. `maxBytes` limits the inflated size of gzip; `limits` and `budget` what is read of it.
 */
export function decodeRecord(
  base64: string,
  maxBytes: number,
  limits = BATCH_LIMITS,
  budget = createReadBudget(limits),
): DecodedRecord {
  const data = Buffer.from(base64, 'base64');
  if (!isGzip(data)) return decodePlain(data, limits, budget);
  const inflated = inflateToRead(data, maxBytes, limits, budget);
  if (inflated.ok === undefined) return unread(inflated.unread);
  if (!inflated.ok) return { kind: 'failed', code: inflated.code };
  return decodeEnvelope(inflated.value, data.length, limits, budget) ?? FOREIGN;
}

function decodePlain(data: Buffer, limits: BatchLimits, budget: ReadBudget): DecodedRecord {
  if (data.length > limits.plainRecordBytes) return unread('record-bytes');
  if (budget.batchBytes <= 0) return unread('batch-bytes');
  budget.batchBytes -= data.length;
  if (data.includes('"logEvents"')) {
    const record = decodeEnvelope(data, undefined, limits, budget);
    if (record !== undefined) return record;
  }
  const lines = linesIn(data, limits.recordEvents);
  if (lines > limits.recordEvents) return unread('record-events');
  return charged({ kind: 'text', text: data.toString('latin1') }, lines, budget);
}

/** Number of lines; counting ends beyond `max`. */
function linesIn(data: Buffer, max: number): number {
  let lines = 1;
  for (let at = data.indexOf(NEWLINE); at >= 0 && lines <= max; at = data.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

const NEWLINE = 0x0a;

/** `gzipBytes` is the size of the record's gzip, undefined where it is plain. Undefined for data that is no envelope. */
function decodeEnvelope(
  data: Buffer,
  gzipBytes: number | undefined,
  limits: BatchLimits,
  budget: ReadBudget,
): DecodedRecord | undefined {
  let refused: UnreadReason | undefined;
  const read = (part: Buffer): Envelope | undefined =>
    readEnvelope(part, limits.recordEvents, (reason) => {
      refused = reason;
    });
  const whole = read(data);
  if (refused !== undefined) return unread(refused);
  const envelopes = whole === undefined ? readJoined(data, read) : [whole];
  if (refused !== undefined) return unread(refused);
  const [envelope, ...following] = envelopes;
  if (envelope === undefined) return undefined;
  const isEvery = (type: string): boolean => envelopes.every(({ messageType }) => messageType === type);
  if (isEvery('CONTROL_MESSAGE')) return { kind: 'control' };
  // Message types that are added later pass through unchanged.
  if (!isEvery('DATA_MESSAGE')) return FOREIGN;
  const gzipped = gzipBytes !== undefined;
  const bytes = gzipBytes ?? data.length;
  const events = envelopes.reduce(
    (sum, part) => sum + part.events.length,
    EVENTS_PER_ENVELOPE * following.length,
  );
  return charged({ kind: 'envelope', envelope, following, gzipped, bytes }, events, budget);
}

const EVENT_LIST = '"logEvents"';
/** An envelope more costs about as much as so many events. */
const EVENTS_PER_ENVELOPE = 16;
/** More than a producer joins. */
const MAX_ENVELOPES = 1000;

/** The envelopes that data consists of, with nothing but white space between them; none for any other data. */
function readJoined(data: Buffer, read: (part: Buffer) => Envelope | undefined): readonly Envelope[] {
  const first = data.indexOf(EVENT_LIST);
  if (first < 0 || !data.includes(EVENT_LIST, first + 1)) return [];
  const envelopes: Envelope[] = [];
  let from = 0;
  for (const part of joinedObjects(data.toString('latin1')) ?? []) {
    const envelope = read(data.subarray(from, from + part.length));
    if (envelope === undefined || envelopes.length === MAX_ENVELOPES) return [];
    envelopes.push(envelope);
    from += part.length;
  }
  return envelopes;
}

/** The record, if the batch may have so many more events. */
function charged(record: DecodedRecord, events: number, budget: ReadBudget): DecodedRecord {
  if (events > budget.events) return unread('batch-events');
  budget.events -= events;
  return record;
}
