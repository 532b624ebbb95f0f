import { UNPRINTABLE } from '../../terminal.ts';

const MAX_CHARS = 300;

/** A text of Dynatrace as one short line for a terminal. */
export function plain(text: string): string {
  const clean = text
    .slice(0, 4 * MAX_CHARS)
    .replace(UNPRINTABLE, ' ')
    .trim();
  return clean.length > MAX_CHARS ? `${clean.slice(0, MAX_CHARS)}...` : clean;
}

/** JSON text in which everything but printable characters and newlines is escaped; it has the same value. */
export const escaped = (json: string): string =>
  json.replace(UNPRINTABLE, (one) =>
    one === '\n'
      ? one
      : [...Array(one.length).keys()]
          .map((at) => `\\u${one.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join(''),
  );
