import { gunzipSync } from 'node:zlib';
import type { FirehoseTransformationResult } from 'aws-lambda';

/** A normalized record, or any other JSON object that stands in a message. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** One log event as it left: a normalized record, or the message that went through untouched. */
export type OutputEvent = { readonly record: JsonRecord | undefined; readonly message: string };

/** One Firehose record as it left. */
export type OutputRecord = {
  readonly recordId: string;
  readonly result: string;
  /** Whether the data is, byte for byte, what came in. */
  readonly isUnchanged: boolean;
  /** Its log events or lines; empty where the data cannot be read. */
  readonly events: readonly OutputEvent[];
};

/** Reads a response beside its request, for people: what became of every record and event. */
export function readResponse(
  request: { readonly records: readonly { readonly recordId: string; readonly data: string }[] },
  response: FirehoseTransformationResult,
): OutputRecord[] {
  const sent = new Map(request.records.map(({ recordId, data }) => [recordId, data]));
  return response.records.map(({ recordId, result, data }) => ({
    recordId,
    result,
    isUnchanged: sent.get(recordId) === data,
    events: messagesOf(data ?? '').map((message) => ({ message, record: normalizedRecord(message) })),
  }));
}

/** The normalized records among what left, in order. */
export const recordsIn = (outcomes: readonly OutputRecord[]): JsonRecord[] =>
  outcomes.flatMap(({ events }) =>
    events.flatMap(({ record }): JsonRecord[] => (record === undefined ? [] : [record])),
  );

/** The messages that a record's data (base64) holds: those of an envelope, or the lines of a text. */
function messagesOf(data: string): string[] {
  const bytes = Buffer.from(data, 'base64');
  try {
    const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
    const envelope = text.includes('"logEvents"')
      ? (JSON.parse(text) as { logEvents: unknown[] })
      : undefined;
    return envelope?.logEvents.map(messageOf) ?? text.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** An event that has no text for a message stands for itself. */
function messageOf(event: unknown): string {
  const message = (event as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : JSON.stringify(event);
}

/** The record in a message, if it is one of ours: only they have a question and a source. */
function normalizedRecord(message: string): JsonRecord | undefined {
  if (!message.startsWith('{"timestamp":')) return undefined;
  const record = JSON.parse(message) as JsonRecord;
  return typeof record['log.source'] === 'string' ? record : undefined;
}
