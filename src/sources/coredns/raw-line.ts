// The lines that nearly all of CoreDNS's output consists of, read without decoding the JSON around them:
//   [INFO] 10.0.1.23:40212 - 29008 \"A IN example.org. udp 40 false 1232\" NOERROR qr,rd,ra 56 0.000005874s
import type { DnsEvent } from '../../model/dns-event.ts';
import type { RawLine } from '../../model/line.ts';
import { readHead } from './common.ts';
import { queryEvent } from './query.ts';

const INFO = '[INFO] ';

/** Reads a line in the default format, asked over IPv4, whose name needs no escape; undefined for any other. */
export function readRawLine(raw: RawLine): DnsEvent | undefined {
  const { text, bytes, start, end, depth, timeMs, emitter } = raw;
  const at = start + INFO.length;
  if (!text.startsWith(INFO, start) || !isDigit(text.charCodeAt(at))) return undefined;
  const head = readHead(text, at, 'either', end, 2 * depth - 1);
  if (head === undefined || head.end !== end) return undefined;
  const { query } = head;
  // Before 1.2.6 a date stood there in brackets, of which `readHead` looks at nothing.
  const idAt = text.indexOf(' ', at) + 3;
  if (query.isPartial || text.charCodeAt(idAt) === 0x5b) return undefined;
  if (!isIPv4Text(query.clientIp) || !isPlainName(query.name)) return undefined;
  return queryEvent(
    {
      timeMs: timeMs ?? raw.timestampMs,
      timeIsCertain: timeMs !== undefined || !raw.timeIsArrival,
      content: { bytes, start: at, end, depth },
      emitter,
    },
    query,
  );
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Digits and dots. */
function isIPv4Text(text: string | undefined): boolean {
  if (text === undefined) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (!isDigit(code) && code !== 0x2e) return false;
  }
  return true;
}

/** Printable ASCII that stands in JSON as it is. */
function isPlainName(name: string | undefined): boolean {
  if (name === undefined) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === 0x22 || code === 0x5c) return false;
  }
  return true;
}
