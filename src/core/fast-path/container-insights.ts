// The wrapper of Container Insights, read in place in an envelope's message (escape level 1):
//   {\"time\":\"2023-11-20T21:20:29.1Z\",\"stream\":\"stdout\",\"_p\":\"F\",\"log\":\"[INFO] ...\",\"kubernetes\":{...}}
import type { LogProducer } from '../model/log-line.ts';
import { hasNonAscii } from '../util/binary-text.ts';
import {
  asciiBytes,
  CLASS_DIGIT,
  CLASS_LOWER,
  CLASS_PLAIN,
  numberAt,
  skipClass,
  startsWithAt,
} from '../util/bytes.ts';
import { rfc3339Ms } from '../util/rfc3339.ts';
import type { ProducerReader } from '../wrapper/producer.ts';
import type { EscapedLine } from './escaped-line.ts';

/** Removes the wrapper of a line in place: moves the line's borders and sets its time and producer. */
export type InPlaceUnwrapper = (line: EscapedLine, logStream: string | undefined) => void;

/** Moves a line's start behind the first half of the wrapper; a line without the wrapper is not changed. */
export function skipWrapperHead(line: EscapedLine): void {
  const lineAt = lineStart(line.bytes, line.start);
  if (lineAt < 0) return;
  line.start = lineAt;
  line.level = 2;
}

/** Position of the line in a wrapper that opens at `start`; -1 where the text is not such a wrapper. */
function lineStart(bytes: Buffer, start: number): number {
  if (!startsWithAt(bytes, start, TIME)) return -1;
  const timeEnd = skipClass(bytes, start + TIME.length, CLASS_PLAIN);
  if (timeEnd - start - TIME.length > MAX_TIME || !startsWithAt(bytes, timeEnd, STREAM)) return -1;
  // `out` or `err`
  const logAt = timeEnd + STREAM.length + 3;
  const isName = skipClass(bytes, logAt - 3, CLASS_LOWER) === logAt;
  return isName && startsWithAt(bytes, logAt, LOG) ? logAt + LOG.length : -1;
}

const TIME = asciiBytes('{\\"time\\":\\"');
const STREAM = asciiBytes('\\",\\"stream\\":\\"std');
const LOG = asciiBytes('\\",\\"_p\\":\\"F\\",\\"log\\":\\"');
const KUBERNETES = asciiBytes('\\",\\"kubernetes\\":');
const MAX_TIME = 40;
const NEWLINE = asciiBytes('\\\\n');

/** Upper bound for CoreDNS pods per log stream. */
const MAX_TAILS = 8;

type Tail = { readonly bytes: Uint8Array; readonly producer: LogProducer };

/**
 * Creates an unwrapper with the result of the ordinary one (`wrapper/`); a line in any other layout is taken as a bare
 * line, with the producer that the name of the log stream contains.
 */
export function createInPlaceUnwrapper(producers: ProducerReader): InPlaceUnwrapper {
  // The text behind the line is the same for all lines of a pod: comparing it is cheaper than reading it again.
  const tails: Tail[] = [];
  let tailsStream: string | undefined;

  const producerOf = (
    bytes: Buffer,
    start: number,
    end: number,
    logStream: string | undefined,
  ): LogProducer | undefined => {
    if (logStream !== tailsStream) tails.length = 0;
    tailsStream = logStream;
    for (const tail of tails) {
      if (bytes.compare(tail.bytes, 0, tail.bytes.length, start, end) === 0) return tail.producer;
    }
    if (!isWholeObject(bytes, start, end)) return undefined;
    const text = unescaped(bytes.toString('latin1', start, end));
    const producer = text === undefined ? undefined : producers.ofKubernetesText(text, logStream);
    if (producer === undefined) return undefined;
    if (tails.length === MAX_TAILS) tails.shift();
    tails.push({ bytes: Uint8Array.from(bytes.subarray(start, end)), producer });
    return producer;
  };

  const timeOf = createTimeReader();

  const unwrap = (line: EscapedLine, logStream: string | undefined): boolean => {
    const { bytes, start, end } = line;
    const lineAt = lineStart(bytes, start);
    if (lineAt < 0) return false;
    const lineEnd = innerStringEnd(bytes, lineAt, end);
    if (lineEnd < 0 || !startsWithAt(bytes, lineEnd, KUBERNETES) || bytes[end - 1] !== CLOSE) return false;
    const producer = producerOf(bytes, lineEnd + KUBERNETES.length, end - 1, logStream);
    if (producer === undefined) return false;
    line.level = 2;
    line.start = lineAt;
    line.end = startsWithAt(bytes, lineEnd - NEWLINE.length, NEWLINE) ? lineEnd - NEWLINE.length : lineEnd;
    const timeAt = start + TIME.length;
    line.timeMs = timeOf(bytes, timeAt, skipClass(bytes, timeAt, CLASS_PLAIN));
    line.producer = producer;
    return true;
  };
  return (line, logStream) => {
    if (!unwrap(line, logStream)) line.producer = producers.ofStream(logStream);
  };
}

/** Reads times. Lines share their seconds: `2023-11-20T21:20:29` is read once, then only three digits per line. */
function createTimeReader(): (bytes: Buffer, start: number, end: number) => number | undefined {
  let second: Uint8Array = new Uint8Array(0);
  let secondMs = 0;
  return (bytes, start, end) => {
    const dot = start + SECOND_LENGTH;
    const isUsual =
      bytes[dot] === DOT && bytes[end - 1] === ZULU && skipClass(bytes, dot + 1, CLASS_DIGIT) === end - 1;
    if (!isUsual || end - dot < 5) return rfc3339Ms(bytes.toString('latin1', start, end));
    if (second.length === 0 || !startsWithAt(bytes, start, second)) {
      const ms = rfc3339Ms(`${bytes.toString('latin1', start, dot)}Z`);
      if (ms === undefined) return undefined;
      second = Uint8Array.from(bytes.subarray(start, dot));
      secondMs = ms;
    }
    return secondMs + numberAt(bytes, dot + 1, dot + 4);
  };
}

const SECOND_LENGTH = '2023-11-20T21:20:29'.length;
const DOT = 0x2e;
const ZULU = 0x5a;

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Position of the `\"` that ends the level-2 string in which `at` stands; -1 when there is none before `end`. */
function innerStringEnd(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end) {
    if (bytes[i] !== BACKSLASH) i++;
    else if (bytes[i + 1] === QUOTE) return i;
    // `\\` and the character that it escapes: `\\n`, `\\\"`, `\\\\`
    else i += bytes[i + 2] === BACKSLASH ? 4 : 3;
  }
  return -1;
}

/** Whether the object that opens at `start` closes at `end`, so that no other member follows it. */
function isWholeObject(bytes: Buffer, start: number, end: number): boolean {
  let depth = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === OPEN) depth++;
    else if (byte === CLOSE) {
      depth--;
      if (depth === 0) return i + 1 === end;
    } else if (byte === BACKSLASH) {
      const close = innerStringEnd(bytes, i + 2, end);
      if (close < 0) return false;
      i = close + 1;
    }
  }
  return false;
}

function unescaped(text: string): string | undefined {
  if (hasNonAscii(text)) return undefined;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}
