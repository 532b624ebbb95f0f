// Removes what log shippers and container runtimes put around a line.
import type { LogLine, UnwrappedLine } from '../model/log-line.ts';
import { parseObject } from '../util/json.ts';
import { rfc3339Ms } from '../util/rfc3339.ts';
import { createPartJoiner, readCriPrefix } from './cri.ts';
import { readWrapper, type Wrapped } from './json.ts';
import { readLinePrefix } from './line-prefix.ts';
import { createProducerReader } from './producer.ts';

/** Removes the wrapper of a line. */
export interface Unwrapper {
  (line: LogLine): UnwrappedLine;
  /**
   * Whether the line may be a part of a split line, or the rest of one: such a line is unwrapped without a prefilter,
   * because a part alone need not look like DNS.
   */
  mayBePart(text: string): boolean;
  /** Whether the rest of a split line is outstanding: then every line has to be unwrapped. */
  isPending(): boolean;
  /** Forgets everything: the next line is the first of another record. */
  reset(): void;
}

const NO_TEXT = '';
const OPEN_BRACE = 0x7b;

/**
 * Creates an unwrapper. Within a record it remembers the parts of split lines: a part (`P`) gives empty text, the last
 * part (`F`) the whole line. Knows Container Insights, the Observability add-on (Fluent Bit and OpenTelemetry),
 * aws-for-fluent-bit, Fargate's log router, Fluentd, Filebeat, docker's json-file, CRI, syslog and `kubectl logs --prefix`;
 * any other text is a bare line. Parts of
 * more than `maxLineBytes` characters are not joined.
 */
export function createUnwrapper(maxLineBytes = Number.POSITIVE_INFINITY): Unwrapper {
  const producers = createProducerReader();
  const joiner = createPartJoiner(maxLineBytes);

  const finish = (line: LogLine, wrapped: Wrapped): UnwrappedLine => {
    const cri = readCriPrefix(wrapped.log);
    // The line's place in the order of lines matters only for parts, so one test decides before and after unwrapping.
    const isPart = (cri?.isPart ?? wrapped.isPart) && hasPartMark(line.text);
    let text = withoutNewline(cri === undefined ? wrapped.log : wrapped.log.slice(cri.textAt));
    if (isPart || joiner.isPending()) {
      const { producer } = wrapped;
      const container = `${producer?.namespace}\n${producer?.pod}\n${producer?.container}`;
      const key = `${line.logStream}\n${cri?.stream ?? wrapped.stream}\n${container}`;
      text = joiner.join(key, text, isPart) ?? NO_TEXT;
    }
    const prefix = readLinePrefix(text);
    if (prefix !== undefined) text = text.slice(prefix.textAt);
    const time = wrapped.time ?? cri?.stamp ?? prefix?.stamp;
    // A line that is the whole message was parsed before, if it is an object.
    const mayBeObject = text.charCodeAt(0) === OPEN_BRACE && text !== line.text;
    return {
      text,
      timeMs: time === undefined ? undefined : rfc3339Ms(time),
      producer: wrapped.producer ?? (prefix && producers.intern(prefix.producer)),
      streamProducer: producers.ofStream(line.logStream),
      isWrapped: wrapped.isWrapper || cri !== undefined || prefix !== undefined,
      json: wrapped.json ?? (mayBeObject ? parseObject(text) : undefined),
    };
  };

  const unwrap = (line: LogLine): UnwrappedLine => {
    const { text, logStream } = line;
    const object = text.charCodeAt(0) === OPEN_BRACE ? parseObject(text) : undefined;
    if (object !== undefined) return finish(line, readWrapper(object, text, producers, logStream));
    return finish(line, {
      log: text,
      time: undefined,
      producer: producers.ofStream(logStream),
      stream: undefined,
      isPart: false,
      json: undefined,
      isWrapper: false,
    });
  };
  const mayBePart = (text: string): boolean => joiner.isPending() || hasPartMark(text);
  const reset = (): void => {
    producers.reset();
    joiner.reset();
  };
  return Object.assign(unwrap, { reset, mayBePart, isPending: joiner.isPending });
}

/** ` stdout P ` within a CRI prefix, bare or first in a wrapper, or the `logtag` of a parser that does not join parts. */
function hasPartMark(text: string): boolean {
  if (text.charCodeAt(0) === OPEN_BRACE) {
    if (text.startsWith('{"log":"2')) return text.slice(8, 56).includes(' P ');
    // Parsers write the tag before the line.
    return text.startsWith('"logtag":"P', text.indexOf('"log'));
  }
  return readCriPrefix(text)?.isPart === true;
}

function withoutNewline(text: string): string {
  let end = text.length;
  while (end > 0 && isNewline(text.charCodeAt(end - 1))) end--;
  return end === text.length ? text : text.slice(0, end);
}

const isNewline = (code: number): boolean => code === 0x0a || code === 0x0d;
