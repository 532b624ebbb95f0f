// The envelope of a CloudWatch Logs subscription, gzipped or plain in a Firehose record:
//   {"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/containerinsights/shop/application",
//    "logStream":"...","subscriptionFilters":["f"],"logEvents":[{"id":"3950...","timestamp":1700000000000,"message":"..."}]}
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
import { isAscii } from 'node:buffer';
import type { Envelope, EventSpan } from '../model/envelope.ts';
import type { SystemFields } from '../model/origin.ts';
import { detachString } from '../util/detach-string.ts';
import { eachElement, eachMember, skipSpace, stringValue, valueEnd } from '../util/json-scan.ts';
import { createSystemFieldsReader } from './system-fields.ts';

/**
 * Adds the events of the list whose first event starts at `at` to `events`. Returns the position after the list, or -1
 * for a layout that it does not support: `readEnvelope` then reads the list with its own JSON scanner.
 */
export type FindEvents = (bytes: Buffer, text: string, at: number, events: EventSpan[]) => number;

/**
 * Finds the members and the positions of the events in the bytes of an envelope; undefined for any other bytes. Never
 * throws. `findEvents` is an optional faster scanner for the event list.
 */
export function readEnvelope(data: Buffer, findEvents?: FindEvents): Envelope | undefined {
  const text = data.toString('latin1');
  const members = new Map<string, string>();
  const events: EventSpan[] = [];
  let isEnvelope = true;
  const at = skipSpace(text, 0);
  const listAt = findEvents === undefined ? -1 : text.indexOf(EVENT_LIST, at);
  const listEnd = listAt > 0 && findEvents ? findEvents(data, text, listAt + EVENT_LIST.length, events) : -1;
  const end = eachMemberExceptEvents(text, at, listEnd > 0 ? listAt : -1, listEnd, (key, start, stop) => {
    if (key === 'logEvents') {
      events.length = 0;
      isEnvelope &&= readEvents(text, start, events);
    } else if (text.charCodeAt(start) === 0x22) {
      const value = stringValue(text.slice(start, stop));
      if (value !== undefined) members.set(key, value);
    }
  });
  const messageType = members.get('messageType');
  if (end < 0 || !isEnvelope || messageType === undefined || skipSpace(text, end) !== text.length)
    return undefined;
  // What is remembered of a group or stream must not keep the envelope in memory.
  const member = (name: string): string | undefined => {
    const value = members.get(name);
    return value === undefined || value === '' ? undefined : detachString(value);
  };
  return {
    bytes: data,
    text,
    isAscii: isAscii(data),
    messageType,
    owner: member('owner'),
    logGroup: member('logGroup'),
    logStream: member('logStream'),
    events,
  };
}

const EVENT_LIST = '"logEvents":[';

/** Visits the members of the envelope, except for an event list that was read already (`skipFrom` to `skipTo`). */
function eachMemberExceptEvents(
  text: string,
  at: number,
  skipFrom: number,
  skipTo: number,
  visit: (key: string, start: number, end: number) => void,
): number {
  if (skipFrom < 0) return eachMember(text, at, visit);
  // The members before the list and those after it are short, so each part is read as a separate object.
  const before = `${text.slice(at, skipFrom)}"":0}`;
  if (eachMember(before, 0, (key, start, end) => visit(key, at + start, at + end)) !== before.length)
    return -1;
  const after = skipSpace(text, skipTo);
  if (text.charCodeAt(after) === 0x7d) return after + 1;
  if (text.charCodeAt(after) !== 0x2c) return -1;
  const rest = `{${text.slice(after + 1)}`;
  const end = eachMember(rest, 0, (key, start, stop) => visit(key, after + start, after + stop));
  return end < 0 ? -1 : after + end;
}

/** Reads events in any valid JSON layout. An event without a string `message` is kept in place and is not changed. */
function readEvents(text: string, at: number, events: EventSpan[]): boolean {
  const readSystemFields = createSystemFieldsReader();
  const end = eachElement(text, at, (start, stop) => {
    let systemFields: SystemFields | undefined;
    let idStart = -1;
    let idEnd = -1;
    let timestampMs = Number.NaN;
    let messageStart = -1;
    let messageEnd = -1;
    eachMember(text, start, (key, from, to) => {
      if (key === 'id') {
        idStart = from;
        idEnd = to;
      } else if (key === 'timestamp') timestampMs = Number(text.slice(from, to));
      else if (key === 'message' && text.charCodeAt(from) === 0x22) {
        messageStart = from;
        messageEnd = to;
      } else if (key === 'extractedFields') systemFields = readSystemFields(text.slice(from, to));
    });
    events.push({ idStart, idEnd, timestampMs, start, end: stop, messageStart, messageEnd, systemFields });
  });
  return end >= 0 && end === valueEnd(text, at);
}

/** The id of an event, assigned by CloudWatch; empty text for an event without one. */
export function eventId({ text, events }: Envelope, index: number): string {
  const { idStart, idEnd } = events[index] ?? NO_ID;
  return idStart < 0 ? '' : (stringValue(text.slice(idStart, idEnd)) ?? '');
}

const NO_ID = { idStart: -1, idEnd: -1 };
