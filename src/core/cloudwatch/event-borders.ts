import type { EventSpan } from '../model/envelope.ts';
import { asciiBytes, startsWithAt } from '../util/bytes.ts';
import { stringEnd } from '../util/json-scan.ts';

const EVENT_OPEN = asciiBytes('{"id":"');
const TIMESTAMP = asciiBytes('","timestamp":');
const MESSAGE = asciiBytes(',"message":"');
const BORDER = '},{"id":"';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE_OBJECT = 0x7d;
const CLOSE_LIST = 0x5d;

/**
 * Adds the events of the list whose first event starts at `at` to `events`, in the one layout that CloudWatch prints (list
 * last, no white space), by searching for the borders of events: several times faster than reading every member. Returns
 * the position after the list, or -1 for any other layout, and for more than `maxEvents` events.
 *
 * Inside a JSON string a quote always follows a backslash, so `},{"id":"` cannot be part of a message. That a message
 * reaches up to a border, without another member or event between, is known because no quote there opens a string: it
 * would stand behind one of `{ [ , :` or white space.
 */
export function findEventsByBorders(
  bytes: Buffer,
  text: string,
  at: number,
  events: EventSpan[],
  maxEvents = Number.POSITIVE_INFINITY,
): number {
  if (hasOpeningQuote(text, at)) return -1;
  let start = at;
  for (;;) {
    if (!startsWithAt(bytes, start, EVENT_OPEN)) return -1;
    const idStart = start + EVENT_OPEN.length - 1;
    const idEnd = text.indexOf('"', idStart + 1);
    if (idEnd < 0 || bytes[idEnd - 1] === BACKSLASH || !startsWithAt(bytes, idEnd, TIMESTAMP)) return -1;
    const timeStart = idEnd + TIMESTAMP.length;
    let comma = timeStart;
    let timestampMs = 0;
    for (; isDigit(bytes[comma]); comma++) timestampMs = timestampMs * 10 + (bytes[comma] ?? 0) - 0x30;
    if (comma === timeStart || comma - timeStart > 16 || !startsWithAt(bytes, comma, MESSAGE)) return -1;
    const messageStart = comma + MESSAGE.length - 1;
    const border = nextBorder(text, messageStart + 1);
    let messageEnd = border;
    if (border < 0) {
      messageEnd = stringEnd(text, messageStart);
      if (messageEnd < 0 || bytes[messageEnd] !== CLOSE_OBJECT) return -1;
    } else {
      const member = text.indexOf(',"', messageStart + 1);
      if (member >= 0 && member < border - 2) return -1;
      if (bytes[border - 1] !== QUOTE || border - 1 === messageStart) return -1;
    }
    const end = messageEnd + 1;
    events.push({
      idStart,
      idEnd: idEnd + 1,
      timestampMs,
      start,
      end,
      messageStart,
      messageEnd,
      // Another member would have made this a layout that is not supported.
      systemFields: undefined,
    });
    if (events.length > maxEvents) return -1;
    if (border < 0) return bytes[end] === CLOSE_LIST ? end + 1 : -1;
    start = border + 2;
  }
}

/** Position of the next `},{"id":"`; -1 if another quote behind a brace comes first, or none. */
function nextBorder(text: string, at: number): number {
  for (let brace = text.indexOf('{"', at); brace >= 0; brace = text.indexOf('{"', brace + 2)) {
    if (text.startsWith(BORDER, brace - 2)) return brace - 2;
    // A message may end in a brace.
    if (!text.startsWith(BORDER, brace + 2)) return -1;
  }
  return -1;
}

/** Whether a quote stands where only white space or a bracket can have led to it, other than at the end of a message. */
function hasOpeningQuote(text: string, at: number): boolean {
  // In a JSON string these are escaped. At the end of the envelope they are harmless, and not expected.
  if (text.includes('\n', at) || text.includes('\r', at) || text.includes('\t', at)) return true;
  return hasQuoteBehind(text, ' "', at) || hasQuoteBehind(text, '["', at);
}

function hasQuoteBehind(text: string, pair: string, at: number): boolean {
  for (let i = text.indexOf(pair, at); i >= 0; i = text.indexOf(pair, i + 2)) {
    if (!text.startsWith(BORDER, i + 2)) return true;
  }
  return false;
}

const isDigit = (byte = 0): boolean => byte >= 0x30 && byte <= 0x39;
