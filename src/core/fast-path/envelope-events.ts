import type { EventSpan } from '../model/envelope.ts';
import { stringEnd } from '../util/json-scan.ts';
import { asciiBytes, startsWithAt } from './bytes.ts';

const EVENT_OPEN = asciiBytes('{"id":"');
const TIMESTAMP = asciiBytes('","timestamp":');
const MESSAGE = asciiBytes(',"message":"');
const BORDER = '},{"id":"';

/**
 * Finds events in the one layout that CloudWatch prints (list last, no white space), by searching for their borders.
 * Inside a JSON string a quote always follows a backslash, so `},{"id":"` cannot be part of a message, and `,"` only
 * where the message ends in a comma. Returns -1 for any other layout, see `FindEvents`.
 */
export function findEventsByBorders(bytes: Buffer, text: string, at: number, events: EventSpan[]): number {
  let start = at;
  for (;;) {
    if (!startsWithAt(bytes, start, EVENT_OPEN)) return -1;
    const idStart = start + EVENT_OPEN.length - 1;
    const idEnd = text.indexOf('"', idStart + 1);
    if (idEnd < 0 || !startsWithAt(bytes, idEnd, TIMESTAMP)) return -1;
    const timeStart = idEnd + TIMESTAMP.length;
    let comma = timeStart;
    let timestampMs = 0;
    for (; isDigit(bytes[comma]); comma++) timestampMs = timestampMs * 10 + (bytes[comma] ?? 0) - 0x30;
    if (comma === timeStart || comma - timeStart > 16 || !startsWithAt(bytes, comma, MESSAGE)) return -1;
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
    if (border < 0) return bytes[end] === 0x5d ? end + 1 : -1;
    start = border + 2;
  }
}

const isDigit = (byte = 0): boolean => byte >= 0x30 && byte <= 0x39;
