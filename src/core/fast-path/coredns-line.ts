// The lines that nearly all of CoreDNS's output consists of, read without decoding the JSON around them:
//   [INFO] 10.0.1.23:40212 - 29008 \"A IN example.org. udp 40 false 1232\" NOERROR qr,rd,ra 56 0.000005874s

import { type DnsEvent, emptyEvent } from '../model/dns-event.ts';
import type { EscapedLine } from '../model/log-line.ts';
import type { EventLookupKeys, LogSource } from '../model/ports.ts';
import { durationIn } from '../sources/coredns/values.ts';
import {
  COMMA,
  DIGIT,
  DOT,
  digitsEnd,
  isAt,
  LOWER,
  literal,
  numberAt,
  runEnd,
  SMALL,
  UPPER,
} from './bytes.ts';
import type { EscapedSliceDraft } from './escaped-slice.ts';

const INFO = literal('[INFO] ');
const DASH = literal(' - ');
const A_IN = literal('A IN ');
const AAAA_IN = literal('AAAA IN ');
const IN = literal(' IN ');
const UDP = literal(' udp ');
const TCP = literal(' tcp ');
const FALSE = literal(' false ');
const TRUE = literal(' true ');
const NOERROR = literal('NOERROR ');
const NXDOMAIN = literal('NXDOMAIN ');
/** A quote by the number of JSON strings that it stands in. */
const QUOTES = { 1: literal('\\"'), 2: literal('\\\\\\"') } as const;

const SPACE = 0x20;
const COLON = 0x3a;
const FINAL_DOT = 0x2e;
const SECONDS = 0x73;

// As `readHead` has it.
const NUMBER = 10;
const ID = 5;
const OP_CODE = 2;

/**
 * Creates a reader of lines in the default formats, asked over IPv4, for a name in lower case that needs no escape, and
 * answered; undefined for any other line. One event serves all lines.
 */
export function createRawLineReader(): Required<Pick<LogSource, 'parseInPlace' | 'scanKeys'>> {
  const event = emptyEvent('coredns');
  const content: EscapedSliceDraft = { bytes: Buffer.alloc(0), start: 0, end: 0, depth: 1, head: undefined };
  event.content = content;

  /** `10.0.1.23:40212 - 29008 `; each of these answers where the next begins, or -1. */
  const readClient = (bytes: Buffer, text: string, at: number): number => {
    const ipEnd = runEnd(bytes, at, DIGIT | DOT);
    if (ipEnd - at < 7 || ipEnd - at > 15 || bytes[ipEnd] !== COLON) return -1;
    const portEnd = digitsEnd(bytes, ipEnd + 1, NUMBER);
    if (portEnd < 0 || !isAt(bytes, portEnd, DASH)) return -1;
    const idAt = portEnd + DASH.length;
    const idEnd = digitsEnd(bytes, idAt, ID);
    if (idEnd < 0 || bytes[idEnd] !== SPACE) return -1;
    event.clientIp = text.slice(at, ipEnd);
    event.clientPort = numberAt(bytes, ipEnd + 1, portEnd);
    event.id = text.slice(idAt, idEnd);
    return idEnd + 1;
  };

  /** `A IN example.org. udp ` */
  const readQuestion = (bytes: Buffer, text: string, at: number): number => {
    const nameAt = readType(bytes, text, at);
    const end = nameAt < 0 ? -1 : runEnd(bytes, nameAt, SMALL);
    if (end <= nameAt || bytes[end - 1] !== FINAL_DOT) return -1;
    const isTcp = isAt(bytes, end, TCP);
    if (!isTcp && !isAt(bytes, end, UDP)) return -1;
    event.name = end - nameAt === 1 ? '.' : text.slice(nameAt, end - 1);
    event.transport = isTcp ? 'tcp' : 'udp';
    return end + UDP.length;
  };

  const readType = (bytes: Buffer, text: string, at: number): number => {
    const isA = isAt(bytes, at, A_IN);
    if (isA || isAt(bytes, at, AAAA_IN)) {
      event.type = isA ? 'A' : 'AAAA';
      return at + (isA ? A_IN.length : AAAA_IN.length);
    }
    const end = runEnd(bytes, at + 1, UPPER | DIGIT);
    event.type = text.slice(at, end);
    // `HINFO` may be a question of CoreDNS to itself.
    const isPlain = runEnd(bytes, at, UPPER) > at && end - at <= 16 && event.type !== 'HINFO';
    return isPlain && isAt(bytes, end, IN) ? end + IN.length : -1;
  };

  /** `40 false 1232` */
  const readRequest = (bytes: Buffer, at: number): number => {
    const sizeEnd = digitsEnd(bytes, at, NUMBER);
    const isDo = isAt(bytes, sizeEnd, TRUE);
    if (sizeEnd < 0 || !(isDo || isAt(bytes, sizeEnd, FALSE))) return -1;
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
    const flagsEnd = flagsAt < 0 ? -1 : runEnd(bytes, flagsAt, LOWER | COMMA);
    const sizeEnd = digitsEnd(bytes, flagsEnd + 1, NUMBER);
    if (flagsEnd <= flagsAt || bytes[flagsEnd] !== SPACE || sizeEnd < 0 || bytes[sizeEnd] !== SPACE)
      return -1;
    const end = runEnd(bytes, sizeEnd + 1, DIGIT | DOT | LOWER);
    event.headerFlags = text.slice(flagsAt, flagsEnd);
    event.responseBytes = numberAt(bytes, flagsEnd + 1, sizeEnd);
    event.durationNs = durationAt(bytes, text, sizeEnd + 1, end);
    return event.durationNs === undefined ? -1 : end;
  };

  const readCode = (bytes: Buffer, text: string, at: number): number => {
    const isNoError = isAt(bytes, at, NOERROR);
    if (isNoError || isAt(bytes, at, NXDOMAIN)) {
      event.responseCode = isNoError ? 'NOERROR' : 'NXDOMAIN';
      return at + (isNoError ? NOERROR.length : NXDOMAIN.length);
    }
    const end = runEnd(bytes, at, UPPER);
    event.responseCode = text.slice(at, end);
    return end === at || end - at > 16 || bytes[end] !== SPACE ? -1 : end + 1;
  };

  /** ` "0"` */
  const readOpCode = (bytes: Buffer, text: string, at: number, quote: Uint8Array): number => {
    const codeAt = at + 1 + quote.length;
    if (bytes[at] !== SPACE || !isAt(bytes, at + 1, quote)) return -1;
    const end = digitsEnd(bytes, codeAt, OP_CODE);
    event.opCode = text.slice(codeAt, end);
    return end >= 0 && isAt(bytes, end, quote) ? end + quote.length : -1;
  };

  const scanKeys = ({ text, bytes, start }: EscapedLine): EventLookupKeys | undefined => {
    if (!isAt(bytes, start, INFO)) return undefined;
    const at = start + INFO.length;
    const ipEnd = runEnd(bytes, at, DIGIT | DOT);
    if (bytes[ipEnd] !== COLON) return undefined;
    event.clientIp = text.slice(at, ipEnd);
    return event;
  };

  const parseInPlace = (raw: EscapedLine): DnsEvent | undefined => {
    const { text, bytes, start, end, depth, timeMs } = raw;
    if (!isAt(bytes, start, INFO)) return undefined;
    const quote = QUOTES[depth];
    const openAt = readClient(bytes, text, start + INFO.length);
    if (openAt < 0 || !isAt(bytes, openAt, quote)) return undefined;
    const requestAt = readQuestion(bytes, text, openAt + quote.length);
    const closeAt = requestAt < 0 ? -1 : readRequest(bytes, requestAt);
    if (closeAt < 0 || !isAt(bytes, closeAt, quote) || bytes[closeAt + quote.length] !== SPACE)
      return undefined;
    const responseEnd = readResponse(bytes, text, closeAt + quote.length + 1);
    event.opCode = undefined;
    if (responseEnd !== end && (responseEnd < 0 || readOpCode(bytes, text, responseEnd, quote) !== end))
      return undefined;
    event.timeMs = timeMs ?? raw.timestampMs;
    event.timeIsCertain = timeMs !== undefined || !raw.timeIsArrival;
    event.producer = raw.producer;
    content.bytes = bytes;
    content.start = start + INFO.length;
    content.end = end;
    content.depth = depth;
    return event;
  };
  return { parseInPlace, scanKeys };
}

/** `0.000005874s` in nanoseconds; other forms as everywhere. */
function durationAt(bytes: Buffer, text: string, at: number, end: number): number | undefined {
  const dot = at + 1;
  const isUsual = end - dot === 11 && bytes[dot] === FINAL_DOT && runEnd(bytes, dot + 1, DIGIT) === end - 1;
  if (isUsual && bytes[end - 1] === SECONDS && digitsEnd(bytes, at, 1) === dot) {
    return numberAt(bytes, at, dot) * 1e9 + numberAt(bytes, dot + 1, end - 1);
  }
  return end - at >= 40 ? undefined : durationIn(text, at, end);
}
