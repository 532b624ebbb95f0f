import { createEscapedLine, type EscapedLine } from '../../src/core/fast-path/escaped-line.ts';
import type { EscapeLevel } from '../../src/core/model/encoded-text.ts';

/** Text as it stands in a JSON string, `times` deep. */
export const escapedTimes = (text: string, times: number): string =>
  times === 0 ? text : escapedTimes(JSON.stringify(text).slice(1, -1), times - 1);

/**
 * A line as it stands in an envelope, escaped `level` times, for the readers of the fast path. Other bytes stand before
 * it, and `behind` stands behind it.
 */
export function escapedLine(
  text: string,
  level: EscapeLevel = 1,
  members: Partial<EscapedLine> = {},
  behind = '"},{"id":"2"',
): EscapedLine {
  const before = '{"logEvents":[{"id":"1","message":"';
  const line = escapedTimes(text, level);
  const bytes = Buffer.from(before + line + behind, 'latin1');
  return {
    ...createEscapedLine(),
    text: bytes.toString('latin1'),
    bytes,
    start: before.length,
    end: before.length + line.length,
    level,
    ...members,
  };
}
