import { createRawUnwrapper } from '../fast-path/container-insights.ts';
import type { EscapedLine, Line, UnwrappedLine } from '../model/log-line.ts';
import { rfc3339Ms } from '../util/rfc3339.ts';
import { createPartJoiner, readCriPrefix } from './cri.ts';
import { readWrapper, scanWrapper, type Wrapped } from './json.ts';
import { createProducerReader, parseObject } from './producer.ts';

/** Takes the wrapper off a line. */
export interface Unwrapper {
  (line: Line): UnwrappedLine;
  /**
   * Whether the line may be a part of a split line, or the rest of one: such a line must be unwrapped whatever the
   * sources say of it, because a part alone need not look like DNS.
   */
  mayBePart(text: string): boolean;
  /** Forgets everything: the next line is the first of another batch. */
  reset(): void;
  /** Whether the rest of a split line is outstanding: then every line has to be unwrapped. */
  isPending(): boolean;
  /** Takes the wrapper off a line that is not decoded, by moving its borders; unless it knows the wrapper, the line stays as it is. */
  raw(raw: EscapedLine, logStream: string | undefined): void;
}

const NO_TEXT = '';

/**
 * Creates an unwrapper for one batch: it remembers the parts of split lines and the pods it has seen, so that the same
 * pod is the same object. A part (`P`) gives empty text; the last part (`F`) gives the whole line.
 * Knows Container Insights, the Observability add-on (Fluent Bit and OpenTelemetry), aws-for-fluent-bit, Fargate's log
 * router, Fluentd, docker's json-file and CRI; anything else is a bare line.
 */
export function createUnwrapper(): Unwrapper {
  const producers = createProducerReader();
  const joiner = createPartJoiner();

  const finish = (line: Line, wrapped: Wrapped): UnwrappedLine => {
    const cri = readCriPrefix(wrapped.log);
    const time = wrapped.time ?? cri?.stamp;
    const isPart = cri?.isPart ?? wrapped.isPart;
    let text = withoutNewline(cri === undefined ? wrapped.log : wrapped.log.slice(cri.textAt));
    if (isPart || joiner.isPending()) {
      const key = `${line.logStream}\n${cri?.stream ?? wrapped.stream}\n${wrapped.producer?.pod}\n${wrapped.producer?.container}`;
      text = joiner.join(key, text, isPart) ?? NO_TEXT;
    }
    return {
      text,
      timeMs: time === undefined ? undefined : rfc3339Ms(time),
      producer: wrapped.producer,
      // What stands alone has been tried as an object before.
      json:
        wrapped.json ?? (text.charCodeAt(0) === 0x7b && text !== line.text ? parseObject(text) : undefined),
    };
  };

  const unwrap = (line: Line): UnwrappedLine => {
    const { text, logStream } = line;
    if (text.charCodeAt(0) === 0x7b) {
      const wrapped = scanWrapper(text, producers, logStream);
      if (wrapped !== undefined) return finish(line, wrapped);
      const object = parseObject(text);
      if (object !== undefined) return finish(line, readWrapper(object, text, producers, logStream));
    }
    const producer = producers.ofStream(logStream);
    return finish(line, {
      log: text,
      time: undefined,
      producer,
      stream: undefined,
      isPart: false,
      json: undefined,
    });
  };
  const mayBePart = (text: string): boolean => joiner.isPending() || hasPartMark(text);
  const unwrapRaw = createRawUnwrapper(producers);
  const raw = (line: EscapedLine, logStream: string | undefined): void => {
    if (!unwrapRaw(line, logStream)) line.producer = producers.ofStream(logStream);
  };
  const reset = (): void => {
    producers.reset();
    joiner.reset();
  };
  return Object.assign(unwrap, { reset, mayBePart, isPending: joiner.isPending, raw });
}

/** ` stdout P ` within a CRI prefix, bare or first in a wrapper, or the `logtag` of a parser that leaves parts apart. */
function hasPartMark(text: string): boolean {
  if (text.charCodeAt(0) === 0x7b) {
    if (text.startsWith('{"log":"2')) return text.slice(8, 56).includes(' P ');
    // Parsers put the tag before the line.
    return text.startsWith('"logtag":"P', text.indexOf('"log'));
  }
  return readCriPrefix(text)?.isPart === true;
}

function withoutNewline(text: string): string {
  let end = text.length;
  if (text.charCodeAt(end - 1) !== 0x0a && text.charCodeAt(end - 1) !== 0x0d) return text;
  while (end > 0 && (text.charCodeAt(end - 1) === 0x0a || text.charCodeAt(end - 1) === 0x0d)) end--;
  return text.slice(0, end);
}
