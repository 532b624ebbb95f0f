// Reads query lines in the default formats: `common`, and `combined`, which adds the opcode. Versions before 1.2.6 print
// a date in brackets, before 1.1.0 no port, and before 1.0.5 no id:
//   10.0.1.23:40212 - 29008 "A IN example.org. udp 40 false 1232" NOERROR qr,rd,ra 56 0.000005874s "0"
//   10.0.1.23:40212 - [29/Oct/2018:10:11:12 +0000] 29008 "A IN example.org. udp ...
// https://github.com/coredns/coredns/blob/master/plugin/log/log.go
import { addressOf, durationOf, emptyQuery, portIn, type Query } from './query.ts';
import { durationIn, isClass, isType, nameEnd, numberIn } from './values.ts';

/** A default format; `either` reads the opcode if there is one. */
export type DefaultFormat = 'common' | 'combined' | 'either';

/** A query, and the position after the part of the line that the default format describes. */
export type DefaultFormatMatch = {
  readonly query: Query;
  readonly end: number;
  /** Whether every part of the default format was there. */
  readonly isWhole: boolean;
};

/**
 * Reads a query in a default format from `at`, in one pass and without backtracking. Undefined unless client, question
 * and transport can be read. When only the rest cannot be read, or a value is not what it should be, `query.isPartial` is
 * set.
 */
export function readDefaultFormat(
  text: string,
  at: number,
  format: DefaultFormat,
): DefaultFormatMatch | undefined {
  const query = emptyQuery();
  const clientEnd = readClient(text, at, query);
  if (clientEnd < 0) return undefined;
  const questionEnd = readQuestion(text, clientEnd, query);
  if (questionEnd < 0) return undefined;
  const requestEnd = readRequest(text, questionEnd, query);
  const responseEnd = requestEnd < 0 ? -1 : readResponse(text, requestEnd, query);
  const end = responseEnd < 0 || format === 'common' ? responseEnd : readOpCode(text, responseEnd, query);
  if (end >= 0 && (format !== 'combined' || query.opCode !== undefined)) return { query, end, isWhole: true };
  query.isPartial = true;
  return { query, end: text.length, isWhole: false };
}

/** `10.0.1.23:40212 - 29008 "`, `[fe80::1%eth0]:40212 - [date] 29008 "`, `:40212 - ...` */
function readClient(text: string, at: number, query: Query): number {
  // Searching for one character is several times cheaper than for three.
  const dash = text.indexOf(' ', at);
  if (dash < 0 || dash - at > 80 || text.charCodeAt(dash + 1) !== 0x2d || text.charCodeAt(dash + 2) !== 0x20)
    return -1;
  let ipEnd: number;
  if (text.charCodeAt(at) === 0x5b) {
    ipEnd = text.indexOf(']', at) + 1;
    if (ipEnd === 0 || ipEnd > dash) return -1;
    query.clientIp = addressOf(query, text.slice(at, ipEnd));
  } else {
    ipEnd = text.indexOf(':', at);
    if (ipEnd < 0 || ipEnd > dash) ipEnd = dash;
    query.clientIp = addressOf(query, text.slice(at, ipEnd));
  }
  if (ipEnd !== dash) {
    if (ipEnd + 1 === dash || text.charCodeAt(ipEnd) !== 0x3a) return -1;
    query.clientPort = portIn(query, text.slice(ipEnd + 1, dash));
  }
  let idAt = dash + 3;
  if (text.charCodeAt(idAt) === 0x5b) idAt = text.indexOf('] ', idAt) + 2;
  const quote = text.indexOf('"', idAt);
  if (idAt === 1 || quote < 0 || quote - idAt > 6) return -1;
  if (quote === idAt) return quote + 1;
  if (numberIn(text, idAt, quote - 1) === undefined || text.charCodeAt(quote - 1) !== 0x20) return -1;
  query.id = text.slice(idAt, quote - 1);
  return quote + 1;
}

/** `A IN example.org. udp ` */
function readQuestion(text: string, at: number, query: Query): number {
  const nameAt = readType(text, at, query);
  const end = nameAt < 0 ? -1 : nameEnd(text, nameAt);
  if (end <= nameAt) return -1;
  if (text.charCodeAt(end - 1) !== 0x2e) return readMangledName(text, nameAt, query);
  query.name = text.slice(nameAt, end);
  query.transport = text.startsWith('udp ', end + 1)
    ? 'udp'
    : text.startsWith('tcp ', end + 1)
      ? 'tcp'
      : undefined;
  return query.transport === undefined ? -1 : end + 5;
}

/** Most characters of a name: each of its 255 bytes may be printed as `\DDD`. */
const MAX_NAME = 1024;
/** The end of a name and its transport, where Printf has taken the final dot and the space, or left them. */
const MANGLED_END = /\((?:MISSING|BADINDEX)\)(?=(udp |tcp ))|\. (?=(udp |tcp ))/;

/**
 * Reads a name with a `%` that Go's Printf took for a verb, until 1.9.3: of `a%. udp 29` it makes `a%! (MISSING)udp 29`, of
 * `a%\ b. udp 29` `a%!\(MISSING) b. udp 29`. The name stays as it was printed: what was there before is lost.
 */
function readMangledName(text: string, at: number, query: Query): number {
  const match = MANGLED_END.exec(text.slice(at, at + MAX_NAME));
  const [end = '', before, behind] = match ?? [];
  if (match === null) return -1;
  const transportAt = at + match.index + end.length;
  const name = text.slice(at, transportAt).trimEnd();
  if (!name.includes('%!')) return -1;
  query.name = name;
  query.isPartial = true;
  query.transport = (before ?? behind) === 'tcp ' ? 'tcp' : 'udp';
  return transportAt + 'udp '.length;
}

const A_IN = 'A IN ';
const AAAA_IN = 'AAAA IN ';

/** `A IN `. Nearly all questions are of type A or AAAA, for which the texts are constants. */
function readType(text: string, at: number, query: Query): number {
  const isA = text.startsWith(A_IN, at);
  if (isA || text.startsWith(AAAA_IN, at)) {
    query.type = isA ? 'A' : 'AAAA';
    query.class = 'IN';
    return at + (isA ? A_IN.length : AAAA_IN.length);
  }
  const typeEnd = text.indexOf(' ', at);
  if (typeEnd < 0 || typeEnd - at > 16) return -1;
  const nameAt = text.indexOf(' ', typeEnd + 1) + 1;
  if (nameAt === 0 || nameAt - typeEnd > 12) return -1;
  query.type = text.slice(at, typeEnd);
  query.class = text.slice(typeEnd + 1, nameAt - 1);
  return isType(query.type) && isClass(query.class) ? nameAt : -1;
}

/** `40 false 1232" ` */
function readRequest(text: string, at: number, query: Query): number {
  const sizeEnd = text.indexOf(' ', at);
  query.requestBytes = numberIn(text, at, sizeEnd);
  query.ednsDo = text.startsWith(' false ', sizeEnd)
    ? false
    : text.startsWith(' true ', sizeEnd)
      ? true
      : undefined;
  if (query.requestBytes === undefined || query.ednsDo === undefined) return -1;
  const bufferAt = sizeEnd + (query.ednsDo ? 6 : 7);
  const quote = text.indexOf('"', bufferAt);
  if (quote < 0 || text.charCodeAt(quote + 1) !== 0x20) return -1;
  query.ednsUdpSize = numberIn(text, bufferAt, quote);
  return query.ednsUdpSize === undefined ? -1 : quote + 2;
}

const NOERROR = 'NOERROR ';
const RESPONSE_CODE = /^(?:[A-Z]+|\d{1,4}|-)$/;

/** `NOERROR qr,rd,ra 56 0.000005874s`. The flags may be empty; without a response, code and flags are `-`. */
function readResponse(text: string, at: number, query: Query): number {
  const isNoError = text.startsWith(NOERROR, at);
  const codeEnd = isNoError ? at + NOERROR.length - 1 : text.indexOf(' ', at);
  const flagsEnd = codeEnd < 0 ? -1 : flagsEndAt(text, codeEnd + 1);
  const sizeEnd = flagsEnd < 0 || codeEnd - at > 16 ? -1 : text.indexOf(' ', flagsEnd + 1);
  if (sizeEnd < 0) return -1;
  const code = isNoError ? 'NOERROR' : text.slice(at, codeEnd);
  const space = text.indexOf(' ', sizeEnd + 1);
  const end = space < 0 ? text.length : space;
  const bytes = numberIn(text, flagsEnd + 1, sizeEnd);
  const duration = end - sizeEnd > 40 ? undefined : durationIn(text, sizeEnd + 1, end);
  if (bytes === undefined || duration === undefined || !(isNoError || RESPONSE_CODE.test(code))) return -1;
  query.responseCode = code;
  query.headerFlags = text.slice(codeEnd + 1, flagsEnd);
  query.responseBytes = bytes;
  query.durationNs = durationOf(query, duration);
  return end;
}

/** End of `qr,rd,ra`, of `-` or of empty flags; -1 if no space follows. */
function flagsEndAt(text: string, at: number): number {
  let i = at;
  if (text.charCodeAt(i) === 0x2d) i++;
  else while (isFlagChar(text.charCodeAt(i))) i++;
  return text.charCodeAt(i) === 0x20 ? i : -1;
}

const isFlagChar = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || code === 0x2c;

/** ` "0"`; returns `at` if there is no opcode. */
function readOpCode(text: string, at: number, query: Query): number {
  if (at === text.length || text.charCodeAt(at + 1) !== 0x22) return at;
  const quote = text.indexOf('"', at + 2);
  if (quote - at > 4 || numberIn(text, at + 2, quote) === undefined) return at;
  query.opCode = text.slice(at + 2, quote);
  return quote + 1;
}
