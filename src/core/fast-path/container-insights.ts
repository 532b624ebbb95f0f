// The wrapper of Container Insights as it stands in an envelope's message, one JSON string deep:
//   {\"time\":\"2023-11-20T21:20:29.1Z\",\"stream\":\"stdout\",\"_p\":\"F\",\"log\":\"[INFO] ...\",\"kubernetes\":{...}}

import type { EscapedLine, LogProducer } from '../model/log-line.ts';
import { rfc3339Ms } from '../util/rfc3339.ts';
import type { ProducerReader } from '../wrapper/producer.ts';
import { DIGIT, isAt, literal, numberAt, PLAIN, runEnd } from './bytes.ts';

/** Takes the wrapper off a line that is not decoded. */
export type RawUnwrapper = (raw: EscapedLine, logStream: string | undefined) => boolean;

/** Moves a line's start behind the first half of a wrapper; a line without one stays as it is. */
export function peekWrapper(raw: EscapedLine): void {
  const lineAt = lineStart(raw.bytes, raw.start);
  if (lineAt < 0) return;
  raw.start = lineAt;
  raw.depth = 2;
}

/** Where the line begins in a wrapper that opens at `start`; -1 where it is no such wrapper. */
function lineStart(bytes: Buffer, start: number): number {
  if (!isAt(bytes, start, TIME)) return -1;
  const timeEnd = runEnd(bytes, start + TIME.length, PLAIN);
  if (timeEnd - start - TIME.length > MAX_TIME || !isAt(bytes, timeEnd, STREAM)) return -1;
  // `out` or `err`
  const logAt = timeEnd + STREAM.length + 3;
  return isAt(bytes, logAt, LOG) ? logAt + LOG.length : -1;
}

const TIME = literal('{\\"time\\":\\"');
const STREAM = literal('\\",\\"stream\\":\\"std');
const LOG = literal('\\",\\"_p\\":\\"F\\",\\"log\\":\\"');
const KUBERNETES = literal('\\",\\"kubernetes\\":');
const MAX_TIME = 40;
const NEWLINE = literal('\\\\n');

/** More CoreDNS pods than write to one log stream. */
const MAX_TAILS = 8;

type Tail = { readonly bytes: Uint8Array; readonly producer: LogProducer };

/**
 * Creates an unwrapper that sets a line's borders, time and producer as `Unwrapper` would; false, and nothing set, for
 * any other layout. `producers` are those of the batch.
 */
export function createRawUnwrapper(producers: ProducerReader): RawUnwrapper {
  // What follows the line is the same for all lines of a pod: comparing is cheaper than reading it again.
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
    if (!isObject(bytes, start, end)) return undefined;
    const text = unescaped(bytes.toString('latin1', start, end));
    const producer = text === undefined ? undefined : producers.ofKubernetesText(text, logStream);
    if (producer === undefined) return undefined;
    if (tails.length === MAX_TAILS) tails.shift();
    tails.push({ bytes: Uint8Array.from(bytes.subarray(start, end)), producer });
    return producer;
  };

  const timeOf = createTimeReader();

  return (raw, logStream) => {
    const { bytes, start, end } = raw;
    const lineAt = lineStart(bytes, start);
    if (lineAt < 0) return false;
    const lineEnd = innerStringEnd(bytes, lineAt, end);
    if (lineEnd < 0 || !isAt(bytes, lineEnd, KUBERNETES) || bytes[end - 1] !== CLOSE) return false;
    const producer = producerOf(bytes, lineEnd + KUBERNETES.length, end - 1, logStream);
    if (producer === undefined) return false;
    raw.depth = 2;
    raw.start = lineAt;
    raw.end = isAt(bytes, lineEnd - NEWLINE.length, NEWLINE) ? lineEnd - NEWLINE.length : lineEnd;
    const timeAt = start + TIME.length;
    raw.timeMs = timeOf(bytes, timeAt, runEnd(bytes, timeAt, PLAIN));
    raw.producer = producer;
    return true;
  };
}

/** Lines share their seconds: `2023-11-20T21:20:29` is read once, what follows (`.123456Z`) is three digits. */
function createTimeReader(): (bytes: Buffer, start: number, end: number) => number | undefined {
  let second: Uint8Array = new Uint8Array(0);
  let secondMs = 0;
  return (bytes, start, end) => {
    const dot = start + SECOND_LENGTH;
    const isUsual =
      bytes[dot] === DOT && bytes[end - 1] === ZULU && runEnd(bytes, dot + 1, DIGIT) === end - 1;
    if (!isUsual || end - dot < 5) return rfc3339Ms(bytes.toString('latin1', start, end));
    if (second.length === 0 || !isAt(bytes, start, second)) {
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

/** Position of the `\"` that ends the string of depth 2 in which `at` stands; -1 when there is none before `end`. */
function innerStringEnd(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end) {
    if (bytes[i] !== BACKSLASH) i++;
    else if (bytes[i + 1] === QUOTE) return i;
    // `\\` and what it escapes: `\\n`, `\\\"`, `\\\\`
    else i += bytes[i + 2] === BACKSLASH ? 4 : 3;
  }
  return -1;
}

/** Whether the object that opens at `start` closes at `end`: then no other member follows it. */
function isObject(bytes: Buffer, start: number, end: number): boolean {
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

const NOT_ASCII = /[\x80-\xff]/;

function unescaped(text: string): string | undefined {
  if (NOT_ASCII.test(text)) return undefined;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}
