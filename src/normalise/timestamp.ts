/** Writes RFC 3339 times with milliseconds (`2026-11-23T14:16:47.073Z`); one per batch, since lines share their seconds. */
export function createTimestamps(): (timeMs: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (timeMs) => {
    const ms = Math.floor(timeMs);
    const current = Math.floor(ms / 1000);
    if (current !== second) {
      prefix = isoSecond(current);
      second = current;
    }
    const rest = ms - current * 1000;
    return `${prefix}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
  };
}

// 9999-12-31T23:59:59Z: later years print as six digits, which RFC 3339 does not know.
const LAST_SECOND = 253_402_300_799;

function isoSecond(second: number): string {
  const usable = second >= 0 && second <= LAST_SECOND ? second : 0;
  return new Date(usable * 1000).toISOString().slice(0, 20);
}
