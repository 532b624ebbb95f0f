import type { LogLevel } from '../../model/dns-event.ts';

/** The prefix that CoreDNS's own logger prints: `2018-10-30T19:10:07.547Z [INFO] `, both parts optional. */
export type LogPrefix = {
  /** The time that CoreDNS 1.2.6 to 1.6.2 prints first, or the one that a tool has put before it. */
  readonly time: string | undefined;
  /** Whether the line starts with `2018/11/21 06:48:52 `, as until 1.2.5: errors then have no `plugin/errors: `. */
  readonly hasDate: boolean;
  /** `INFO`, `WARNING`, ... */
  readonly level: string | undefined;
  /** Position of the bracket before the level, or of the message if there is no level. */
  readonly levelAt: number;
  /** Position of the message. */
  readonly messageAt: number;
};

const INFO = '[INFO] ';
const LEVEL = /^\[(DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /;
const NEXT_LEVEL = /\[(?:DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /g;
const INFO_PREFIX: LogPrefix = {
  time: undefined,
  hasDate: false,
  level: 'INFO',
  levelAt: 0,
  messageAt: INFO.length,
};
const NO_PREFIX: LogPrefix = { ...INFO_PREFIX, level: undefined, messageAt: 0 };
const DATE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{6})? /;
// A longer first word is not a time.
const MAX_TIME_LENGTH = 35;

/**
 * Reads the prefix of a CoreDNS line. `kubectl logs --timestamps` and exports add a time of their own before it; versions
 * 1.2.6 to 1.3.1 print a space first.
 * https://github.com/coredns/coredns/blob/master/plugin/pkg/log/log.go
 */
export function readPrefix(text: string): LogPrefix {
  if (text.startsWith(INFO)) return INFO_PREFIX;
  const start = skipBlanks(text, 0);
  const date = text.charCodeAt(start + 4) === 0x2f ? DATE.exec(text.slice(start, start + 28)) : null;
  const stampAt = start + (date?.[0].length ?? 0);
  const stampEnd = afterStamp(text, stampAt);
  const levelAt = skipBlanks(text, afterStamp(text, stampEnd));
  if (levelAt === 0 && text.charCodeAt(0) !== 0x5b) return NO_PREFIX;
  const level = LEVEL.exec(text.slice(levelAt, levelAt + 12));
  return {
    time: stampEnd === stampAt ? undefined : text.slice(stampAt, stampEnd - 1),
    hasDate: date !== null,
    level: level?.[1],
    levelAt,
    messageAt: levelAt + (level?.[0].length ?? 0),
  };
}

/** Position after `2018-10-30T19:10:07.547Z ` at `at`; `at` itself where there is no time. */
function afterStamp(text: string, at: number): number {
  if (text.charCodeAt(at + 4) !== 0x2d || text.charCodeAt(at + 10) !== 0x54) return at;
  const end = text.charCodeAt(at + 13) === 0x3a ? text.indexOf(' ', at) : -1;
  return end < 0 || end - at > MAX_TIME_LENGTH ? at : end + 1;
}

const LEVELS: Readonly<Record<string, LogLevel>> = {
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  WARNING: 'WARN',
  WARN: 'WARN',
  ERROR: 'ERROR',
  FATAL: 'FATAL',
};

/** The level of a record for one that CoreDNS printed: `WARNING` in text, `WARN` in JSON. */
export const levelOf = (printed: unknown): LogLevel | undefined =>
  typeof printed === 'string' && Object.hasOwn(LEVELS, printed) ? LEVELS[printed] : undefined;

/**
 * End of the query line at `at`, where another line may be glued to it: a line break, or the next level
 * (`...0.000005874s[INFO] 10.0.1.24:...`).
 */
export function queryEnd(text: string, at: number): number {
  const level = nextLevel(text, at);
  const newline = text.indexOf('\n', at);
  return newline < 0 ? level : Math.min(newline, level);
}

/** End of any other message in the same way; it may have line breaks of its own. */
export function messageEnd(text: string): number {
  const level = nextLevel(text, 0);
  const newline = level === text.length ? -1 : text.lastIndexOf('\n', level);
  return newline < 0 ? level : newline;
}

/** Position of the next `[INFO] ` or other level from `at`; the length of the text where there is none. */
function nextLevel(text: string, at: number): number {
  NEXT_LEVEL.lastIndex = at;
  return NEXT_LEVEL.exec(text)?.index ?? text.length;
}

/** Position of the first character from `at` that is neither a space nor a tab. */
export function skipBlanks(text: string, at: number): number {
  let i = at;
  while (isBlank(text.charCodeAt(i))) i++;
  return i;
}

/** The text without spaces, tabs and carriage returns at its end. */
export function withoutFinalBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && (isBlank(text.charCodeAt(end - 1)) || text.charCodeAt(end - 1) === 0x0d)) end--;
  return end === text.length ? text : text.slice(0, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
