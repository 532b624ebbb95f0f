// Numbers and times as the report prints them.

const INTEGER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `1,234`. */
export const integer = (value: number): string => INTEGER.format(value);

/** `1.2K`, for axes and tiles. */
export const compact = (value: number): string => COMPACT.format(value);

/** `2,019`, `1.2M`: for tiles. */
export const tileNumber = (value: number): string => (value < 100_000 ? integer(value) : compact(value));

/** `1 name`, `2 queries`. */
export const plural = (count: number, word: string): string =>
  `${integer(count)} ${count === 1 ? word : `${word.replace(/y$/, 'ie')}s`}`;

/** `12 %`, `0.4 %`, `< 0.1 %`. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const value = (100 * part) / whole;
  if (value < 0.1) return '< 0.1 %';
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** `2026-11-20 10:05:13`, UTC. */
export const time = (timeMs: number): string => isoOf(timeMs).slice(0, 19).replace('T', ' ');

/** `10:05:13` where the day is said elsewhere. */
export const clock = (timeMs: number): string => isoOf(timeMs).slice(11, 19);

const isoOf = (timeMs: number): string =>
  Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : ' '.repeat(20);

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** `6 minutes`, `1 second`, `3.5 days`. */
export function span(durationMs: number): string {
  const [name, ms] = UNITS.find(([, unit]) => durationMs >= unit) ?? ['second', 1000];
  const value = Math.round((10 * durationMs) / ms) / 10;
  return `${value} ${name}${value === 1 ? '' : 's'}`;
}

/** `2.4 MB`. */
export const megabytes = (bytes: number): string =>
  bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** `0.42 ms`, `3.1 ms`, `120 ms`. */
export const milliseconds = (ms: number | undefined): string =>
  ms === undefined ? '–' : `${ms < 1 ? ms.toFixed(2) : ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** At most `max` characters of a text of a log: its start and its end, because a name's end says whose it is. */
export const shorten = (text: string, max = 260): string =>
  text.length <= max
    ? text
    : `${text.slice(0, max - Math.ceil(max / 4) - 3)} … ${text.slice(-Math.floor(max / 4))}`;
