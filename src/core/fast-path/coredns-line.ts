// The lines that nearly all of CoreDNS's output consists of, read in place:
//   [INFO] 10.0.1.23:40212 - 29008 \"A IN example.org. udp 40 false 1232\" NOERROR qr,rd,ra 56 0.000005874s
import { type DnsEvent, emptyEvent } from '../model/dns-event.ts';
import type { EventLookupKeys } from '../model/ports.ts';
import { durationIn, TOO_LONG } from '../sources/coredns/values.ts';
import {
  asciiBytes,
  CLASS_COMMA,
  CLASS_DIGIT,
  CLASS_DOT,
  CLASS_LOWER,
  CLASS_PLAIN_LOWER,
  CLASS_UPPER,
  digitsEnd,
  ipv4End,
  numberAt,
  skipClass,
  startsWithAt,
} from '../util/bytes.ts';
import { MAX_PORT } from '../util/ip-address.ts';
import type { EscapedLine, InPlaceReader } from './escaped-line.ts';
import { createEscapedSlice } from './escaped-slice.ts';

const INFO = asciiBytes('[INFO] ');
const DASH = asciiBytes(' - ');
const A_IN = asciiBytes('A IN ');
const AAAA_IN = asciiBytes('AAAA IN ');
const IN = asciiBytes(' IN ');
const UDP = asciiBytes(' udp ');
const TCP = asciiBytes(' tcp ');
const FALSE = asciiBytes(' false ');
const TRUE = asciiBytes(' true ');
const NOERROR = asciiBytes('NOERROR ');
const NXDOMAIN = asciiBytes('NXDOMAIN ');
/** A quote by its escape level. */
const QUOTES = { 1: asciiBytes('\\"'), 2: asciiBytes('\\\\\\"') } as const;

const SPACE = 0x20;
const COLON = 0x3a;
const FINAL_DOT = 0x2e;
const SECONDS = 0x73;

// Most digits that `readDefaultFormat` (sources/coredns/common.ts) accepts.
const NUMBER = 10;
const PORT = 5;
const ID = 5;
const OP_CODE = 2;

/**
 * Creates a reader of answered queries in the default formats, from an IPv4 client, for a name in lower case that needs
 * no escape.
 */
export function createCoreDnsLineReader(): InPlaceReader {
  const event = emptyEvent('coredns');
  const content = createEscapedSlice();
  event.content = content;

  /** `10.0.1.23:40212 - 29008 `; each of these functions returns the position of the next part, or -1. */
  const readClient = (bytes: Buffer, text: string, at: number): number => {
    const ipEnd = ipv4End(bytes, at);
    if (ipEnd < 0 || bytes[ipEnd] !== COLON) return -1;
    const portEnd = digitsEnd(bytes, ipEnd + 1, PORT);
    if (portEnd < 0 || !startsWithAt(bytes, portEnd, DASH)) return -1;
    const port = numberAt(bytes, ipEnd + 1, portEnd);
    if (port > MAX_PORT) return -1;
    const idAt = portEnd + DASH.length;
    const idEnd = digitsEnd(bytes, idAt, ID);
    if (idEnd < 0 || bytes[idEnd] !== SPACE) return -1;
    event.clientIp = text.slice(at, ipEnd);
    event.clientPort = port;
    event.id = text.slice(idAt, idEnd);
    return idEnd + 1;
  };

  /** `A IN example.org. udp ` */
  const readQuestion = (bytes: Buffer, text: string, at: number): number => {
    const nameAt = readType(bytes, text, at);
    const end = nameAt < 0 ? -1 : skipClass(bytes, nameAt, CLASS_PLAIN_LOWER);
    if (end <= nameAt || bytes[end - 1] !== FINAL_DOT) return -1;
    const isTcp = startsWithAt(bytes, end, TCP);
    if (!isTcp && !startsWithAt(bytes, end, UDP)) return -1;
    event.name = end - nameAt === 1 ? '.' : text.slice(nameAt, end - 1);
    event.transport = isTcp ? 'tcp' : 'udp';
    return end + UDP.length;
  };

  const readType = (bytes: Buffer, text: string, at: number): number => {
    const isA = startsWithAt(bytes, at, A_IN);
    if (isA || startsWithAt(bytes, at, AAAA_IN)) {
      event.type = isA ? 'A' : 'AAAA';
      return at + (isA ? A_IN.length : AAAA_IN.length);
    }
    const end = skipClass(bytes, at + 1, CLASS_UPPER | CLASS_DIGIT);
    event.type = text.slice(at, end);
    // `HINFO` may be a query that CoreDNS sends to itself.
    const isPlain = skipClass(bytes, at, CLASS_UPPER) > at && end - at <= 16 && event.type !== 'HINFO';
    return isPlain && startsWithAt(bytes, end, IN) ? end + IN.length : -1;
  };

  /** `40 false 1232` */
  const readRequest = (bytes: Buffer, at: number): number => {
    const sizeEnd = digitsEnd(bytes, at, NUMBER);
    const isDo = startsWithAt(bytes, sizeEnd, TRUE);
    if (sizeEnd < 0 || !(isDo || startsWithAt(bytes, sizeEnd, FALSE))) return -1;
    const bufferAt = sizeEnd + (isDo ? TRUE.length : FALSE.length);
    const end = digitsEnd(bytes, bufferAt, NUMBER);
    event.requestBytes = numberAt(bytes, at, sizeEnd);
    event.ednsDo = isDo;
    event.ednsUdpSize = numberAt(bytes, bufferAt, end);
    return end;
  };

  /** `NOERROR qr,rd,ra 56 0.000005874s` */
  const readResponse = (bytes: Buffer, text: string, at: number): number => {
    const flagsAt = readCode(bytes, text, at);
    const flagsEnd = flagsAt < 0 ? -1 : skipClass(bytes, flagsAt, CLASS_LOWER | CLASS_COMMA);
    const sizeEnd = digitsEnd(bytes, flagsEnd + 1, NUMBER);
    if (flagsEnd <= flagsAt || bytes[flagsEnd] !== SPACE || sizeEnd < 0 || bytes[sizeEnd] !== SPACE)
      return -1;
    const end = skipClass(bytes, sizeEnd + 1, CLASS_DIGIT | CLASS_DOT | CLASS_LOWER);
    event.headerFlags = text.slice(flagsAt, flagsEnd);
    event.responseBytes = numberAt(bytes, flagsEnd + 1, sizeEnd);
    event.durationNs = durationAt(bytes, text, sizeEnd + 1, end);
    return event.durationNs === undefined || event.durationNs === TOO_LONG ? -1 : end;
  };

  const readCode = (bytes: Buffer, text: string, at: number): number => {
    const isNoError = startsWithAt(bytes, at, NOERROR);
    if (isNoError || startsWithAt(bytes, at, NXDOMAIN)) {
      event.responseCode = isNoError ? 'NOERROR' : 'NXDOMAIN';
      return at + (isNoError ? NOERROR.length : NXDOMAIN.length);
    }
    const end = skipClass(bytes, at, CLASS_UPPER);
    event.responseCode = text.slice(at, end);
    return end === at || end - at > 16 || bytes[end] !== SPACE ? -1 : end + 1;
  };

  /** ` "0"` */
  const readOpCode = (bytes: Buffer, text: string, at: number, quote: Uint8Array): number => {
    const codeAt = at + 1 + quote.length;
    if (bytes[at] !== SPACE || !startsWithAt(bytes, at + 1, quote)) return -1;
    const end = digitsEnd(bytes, codeAt, OP_CODE);
    event.opCode = text.slice(codeAt, end);
    return end >= 0 && startsWithAt(bytes, end, quote) ? end + quote.length : -1;
  };

  const scanKeys = ({ text, bytes, start }: EscapedLine): EventLookupKeys | undefined => {
    if (!startsWithAt(bytes, start, INFO)) return undefined;
    const at = start + INFO.length;
    const ipEnd = skipClass(bytes, at, CLASS_DIGIT | CLASS_DOT);
    if (bytes[ipEnd] !== COLON) return undefined;
    event.clientIp = text.slice(at, ipEnd);
    return event;
  };

  const parse = (line: EscapedLine): DnsEvent | undefined => {
    const { text, bytes, start, end, level, timeMs } = line;
    if (!startsWithAt(bytes, start, INFO)) return undefined;
    const quote = QUOTES[level];
    const openAt = readClient(bytes, text, start + INFO.length);
    if (openAt < 0 || !startsWithAt(bytes, openAt, quote)) return undefined;
    const requestAt = readQuestion(bytes, text, openAt + quote.length);
    const closeAt = requestAt < 0 ? -1 : readRequest(bytes, requestAt);
    if (closeAt < 0 || !startsWithAt(bytes, closeAt, quote) || bytes[closeAt + quote.length] !== SPACE)
      return undefined;
    const responseEnd = readResponse(bytes, text, closeAt + quote.length + 1);
    event.opCode = undefined;
    if (responseEnd !== end && (responseEnd < 0 || readOpCode(bytes, text, responseEnd, quote) !== end))
      return undefined;
    event.timeMs = timeMs ?? line.timestampMs;
    event.timeIsCertain = timeMs !== undefined || !line.timeIsArrival;
    event.producer = line.producer;
    content.bytes = bytes;
    content.start = start + INFO.length;
    content.end = end;
    content.level = level;
    return event;
  };
  return { source: 'coredns', scanKeys, parse };
}

/** `0.000005874s` in nanoseconds; other forms are read by `durationIn`. */
function durationAt(bytes: Buffer, text: string, at: number, end: number): number | undefined {
  const dot = at + 1;
  const isUsual =
    end - dot === 11 && bytes[dot] === FINAL_DOT && skipClass(bytes, dot + 1, CLASS_DIGIT) === end - 1;
  if (isUsual && bytes[end - 1] === SECONDS && digitsEnd(bytes, at, 1) === dot) {
    return numberAt(bytes, at, dot) * 1e9 + numberAt(bytes, dot + 1, end - 1);
  }
  return end - at >= 40 ? undefined : durationIn(text, at, end);
}
