// Resolver records in the layout that AWS prints, read in place:
//   {\"version\":\"1.100000\",\"account_id\":\"111122223333\",\"region\":\"eu-west-1\",\"vpc_id\":\"vpc-0a1b\",
//    \"query_timestamp\":\"2024-03-01T12:00:00Z\",\"query_name\":\"www.example.com.\", ... \"srcids\":{\"instance\":\"i-0b48\"}}
import { type Answer, type DnsEvent, emptyEvent } from '../model/dns-event.ts';
import { MAX_ATTRIBUTE_VALUES } from '../model/limits.ts';
import type { EventLookupKeys } from '../model/ports.ts';
import { NAME_TYPES } from '../sources/route53-common/answers.ts';
import { timeMsOf } from '../sources/route53-common/text.ts';
import {
  asciiBytes,
  CLASS_DIGIT,
  CLASS_PLAIN,
  CLASS_PLAIN_LOWER,
  CLASS_UPPER,
  digitsEnd,
  ipv4End,
  numberAt,
  skipClass,
  startsWithAt,
} from '../util/bytes.ts';
import { detachString } from '../util/detach-string.ts';
import { MAX_PORT } from '../util/ip-address.ts';
import type { EscapedLine, InPlaceReader } from './escaped-line.ts';
import { createEscapedSlice, sharedPrefix } from './escaped-slice.ts';

/** JSON text at escape level 1. */
const json = (text: string): Uint8Array => asciiBytes(text.replaceAll('"', '\\"'));

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
const ADDRESS = asciiBytes(ADDRESS_TEXT);
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

const NO_ANSWERS: readonly Answer[] = [];

/**
 * Creates a reader of records with the documented members, in their documented order, without escapes, from an IPv4
 * client.
 */
export function createResolverRecordReader(): InPlaceReader {
  const event = emptyEvent('aws.vpcdnsquerylogs');
  const content = createEscapedSlice();
  event.content = content;
  // Records of one VPC start with the same bytes, and many share their second: both are compared before they are read.
  let head: Uint8Array = VERSION.subarray(0, 0);
  let time: Uint8Array = head;

  /** Up to the value of `query_timestamp`; each of these functions returns the position of the next part, or -1. */
  const readHead = (bytes: Buffer, text: string, at: number): number => {
    const headEnd = at + head.length;
    // Native comparison: the text is long enough for the call to pay.
    if (headEnd > at && headEnd <= bytes.length && bytes.compare(head, 0, head.length, at, headEnd) === 0) {
      return headEnd;
    }
    if (!startsWithAt(bytes, at, VERSION)) return -1;
    const accountAt = at + VERSION.length;
    const accountEnd = skipClass(bytes, accountAt, CLASS_DIGIT);
    const regionAt = accountEnd + REGION.length;
    if (accountEnd - accountAt !== 12 || !startsWithAt(bytes, accountEnd, REGION)) return -1;
    const regionEnd = skipClass(bytes, regionAt, CLASS_PLAIN);
    const vpcAt = regionEnd + VPC.length;
    if (regionEnd === regionAt || !startsWithAt(bytes, regionEnd, VPC)) return -1;
    const vpcEnd = skipClass(bytes, vpcAt, CLASS_PLAIN);
    if (vpcEnd === vpcAt || !startsWithAt(bytes, vpcEnd, TIME)) return -1;
    event.accountId = detachString(text.slice(accountAt, accountEnd));
    event.region = detachString(text.slice(regionAt, regionEnd));
    event.vpcId = detachString(text.slice(vpcAt, vpcEnd));
    const end = vpcEnd + TIME.length;
    head = Uint8Array.from(bytes.subarray(at, end));
    content.sharedPrefix = sharedPrefix(head);
    return end;
  };

  const readTime = (bytes: Buffer, text: string, at: number): number => {
    const end = at + TIME_LENGTH;
    if (time.length > 0 && startsWithAt(bytes, at, time)) return end;
    const timeMs = timeMsOf(text.slice(at, end));
    if (timeMs === undefined) return -1;
    event.timeMs = timeMs;
    time = Uint8Array.from(bytes.subarray(at, end));
    return end;
  };

  /** `www.example.com.\",\"query_type\":\"A\",\"query_class\":\"IN\",\"rcode\":\"NOERROR` */
  const readQuestion = (bytes: Buffer, text: string, at: number): number => {
    const nameEnd = skipClass(bytes, at, CLASS_PLAIN_LOWER);
    const typeAt = nameEnd + TYPE.length;
    if (nameEnd === at || !startsWithAt(bytes, nameEnd, TYPE)) return -1;
    const typeEnd = skipClass(bytes, typeAt, CLASS_UPPER | CLASS_DIGIT);
    const codeAt = typeEnd + CLASS_AND_CODE.length;
    if (typeEnd === typeAt || !startsWithAt(bytes, typeEnd, CLASS_AND_CODE)) return -1;
    const codeEnd = skipClass(bytes, codeAt, CLASS_UPPER);
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
      if (!startsWithAt(bytes, at, RDATA) || answers.length === MAX_ATTRIBUTE_VALUES) return -1;
      const dataAt = at + RDATA.length;
      const dataEnd = skipClass(bytes, dataAt, CLASS_PLAIN);
      const typeAt = dataEnd + ANSWER_TYPE.length;
      const typeEnd = skipClass(bytes, typeAt, CLASS_UPPER | CLASS_DIGIT);
      const classAt = typeEnd + ANSWER_CLASS.length;
      if (
        !startsWithAt(bytes, dataEnd, ANSWER_TYPE) ||
        !startsWithAt(bytes, typeEnd, ANSWER_CLASS) ||
        typeEnd === typeAt
      )
        return -1;
      const classEnd = skipClass(bytes, classAt, CLASS_PLAIN);
      if (!startsWithAt(bytes, classEnd, ANSWER_END)) return -1;
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
    if (ipEnd < 0 || !startsWithAt(bytes, ipEnd, PORT)) return -1;
    const portEnd = digitsEnd(bytes, portAt, 5);
    const port = numberAt(bytes, portAt, portEnd);
    const isTcp = startsWithAt(bytes, portEnd, TCP);
    if (portEnd < 0 || port > MAX_PORT || !(isTcp || startsWithAt(bytes, portEnd, UDP))) return -1;
    event.clientIp = text.slice(at, ipEnd);
    event.clientPort = port;
    event.transport = isTcp ? 'tcp' : 'udp';
    event.sourceIds = undefined;
    const idsAt = portEnd + UDP.length;
    if (startsWithAt(bytes, idsAt, NO_INSTANCE_END)) return idsAt + NO_INSTANCE_END.length;
    const instanceAt = idsAt + INSTANCE.length;
    const instanceEnd = skipClass(bytes, instanceAt, CLASS_PLAIN);
    if (!startsWithAt(bytes, idsAt, INSTANCE) || instanceEnd === instanceAt) return -1;
    const instance = text.slice(instanceAt, instanceEnd);
    event.sourceIds = { instance, resolverEndpoint: undefined, resolverNetworkInterface: undefined };
    return startsWithAt(bytes, instanceEnd, INSTANCE_END) ? instanceEnd + INSTANCE_END.length : -1;
  };

  const scanKeys = ({ bytes, text, start, end, level }: EscapedLine): EventLookupKeys | undefined => {
    const timeAt = level === 1 ? readHead(bytes, text, start) : -1;
    // Only within the record: searching further would take quadratic time for records without an address.
    const found = timeAt < 0 ? -1 : text.slice(timeAt, end).indexOf(ADDRESS_TEXT);
    return found >= 0 && readClient(bytes, text, timeAt + found + ADDRESS.length) === end ? event : undefined;
  };

  const parse = ({ bytes, text, start, end, level }: EscapedLine): DnsEvent | undefined => {
    const timeAt = level === 1 ? readHead(bytes, text, start) : -1;
    const timeEnd = timeAt < 0 ? -1 : readTime(bytes, text, timeAt);
    if (timeEnd < 0 || !startsWithAt(bytes, timeEnd, NAME)) return undefined;
    const codeEnd = readQuestion(bytes, text, timeEnd + NAME.length);
    if (codeEnd < 0 || !startsWithAt(bytes, codeEnd, ANSWERS)) return undefined;
    const answersEnd = readAnswers(bytes, text, codeEnd + ANSWERS.length);
    if (answersEnd < 0 || !startsWithAt(bytes, answersEnd, ADDRESS)) return undefined;
    if (readClient(bytes, text, answersEnd + ADDRESS.length) !== end) return undefined;
    content.bytes = bytes;
    content.start = start;
    content.end = end;
    return event;
  };
  return { source: 'aws.vpcdnsquerylogs', scanKeys, parse };
}

/** The end of a name without its final dot; the root keeps its dot. */
const plainNameEnd = (bytes: Buffer, at: number, end: number): number =>
  end - at > 1 && bytes[end - 1] === DOT ? end - 1 : end;
