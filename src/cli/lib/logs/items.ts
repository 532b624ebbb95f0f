// What a text of a file is: a log event, or the data of Firehose records.
import * as z from 'zod';
import { isObject, type JsonObject } from '../../../core/util/json.ts';
import { parseJson } from '../io/json.ts';
import type { FirehoseEvent } from '../io/log-input.ts';
import { withoutFinalTime } from './stamp.ts';
import type { Text } from './text.ts';

/** A message, and what is known of it. */
export type LogEvent = {
  readonly message: string;
  /** Epoch ms. */
  readonly timeMs: number | undefined;
  readonly logStream?: string | undefined;
  readonly logGroup?: string | undefined;
  /** Account that owns the log group. */
  readonly owner?: string | undefined;
};

/** A log event, the text or gzip of an envelope, or an event of Firehose. */
export type LogItem =
  | { readonly kind: 'event'; readonly event: LogEvent }
  | { readonly kind: 'data'; readonly data: Buffer }
  | { readonly kind: 'firehose'; readonly batch: FirehoseEvent };

const FirehoseRecords = z.object({
  records: z.array(z.object({ recordId: z.string(), data: z.string() })).min(1),
});

// `1f 8b 08`, the start of gzip.
const BASE64_GZIP = /^\s*H4sI[\w+/=]*\s*$/;

/**
 * Creates a reader of the items in texts. Only a file that begins with a document (an envelope, an answer, a list) holds
 * documents: in a log of lines, any program can print a line that looks like one.
 */
export function createItemReader(): (text: Text) => readonly LogItem[] {
  let holdsDocuments: boolean | undefined;
  return ({ text, value, stamp }) => {
    const found = stamp === undefined && holdsDocuments !== false ? documentIn(text, value) : undefined;
    holdsDocuments ??= found !== undefined;
    if (found !== undefined) return found;
    if (stamp === undefined) return messagesIn(text).map((message) => lineItem(message));
    const { logStream } = stamp;
    const message = stamp.timeMs === undefined ? withoutFinalTime(text) : { text, timeMs: stamp.timeMs };
    return [{ kind: 'event', event: { message: message.text, timeMs: message.timeMs, logStream } }];
  };
}

const documentIn = (text: string, value: unknown): readonly LogItem[] | undefined => {
  if (value !== undefined) return itemsInJson(value);
  return BASE64_GZIP.test(text) ? [data(Buffer.from(text, 'base64'))] : undefined;
};

const data = (bytes: Buffer): LogItem => ({ kind: 'data', data: bytes });

const lineItem = (message: string, timeMs?: number): LogItem => ({
  kind: 'event',
  event: { message: withoutNewline(message), timeMs },
});

/** What a container prints ends with a line break, and shippers keep it. */
const withoutNewline = (message: string): string => message.replace(/\r?\n$/, '');

/**
 * Messages that `--query 'events[].message' --output text` prints in one line: each is JSON, or begins with CoreDNS' level
 * (`[INFO] `). In any other line a tab is part of the message, also before a name that begins with a bracket.
 */
function messagesIn(text: string): readonly string[] {
  if (!BEFORE_MESSAGE.test(text)) return [text];
  const messages = text.split(BEFORE_MESSAGE);
  return messages.every(isMessage) ? messages : [text];
}

const BEFORE_MESSAGE = /\t(?=\{|\[[A-Z]{4,7}\] )/;

const isMessage = (text: string): boolean => /^\[[A-Z]{4,7}\] /.test(text) || parseJson(text) !== undefined;

/** The items of a JSON value that holds several, or stands for one; undefined for an object that is a message. */
function itemsInJson(value: unknown): readonly LogItem[] | undefined {
  if (Array.isArray(value)) return value.flatMap(itemsOfElement);
  if (!isObject(value)) return undefined;
  if ('records' in value && FirehoseRecords.safeParse(value).success)
    return [{ kind: 'firehose', batch: value as unknown as FirehoseEvent }];
  if ('messageType' in value && 'logEvents' in value) return [data(Buffer.from(JSON.stringify(value)))];
  // What Firehose keeps of records that it could not deliver.
  if (typeof value.rawData === 'string' && 'attemptsMade' in value)
    return [data(Buffer.from(value.rawData, 'base64'))];
  const list = value.events ?? value.results;
  // Only the answers of CloudWatch Logs: another object with such a member is a message.
  if (Array.isArray(list) && Object.keys(value).every((name) => ANSWER_MEMBERS.has(name)))
    return list.flatMap(itemsOfElement);
  const event = eventIn(value);
  return event === undefined ? undefined : [{ kind: 'event', event }];
}

/** Members of what filter-log-events, get-log-events and get-query-results answer. */
const ANSWER_MEMBERS: ReadonlySet<string> = new Set([
  'events',
  'searchedLogStreams',
  'nextToken',
  'NextToken',
  'nextForwardToken',
  'nextBackwardToken',
  'results',
  'status',
  'statistics',
  'encryptionKey',
  'queryLanguage',
]);

function itemsOfElement(value: unknown): readonly LogItem[] {
  if (typeof value === 'string') return [lineItem(value)];
  if (Array.isArray(value)) return itemOfRow(value);
  return itemsInJson(value) ?? [lineItem(JSON.stringify(value))];
}

/** A row of an answer: `[{"field": "@message", "value": "..."}, ...]`, or `[<time>, <message>]` of a `--query`. */
function itemOfRow(row: readonly unknown[]): readonly LogItem[] {
  const [timeMs, message] = row;
  if (typeof timeMs === 'number' && typeof message === 'string') return [lineItem(message, timeMs)];
  const fields = row.filter(isField);
  if (fields.length === 0 || fields.length < row.length) return row.flatMap(itemsOfElement);
  const event = eventIn(Object.fromEntries(fields.map(({ field, value }) => [field, value])));
  return event === undefined ? [] : [{ kind: 'event', event }];
}

type Field = { readonly field: string; readonly value: unknown };

const isField = (value: unknown): value is Field =>
  isObject(value) && typeof value.field === 'string' && 'value' in value;

const EVENT_MEMBERS: ReadonlySet<string> = new Set([
  'timestamp',
  'message',
  'ingestionTime',
  'eventId',
  'logStreamName',
  'logGroupIdentifier',
]);

/** The log event in an event of CloudWatch Logs, or in a row of Logs Insights; undefined for any other object. */
function eventIn(value: JsonObject): LogEvent | undefined {
  if ('@message' in value) return eventOfRow(value, textOf(value['@message']));
  const { timestamp, message, logStreamName } = value;
  if (typeof timestamp === 'number' && typeof message === 'string')
    return Object.keys(value).every((name) => EVENT_MEMBERS.has(name))
      ? { message: withoutNewline(message), timeMs: timestamp, logStream: stringOf(logStreamName) }
      : undefined;
  if (!('@timestamp' in value || '@ptr' in value) || !('query_name' in value)) return undefined;
  // A row of the fields that Logs Insights found in a Resolver record.
  const fields = Object.entries(value).filter(([name]) => !name.startsWith('@'));
  return eventOfRow(value, JSON.stringify(Object.fromEntries(fields)));
}

function eventOfRow(row: JsonObject, message: string): LogEvent {
  const [, owner, logGroup] = /^(\d{12}):(.{1,512})$/.exec(stringOf(row['@log']) ?? '') ?? [];
  const timeMs = Date.parse(`${stringOf(row['@timestamp'])?.replace(' ', 'T')}Z`);
  return {
    message: withoutNewline(message),
    timeMs: Number.isFinite(timeMs) ? timeMs : undefined,
    logStream: stringOf(row['@logStream']),
    logGroup,
    owner,
  };
}

/** The console parses messages of JSON where it downloads JSON. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
