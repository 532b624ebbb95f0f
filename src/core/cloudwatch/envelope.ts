// A CloudWatch Logs subscription envelope, as gzip in a Firehose record or plain:
//   {"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/containerinsights/shop/application",
//    "logStream":"...","subscriptionFilters":["f"],"logEvents":[{"id":"3950...","timestamp":1700000000000,"message":"..."}]}
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
import { isAscii } from 'node:buffer';
import { isAt, literal } from '../fast-path/bytes.ts';
import type { Envelope, EventSpan } from '../model/envelope.ts';
import { eachElement, eachMember, skipSpace, stringEnd, stringValue, valueEnd } from '../util/json-scan.ts';

/** Reads an envelope from its bytes; undefined when they are none. Never throws. */
export function readEnvelope(data: Buffer): Envelope | undefined {
  const text = data.toString('latin1');
  const head = new Map<string, string>();
  const events: EventSpan[] = [];
  let isEnvelope = true;
  const at = skipSpace(text, 0);
  const listAt = text.indexOf('"logEvents":[', at);
  // CloudWatch prints the list last and its members without spaces: then events are found by their borders alone.
  const fastEnd = listAt > 0 ? readEventsByBorders(data, text, listAt + '"logEvents":['.length, events) : -1;
  const end = eachMemberExceptEvents(text, at, fastEnd > 0 ? listAt : -1, fastEnd, (key, start, stop) => {
    if (key === 'logEvents') {
      events.length = 0;
      isEnvelope &&= readEventsByMembers(text, start, events);
    } else if (text.charCodeAt(start) === 0x22) {
      const value = stringValue(text.slice(start, stop));
      if (value !== undefined) head.set(key, value);
    }
  });
  const messageType = head.get('messageType');
  if (end < 0 || !isEnvelope || messageType === undefined || skipSpace(text, end) !== text.length)
    return undefined;
  return {
    bytes: data,
    text,
    isAscii: isAscii(data),
    messageType,
    owner: head.get('owner'),
    logGroup: head.get('logGroup'),
    logStream: head.get('logStream'),
    events,
  };
}

/** Visits the envelope's members; a list already read (`skipFrom` .. `skipTo`) is stepped over. */
function eachMemberExceptEvents(
  text: string,
  at: number,
  skipFrom: number,
  skipTo: number,
  visit: (key: string, start: number, end: number) => void,
): number {
  if (skipFrom < 0) return eachMember(text, at, visit);
  // Everything before the list is short: read it as an object of its own, likewise what follows.
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

const EVENT_OPEN = literal('{"id":"');
const TIMESTAMP = literal('","timestamp":');
const MESSAGE = literal(',"message":"');
const BORDER = '},{"id":"';

/**
 * Reads events in the one layout that CloudWatch prints, by searching for their borders. Inside a string literal a
 * quote always has a backslash before it, so `},{"id":"` cannot be part of a message, and `,"` only where the message
 * ends in a comma. Returns the position behind the list, or -1 where anything looks different (the slow way decides).
 */
function readEventsByBorders(bytes: Buffer, text: string, at: number, events: EventSpan[]): number {
  let start = at;
  for (;;) {
    if (!isAt(bytes, start, EVENT_OPEN)) return -1;
    const idStart = start + EVENT_OPEN.length - 1;
    const idEnd = text.indexOf('"', idStart + 1);
    if (idEnd < 0 || !isAt(bytes, idEnd, TIMESTAMP)) return -1;
    const timeStart = idEnd + TIMESTAMP.length;
    let comma = timeStart;
    let timestampMs = 0;
    for (; isDigit(bytes[comma]); comma++) timestampMs = timestampMs * 10 + (bytes[comma] ?? 0) - 0x30;
    if (comma === timeStart || comma - timeStart > 16 || !isAt(bytes, comma, MESSAGE)) return -1;
    const messageStart = comma + MESSAGE.length - 1;
    const border = text.indexOf(BORDER, messageStart + 1);
    let messageEnd: number;
    if (border < 0) {
      messageEnd = stringEnd(text, messageStart);
      if (messageEnd < 0 || bytes[messageEnd] !== 0x7d) return -1;
    } else {
      messageEnd = border;
      const member = text.indexOf(',"', messageStart + 1);
      if (member >= 0 && member < border - 2) return -1;
      if (bytes[border - 1] !== 0x22 || border - 1 === messageStart) return -1;
    }
    const end = messageEnd + 1;
    events.push({ idStart, idEnd: idEnd + 1, timestampMs, start, end, messageStart, messageEnd });
    if (border < 0) return bytes[end] === 0x5d ? end + 1 : -1;
    start = border + 2;
  }
}

const isDigit = (byte = 0): boolean => byte >= 0x30 && byte <= 0x39;

/** Reads events in any layout JSON allows. An event without a text `message` is kept in place and never touched. */
function readEventsByMembers(text: string, at: number, events: EventSpan[]): boolean {
  const end = eachElement(text, at, (start, stop) => {
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
      }
    });
    events.push({ idStart, idEnd, timestampMs, start, end: stop, messageStart, messageEnd });
  });
  return end >= 0 && end === valueEnd(text, at);
}

/** The id that CloudWatch gave an event; empty text where it has none. */
export function eventId({ text, events }: Envelope, index: number): string {
  const { idStart, idEnd } = events[index] ?? NO_ID;
  return idStart < 0 ? '' : (stringValue(text.slice(idStart, idEnd)) ?? '');
}

const NO_ID = { idStart: -1, idEnd: -1 };
