// The envelope of a CloudWatch Logs subscription, gzipped or plain in a Firehose record:
//   {"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/containerinsights/shop/application",
//    "logStream":"...","subscriptionFilters":["f"],"logEvents":[{"id":"3950...","timestamp":1700000000000,"message":"..."}]}
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
import { isAscii } from 'node:buffer';
import type { UnreadReason } from '../model/batch-limits.ts';
import type { Envelope, EventSpan } from '../model/envelope.ts';
import type { SystemFields } from '../model/origin.ts';
import { detachString } from '../util/detach-string.ts';
import { eachElement, eachMember, skipSpace, stringValue, valueEnd } from '../util/json-scan.ts';
import { findEventsByBorders } from './event-borders.ts';
import { createSystemFieldsReader } from './system-fields.ts';

// CloudWatch's own members are ten at most, and the names of groups and streams have up to 512 characters.
const MAX_MEMBERS = 256;
const MAX_MEMBER_BYTES = 4096;
const MEMBERS: ReadonlySet<string> = new Set(['messageType', 'owner', 'logGroup', 'logStream']);

/**
 * Finds the members and the positions of the events in the bytes of an envelope; undefined for any other bytes. Never
 * throws. Of two members with one name the last counts, and names may have escapes, as in any JSON. An envelope with more
 * than `maxEvents` events, or with members that CloudWatch does not write, is undefined too, after its reason was passed to
 * `unread`.
 */
export function readEnvelope(
  data: Buffer,
  maxEvents = Number.POSITIVE_INFINITY,
  unread: (reason: UnreadReason) => void = () => undefined,
): Envelope | undefined {
  const text = data.toString('latin1');
  const at = skipSpace(text, 0);
  const events: EventSpan[] = [];
  let reason: UnreadReason | undefined;
  const refuse = (found: UnreadReason): void => {
    reason = found;
  };
  const list = findList(data, text, at, events, maxEvents);
  const found = list === undefined ? undefined : readMembers(data, text, at, events, list, maxEvents, refuse);
  const envelope = found ?? readMembers(data, text, at, [], undefined, maxEvents, refuse);
  if (envelope === undefined && reason !== undefined) unread(reason);
  return envelope;
}

/** Where an event list stands that was read already. */
type ListSpan = { readonly start: number; readonly end: number };

/** Finds the event list by the borders of its events (event-borders.ts); undefined in any other layout. */
function findList(
  data: Buffer,
  text: string,
  at: number,
  events: EventSpan[],
  maxEvents: number,
): ListSpan | undefined {
  const start = text.indexOf(EVENT_LIST, at);
  // Behind another character it may be the end of a longer name.
  const before = text.charCodeAt(start - 1);
  if (start < 0 || (before !== COMMA && before !== OPEN)) return undefined;
  const end = findEventsByBorders(data, text, start + EVENT_LIST.length, events, maxEvents);
  return end < 0 ? undefined : { start, end };
}

function readMembers(
  data: Buffer,
  text: string,
  at: number,
  events: EventSpan[],
  list: ListSpan | undefined,
  maxEvents: number,
  refuse: (reason: UnreadReason) => void,
): Envelope | undefined {
  const members = new Map<string, string>();
  let isEnvelope = true;
  let count = 0;
  const end = eachMemberExceptEvents(text, at, list, (key, start, stop) => {
    count++;
    const isUsed = MEMBERS.has(key);
    if (count > MAX_MEMBERS || (isUsed && stop - start > MAX_MEMBER_BYTES)) {
      refuse('record-members');
      return false;
    }
    if (key === 'logEvents') {
      events.length = 0;
      isEnvelope = readEvents(text, start, events, maxEvents);
      if (events.length > maxEvents) refuse('record-events');
      return events.length <= maxEvents;
    }
    if (!isUsed) return true;
    const value = text.charCodeAt(start) === QUOTE ? stringValue(text.slice(start, stop)) : undefined;
    if (value === undefined) members.delete(key);
    else members.set(key, value);
    return true;
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
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x7b;

/** Visits the members of the envelope, except for an event list that was read already. */
function eachMemberExceptEvents(
  text: string,
  at: number,
  list: ListSpan | undefined,
  visit: (key: string, start: number, end: number) => boolean,
): number {
  if (list === undefined) return eachMember(text, at, visit);
  // The members before the list and those after it are short, so each part is read as a separate object.
  const before = `${text.slice(at, list.start)}"":0}`;
  if (eachMember(before, 0, (key, start, end) => visit(key, at + start, at + end)) !== before.length)
    return -1;
  const after = skipSpace(text, list.end);
  if (text.charCodeAt(after) === 0x7d) return after + 1;
  if (text.charCodeAt(after) !== 0x2c) return -1;
  const rest = `{${text.slice(after + 1)}`;
  const end = eachMember(rest, 0, (key, start, stop) => visit(key, after + start, after + stop));
  return end < 0 ? -1 : after + end;
}

/**
 * Reads events in any valid JSON layout; one more than `maxEvents` where there are more. An event without a string
 * `message` is kept in place and is not changed.
 */
function readEvents(text: string, at: number, events: EventSpan[], maxEvents: number): boolean {
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
      } else if (key === 'timestamp') timestampMs = timeIn(text, from, to);
      else if (key === 'message') {
        const isText = text.charCodeAt(from) === QUOTE;
        messageStart = isText ? from : -1;
        messageEnd = isText ? to : -1;
      } else if (key === 'extractedFields') systemFields = readSystemFields(text.slice(from, to));
      return true;
    });
    events.push({ idStart, idEnd, timestampMs, start, end: stop, messageStart, messageEnd, systemFields });
    return events.length <= maxEvents;
  });
  return end >= 0 && end === valueEnd(text, at);
}

// The number of milliseconds in any spelling; longer text is not a time.
const MAX_TIME_CHARS = 64;

const timeIn = (text: string, from: number, to: number): number =>
  to - from > MAX_TIME_CHARS ? Number.NaN : Number(text.slice(from, to));

/** The id of an event, assigned by CloudWatch; empty text for an event without one, or with one that it cannot have assigned. */
export function eventId({ text, events }: Envelope, index: number): string {
  const { idStart, idEnd } = events[index] ?? NO_ID;
  return idStart < 0 || idEnd - idStart > MAX_MEMBER_BYTES
    ? ''
    : (stringValue(text.slice(idStart, idEnd)) ?? '');
}

const NO_ID = { idStart: -1, idEnd: -1 };
