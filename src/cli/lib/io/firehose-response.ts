// Reads a transformation response: the outcome of every record and event.
import type { FirehoseTransformationResult } from 'aws-lambda';
import { joinedObjects } from '../../../core/util/joined-objects.ts';
import { isObject } from '../../../core/util/json.ts';
import { inflateIfGzip } from './inflate.ts';
import { parseJson } from './json.ts';

/** A normalised record, or any other JSON object in a message. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** One log event of the output: a normalised record, or the unchanged message. */
export type OutputEvent = { readonly record: JsonRecord | undefined; readonly message: string };

/** One Firehose record of the output. */
export type OutputRecord = {
  readonly recordId: string;
  readonly result: string;
  /** Whether the data is identical to the input. */
  readonly isUnchanged: boolean;
  /** Its log events or lines; empty if the data is unreadable. */
  readonly events: readonly OutputEvent[];
};

/** Decodes a response and compares it with its request. */
export function readResponse(
  request: { readonly records: readonly { readonly recordId: string; readonly data: string }[] },
  response: FirehoseTransformationResult,
): OutputRecord[] {
  const sent = new Map(request.records.map(({ recordId, data }) => [recordId, data]));
  return response.records.map(({ recordId, result, data }) => ({
    recordId,
    result,
    isUnchanged: sent.get(recordId) === data,
    events: messagesOf(data ?? '').map((message) => ({ message, record: normalisedRecord(message) })),
  }));
}

/** All normalised records of an output, in order. */
export const recordsIn = (outcomes: readonly OutputRecord[]): JsonRecord[] =>
  outcomes.flatMap(({ events }) =>
    events.flatMap(({ record }): JsonRecord[] => (record === undefined ? [] : [record])),
  );

/** The messages in a record's data (base64): those of its envelopes, or the lines of a text. */
function messagesOf(data: string): string[] {
  const text = textIn(Buffer.from(data, 'base64'));
  const envelopes = text.includes('"logEvents"') ? (joinedObjects(text) ?? [text]).map(eventsOf) : [];
  // A line may have such a member as well.
  if (envelopes.length === 0 || envelopes.includes(undefined))
    return text.split('\n').filter((line) => line !== '');
  return envelopes.flatMap((events = []) => events.map(messageOf));
}

/** The text of data; empty for corrupt gzip. */
function textIn(data: Buffer): string {
  try {
    return inflateIfGzip(data).toString('utf8');
  } catch {
    return '';
  }
}

/** The events of an envelope; undefined for any other text. */
function eventsOf(text: string): readonly unknown[] | undefined {
  const value = parseJson(text);
  return isObject(value) && Array.isArray(value.logEvents) ? value.logEvents : undefined;
}

/** An event's message; the whole event as JSON if its message is not a string. */
function messageOf(event: unknown): string {
  const message = (event as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : JSON.stringify(event);
}

/** The normalised record in a message; undefined for other messages. */
function normalisedRecord(message: string): JsonRecord | undefined {
  if (!message.startsWith('{"timestamp":')) return undefined;
  const record = JSON.parse(message) as JsonRecord;
  return typeof record['log.source'] === 'string' ? record : undefined;
}
