import type { LogLine, UnwrappedLine } from '../../src/core/model/log-line.ts';

/** When the line of `lineOf` was logged: five minutes after the query of `resolverRecord`. */
export const LOGGED_AT_MS = Date.UTC(2024, 2, 1, 12, 5);

/** A line, as it comes in an envelope. */
export function lineOf(text: string, logStream?: string): LogLine {
  return { text, timestampMs: LOGGED_AT_MS, timeIsArrival: false, logStream, logGroup: undefined };
}

/** A bare line as the unwrapper returns it. */
export function bare(text: string, json?: UnwrappedLine['json']): UnwrappedLine {
  return {
    text,
    timeMs: undefined,
    producer: undefined,
    streamProducer: undefined,
    isWrapped: false,
    json,
  };
}
