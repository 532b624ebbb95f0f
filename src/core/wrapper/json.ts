// A line inside the JSON object that a log shipper makes of it, here Fluent Bit as Container Insights sets it up:
//   {"time":"2023-11-20T21:20:29.123456789Z","stream":"stdout","_p":"F","log":"[INFO] ...","kubernetes":{...}}
// https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes

import type { LogProducer } from '../model/log-line.ts';
import { stringEnd, valueEnd } from '../util/json-scan.ts';
import { isObject, type ProducerReader } from './producer.ts';

/** What the wrapper tells; `log` may still carry a CRI prefix and a final newline. */
export type Wrapped = {
  readonly log: string;
  readonly time: string | undefined;
  readonly producer: LogProducer | undefined;
  /** Which text stream of the container, and whether the runtime cut the line here and nobody joined it since. */
  readonly stream: string | undefined;
  readonly isPart: boolean;
  readonly json: Readonly<Record<string, unknown>> | undefined;
};

const QUOTE = 0x22;

/**
 * Reads a wrapper that holds nothing but texts and `kubernetes`, without parsing the object. Undefined where anything is
 * unusual (white space, other members, no `log`): then `readWrapper` decides.
 */
export function scanWrapper(
  text: string,
  producers: ProducerReader,
  logStream: string | undefined,
): Wrapped | undefined {
  let time: string | undefined;
  let stream: string | undefined;
  let log: string | undefined;
  let tag: string | undefined;
  let producer: LogProducer | undefined;
  let at = 1;
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) return undefined;
    const start = valueStart(text, at);
    let end: number;
    if (text.charCodeAt(start) === QUOTE) {
      end = stringEnd(text, start);
      if (end < 0) return undefined;
      const key = text.charCodeAt(at + 1);
      if (key === 0x6c && text.startsWith('"log"', at)) log = literalValue(text.slice(start, end));
      else if (key === 0x74 && text.startsWith('"time"', at)) time = text.slice(start + 1, end - 1);
      else if (key === 0x73 && text.startsWith('"stream"', at)) stream = text.slice(start + 1, end - 1);
      else if (text.startsWith('"logtag"', at)) tag = text.slice(start + 1, end - 1);
      else if (!text.startsWith('"_p"', at)) return undefined;
    } else {
      if (!text.startsWith('"kubernetes":{', at)) return undefined;
      // It is nearly always the last member and the same as on the line before: comparing is cheaper than scanning.
      end = text.length - 1;
      producer = producers.known(text.slice(start, end), logStream);
      if (producer === undefined) {
        end = valueEnd(text, start);
        if (end < 0) return undefined;
        producer = producers.ofKubernetesText(text.slice(start, end), logStream);
        if (producer === undefined) return undefined;
      }
    }
    const next = text.charCodeAt(end);
    if (next === 0x7d && end === text.length - 1) break;
    if (next !== 0x2c) return undefined;
    at = end + 1;
  }
  if (log === undefined) return undefined;
  // `_p` is Fluent Bit's own, and it has joined the parts already; `logtag` comes from parsers that leave them apart.
  return {
    log,
    time,
    producer: producer ?? producers.ofStream(logStream),
    stream,
    isPart: tag === 'P',
    json: undefined,
  };
}

/** Position of the value of the member whose key opens at `at`; keys we know are short and hold no escape. */
function valueStart(text: string, at: number): number {
  const end = text.indexOf('"', at + 1);
  return text.charCodeAt(end + 1) === 0x3a ? end + 2 : -1;
}

/** Value of a string literal; undefined when it is no valid JSON. */
function literalValue(literal: string): string | undefined {
  if (literal.indexOf('\\') < 0) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

const LINE_KEYS = ['log', 'message', 'MESSAGE', 'body'] as const;

/** Reads any parsed object: every wrapper of any layout; an object that wraps nothing is the line itself. */
export function readWrapper(
  object: Readonly<Record<string, unknown>>,
  text: string,
  producers: ProducerReader,
  logStream: string | undefined,
): Wrapped {
  const line = lineOf(object);
  const merged = isObject(object.log_processed) ? object.log_processed : object.data;
  return {
    log: line ?? text,
    time: timeOf(object),
    producer: producerOf(object, producers, logStream),
    stream: typeof object.stream === 'string' ? object.stream : undefined,
    isPart: object.logtag === 'P',
    json: isObject(merged) ? merged : line === undefined ? object : undefined,
  };
}

function lineOf(object: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of LINE_KEYS) {
    const value = object[key];
    if (typeof value === 'string') return value;
    // OTLP's AnyValue
    if (isObject(value) && typeof value.stringValue === 'string') return value.stringValue;
  }
  return undefined;
}

/** `time` as text, or OpenTelemetry's nanoseconds. */
function timeOf(object: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof object.time === 'string') return object.time;
  const nanos = Number(object.timeUnixNano);
  return nanos > 0 && nanos < 8.64e21 ? new Date(Math.floor(nanos / 1e6)).toISOString() : undefined;
}

function producerOf(
  object: Readonly<Record<string, unknown>>,
  producers: ProducerReader,
  logStream: string | undefined,
): LogProducer | undefined {
  if (isObject(object.kubernetes)) return producers.ofObject(object.kubernetes, logStream);
  const resource = object.resource;
  if (!isObject(resource)) return producers.ofStream(logStream);
  return producers.ofObject(isObject(resource.attributes) ? resource.attributes : resource, logStream);
}
