/** A line of text behind `2018-10-30T19:10:07.547Z [INFO] `, both parts optional. */
export type Prefixed = {
  /** The time that CoreDNS 1.2.6 to 1.6.2 printed first. */
  readonly stamp: string | undefined;
  /** `INFO`, `WARNING`, ... */
  readonly level: string | undefined;
  /** Where the level's bracket opens, or the text where there is none. */
  readonly levelAt: number;
  readonly textAt: number;
};

const INFO = '[INFO] ';
const LEVEL = /^\[(DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /;
const PLAIN_INFO: Prefixed = { stamp: undefined, level: 'INFO', levelAt: 0, textAt: INFO.length };
const NONE: Prefixed = { stamp: undefined, level: undefined, levelAt: 0, textAt: 0 };

/**
 * Reads what CoreDNS's own logger puts before a message.
 * https://github.com/coredns/coredns/blob/master/plugin/pkg/log/log.go
 */
export function readPrefix(text: string): Prefixed {
  if (text.startsWith(INFO)) return PLAIN_INFO;
  let levelAt = 0;
  if (text.charCodeAt(4) === 0x2d && text.charCodeAt(10) === 0x54 && text.charCodeAt(13) === 0x3a) {
    levelAt = text.indexOf(' ') + 1;
    if (levelAt > 36) levelAt = 0;
  }
  if (levelAt === 0 && text.charCodeAt(0) !== 0x5b) return NONE;
  const level = LEVEL.exec(text.slice(levelAt, levelAt + 12));
  return {
    stamp: levelAt === 0 ? undefined : text.slice(0, levelAt - 1),
    level: level?.[1],
    levelAt,
    textAt: levelAt + (level?.[0].length ?? 0),
  };
}
