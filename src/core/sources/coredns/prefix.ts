/** The prefix that CoreDNS's own logger prints: `2018-10-30T19:10:07.547Z [INFO] `, both parts optional. */
export type LogPrefix = {
  /** The time that CoreDNS 1.2.6 to 1.6.2 prints first. */
  readonly time: string | undefined;
  /** `INFO`, `WARNING`, ... */
  readonly level: string | undefined;
  /** Position of the bracket before the level, or of the message if there is no level. */
  readonly levelAt: number;
  /** Position of the message. */
  readonly messageAt: number;
};

const INFO = '[INFO] ';
const LEVEL = /^\[(DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /;
const INFO_PREFIX: LogPrefix = { time: undefined, level: 'INFO', levelAt: 0, messageAt: INFO.length };
const NO_PREFIX: LogPrefix = { time: undefined, level: undefined, levelAt: 0, messageAt: 0 };
// A longer first word is not a time.
const MAX_TIME_LENGTH = 35;

/**
 * Reads the prefix of a CoreDNS line.
 * https://github.com/coredns/coredns/blob/master/plugin/pkg/log/log.go
 */
export function readPrefix(text: string): LogPrefix {
  if (text.startsWith(INFO)) return INFO_PREFIX;
  let levelAt = 0;
  if (text.charCodeAt(4) === 0x2d && text.charCodeAt(10) === 0x54 && text.charCodeAt(13) === 0x3a) {
    levelAt = text.indexOf(' ') + 1;
    if (levelAt > MAX_TIME_LENGTH + 1) levelAt = 0;
  }
  if (levelAt === 0 && text.charCodeAt(0) !== 0x5b) return NO_PREFIX;
  const level = LEVEL.exec(text.slice(levelAt, levelAt + 12));
  return {
    time: levelAt === 0 ? undefined : text.slice(0, levelAt - 1),
    level: level?.[1],
    levelAt,
    messageAt: levelAt + (level?.[0].length ?? 0),
  };
}
