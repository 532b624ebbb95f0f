// Resolver records in the layout that AWS prints, read without parsing them or the JSON around them:
//   {\"version\":\"1.100000\",\"account_id\":\"111122223333\",\"region\":\"eu-west-1\",\"vpc_id\":\"vpc-0a1b\",
//    \"query_timestamp\":\"2024-03-01T12:00:00Z\",\"query_name\":\"www.example.com.\", ... \"srcids\":{\"instance\":\"i-0b48\"}}

import { type Answer, type DnsEvent, emptyEvent } from '../model/dns-event.ts';
import type { EscapedLine } from '../model/log-line.ts';
import type { EventLookupKeys, LogSource } from '../model/ports.ts';
import { timeMsOf } from '../sources/route53-common/text.ts';
import { MAX_ANSWERS, NAME_TYPES } from '../sources/route53-resolver/answers.ts';
import { detachString } from '../util/detach-string.ts';
import { DIGIT, digitsEnd, ipv4End, isAt, literal, numberAt, PLAIN, runEnd, SMALL, UPPER } from './bytes.ts';
import { type EscapedSliceDraft, sharedPrefix } from './escaped-slice.ts';

/** JSON as it stands one string deep. */
const json = (text: string): Uint8Array => literal(text.replaceAll('"', '\\"'));

const VERSION = json('{"version":"1.100000","account_id":"');
const REGION = json('","region":"');
const VPC = json('","vpc_id":"');
const TIME = json('","query_timestamp":"');
const NAME = json('","query_name":"');
const TYPE = json('","query_type":"');
const CLASS_AND_CODE = json('","query_class":"IN","rcode":"');
const ANSWERS = json('","answers":[');
const RDATA = json('{"Rdata":"');
const ANSWER_TYPE = json('","Type":"');
const ANSWER_CLASS = json('","Class":"');
const ANSWER_END = json('"}');
const ADDRESS_TEXT = '],\\"srcaddr\\":\\"';
const ADDRESS = literal(ADDRESS_TEXT);
const PORT = json('","srcport":"');
const UDP = json('","transport":"UDP","srcids":{');
const TCP = json('","transport":"TCP","srcids":{');
const INSTANCE = json('"instance":"');
const INSTANCE_END = json('"}}');
const NO_INSTANCE_END = json('}}');

const COMMA = 0x2c;
const CLOSE = 0x5d;
const DOT = 0x2e;
const TIME_LENGTH = '2024-03-01T12:00:00Z'.length;
const MAX_PORT = 65_535;

const NO_ANSWERS: readonly Answer[] = [];

/**
 * Creates a reader of records with the documented members, in their order and with nothing to escape, asked over IPv4;
 * undefined for any other. One event serves all records.
 */
export function createRawRecordReader(): Required<Pick<LogSource, 'parseInPlace' | 'scanKeys'>> {
  const event = emptyEvent('aws.vpcdnsquerylogs');
  const content: EscapedSliceDraft = { bytes: Buffer.alloc(0), start: 0, end: 0, depth: 1, head: undefined };
  event.content = content;
  // Records of one VPC begin alike, and many share their second.
  let head: Uint8Array = VERSION.subarray(0, 0);
  let time: Uint8Array = head;

  /** Up to the value of `query_timestamp`; each of these answers where the next begins, or -1. */
  const readHead = (bytes: Buffer, text: string, at: number): number => {
    const headEnd = at + head.length;
    // Long enough for the call into native code to pay.
    if (headEnd > at && headEnd <= bytes.length && bytes.compare(head, 0, head.length, at, headEnd) === 0) {
      return headEnd;
    }
    if (!isAt(bytes, at, VERSION)) return -1;
    const accountAt = at + VERSION.length;
    const accountEnd = runEnd(bytes, accountAt, DIGIT);
    const regionAt = accountEnd + REGION.length;
    if (accountEnd - accountAt !== 12 || !isAt(bytes, accountEnd, REGION)) return -1;
    const regionEnd = runEnd(bytes, regionAt, PLAIN);
    const vpcAt = regionEnd + VPC.length;
    if (regionEnd === regionAt || !isAt(bytes, regionEnd, VPC)) return -1;
    const vpcEnd = runEnd(bytes, vpcAt, PLAIN);
    if (vpcEnd === vpcAt || !isAt(bytes, vpcEnd, TIME)) return -1;
    event.accountId = detachString(text.slice(accountAt, accountEnd));
    event.region = detachString(text.slice(regionAt, regionEnd));
    event.vpcId = detachString(text.slice(vpcAt, vpcEnd));
    const end = vpcEnd + TIME.length;
    head = Uint8Array.from(bytes.subarray(at, end));
    content.head = sharedPrefix(head);
    return end;
  };

  const readTime = (bytes: Buffer, text: string, at: number): number => {
    const end = at + TIME_LENGTH;
    if (time.length > 0 && isAt(bytes, at, time)) return end;
    const timeMs = timeMsOf(text.slice(at, end));
    if (timeMs === undefined) return -1;
    event.timeMs = timeMs;
    time = Uint8Array.from(bytes.subarray(at, end));
    return end;
  };

  /** `www.example.com.\",\"query_type\":\"A\",\"query_class\":\"IN\",\"rcode\":\"NOERROR` */
  const readQuestion = (bytes: Buffer, text: string, at: number): number => {
    const nameEnd = runEnd(bytes, at, SMALL);
    const typeAt = nameEnd + TYPE.length;
    if (nameEnd === at || !isAt(bytes, nameEnd, TYPE)) return -1;
    const typeEnd = runEnd(bytes, typeAt, UPPER | DIGIT);
    const codeAt = typeEnd + CLASS_AND_CODE.length;
    if (typeEnd === typeAt || !isAt(bytes, typeEnd, CLASS_AND_CODE)) return -1;
    const codeEnd = runEnd(bytes, codeAt, UPPER);
    event.name = text.slice(at, plainNameEnd(bytes, at, nameEnd));
    event.type = text.slice(typeAt, typeEnd);
    event.responseCode = text.slice(codeAt, codeEnd);
    return codeEnd === codeAt ? -1 : codeEnd;
  };

  /** `{\"Rdata\":\"192.0.2.7\",\"Type\":\"A\",\"Class\":\"IN\"},...` */
  const readAnswers = (bytes: Buffer, text: string, from: number): number => {
    event.answers = NO_ANSWERS;
    event.answerCount = 0;
    if (bytes[from] === CLOSE) return from;
    const answers: Answer[] = [];
    for (let at = from; ; at++) {
      if (!isAt(bytes, at, RDATA) || answers.length === MAX_ANSWERS) return -1;
      const dataAt = at + RDATA.length;
      const dataEnd = runEnd(bytes, dataAt, PLAIN);
      const typeAt = dataEnd + ANSWER_TYPE.length;
      const typeEnd = runEnd(bytes, typeAt, UPPER | DIGIT);
      const classAt = typeEnd + ANSWER_CLASS.length;
      if (!isAt(bytes, dataEnd, ANSWER_TYPE) || !isAt(bytes, typeEnd, ANSWER_CLASS) || typeEnd === typeAt)
        return -1;
      const classEnd = runEnd(bytes, classAt, PLAIN);
      if (!isAt(bytes, classEnd, ANSWER_END)) return -1;
      const type = text.slice(typeAt, typeEnd);
      const isName = NAME_TYPES.has(type);
      answers.push({
        data: text.slice(dataAt, isName ? plainNameEnd(bytes, dataAt, dataEnd) : dataEnd),
        type,
      });
      at = classEnd + ANSWER_END.length;
      if (bytes[at] === CLOSE) {
        event.answers = answers;
        event.answerCount = answers.length;
        return at;
      }
      if (bytes[at] !== COMMA) return -1;
    }
  };

  /** `10.0.1.5\",\"srcport\":\"48701\",\"transport\":\"UDP\",\"srcids\":{\"instance\":\"i-0b48\"}}` */
  const readClient = (bytes: Buffer, text: string, at: number): number => {
    const ipEnd = ipv4End(bytes, at);
    const portAt = ipEnd + PORT.length;
    if (ipEnd < 0 || !isAt(bytes, ipEnd, PORT)) return -1;
    const portEnd = digitsEnd(bytes, portAt, 5);
    const port = numberAt(bytes, portAt, portEnd);
    const isTcp = isAt(bytes, portEnd, TCP);
    if (portEnd < 0 || port > MAX_PORT || !(isTcp || isAt(bytes, portEnd, UDP))) return -1;
    event.clientIp = text.slice(at, ipEnd);
    event.clientPort = port;
    event.transport = isTcp ? 'tcp' : 'udp';
    event.sourceIds = undefined;
    const idsAt = portEnd + UDP.length;
    if (isAt(bytes, idsAt, NO_INSTANCE_END)) return idsAt + NO_INSTANCE_END.length;
    const instanceAt = idsAt + INSTANCE.length;
    const instanceEnd = runEnd(bytes, instanceAt, PLAIN);
    if (!isAt(bytes, idsAt, INSTANCE) || instanceEnd === instanceAt) return -1;
    const instance = text.slice(instanceAt, instanceEnd);
    event.sourceIds = { instance, resolverEndpoint: undefined, resolverNetworkInterface: undefined };
    return isAt(bytes, instanceEnd, INSTANCE_END) ? instanceEnd + INSTANCE_END.length : -1;
  };

  const scanKeys = ({ bytes, text, start, end, depth }: EscapedLine): EventLookupKeys | undefined => {
    const timeAt = depth === 1 ? readHead(bytes, text, start) : -1;
    // Within the record: to search on behind it would take the square of time for records that have no address.
    const found = timeAt < 0 ? -1 : text.slice(timeAt, end).indexOf(ADDRESS_TEXT);
    return found >= 0 && readClient(bytes, text, timeAt + found + ADDRESS.length) === end ? event : undefined;
  };

  const parseInPlace = ({ bytes, text, start, end, depth }: EscapedLine): DnsEvent | undefined => {
    const timeAt = depth === 1 ? readHead(bytes, text, start) : -1;
    const timeEnd = timeAt < 0 ? -1 : readTime(bytes, text, timeAt);
    if (timeEnd < 0 || !isAt(bytes, timeEnd, NAME)) return undefined;
    const codeEnd = readQuestion(bytes, text, timeEnd + NAME.length);
    if (codeEnd < 0 || !isAt(bytes, codeEnd, ANSWERS)) return undefined;
    const answersEnd = readAnswers(bytes, text, codeEnd + ANSWERS.length);
    if (answersEnd < 0 || !isAt(bytes, answersEnd, ADDRESS)) return undefined;
    if (readClient(bytes, text, answersEnd + ADDRESS.length) !== end) return undefined;
    content.bytes = bytes;
    content.start = start;
    content.end = end;
    return event;
  };
  return { parseInPlace, scanKeys };
}

/** Where a name ends without its final dot; the root keeps it. */
const plainNameEnd = (bytes: Buffer, at: number, end: number): number =>
  end - at > 1 && bytes[end - 1] === DOT ? end - 1 : end;
