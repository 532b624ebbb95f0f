// Which fields `OMIT` leaves out of every record, by the table of fields.
import { nearest } from '../../util/nearest.ts';
import type { OutputFormat } from '../settings.ts';
import type { LeanReason } from './field.ts';
import { RECORD_FIELDS } from './index.ts';

/** The set of fields that can be told from other fields, from Dynatrace's entities or from the envelope. */
export const LEAN = 'lean';

/** Whether records are written without a field, by its name: `omits('dns.id')`. */
export type Omits = (name: string) => boolean;

const FIELD_NAMES = RECORD_FIELDS.map(({ name }) => name);
const PROTECTED: ReadonlySet<string> = new Set(
  RECORD_FIELDS.filter(({ isProtected }) => isProtected === true).map(({ name }) => name),
);
const OPEN_PREFIXES = FIELD_NAMES.filter(isPattern).map(prefixOf);

/** Whether a name stands for every name with its prefix: `dns.answers.*`. */
function isPattern(name: string): boolean {
  return name.endsWith('.*');
}

function prefixOf(pattern: string): string {
  return pattern.slice(0, -1);
}

/** The fields of the set `lean`; `without` holds reasons that do not apply: `envelope`, where the output has none. */
export const leanFields = (without: readonly LeanReason[] = []): readonly string[] =>
  RECORD_FIELDS.filter(({ leanWithout }) => leanWithout !== undefined && !without.includes(leanWithout)).map(
    ({ name }) => name,
  );

/** The fields of the set `lean` for an output: only the envelope tells what the set leaves to it. */
export const leanFieldsOf = (outputFormat: OutputFormat): readonly string[] =>
  leanFields(outputFormat === 'ndjson' ? ['envelope'] : []);

/** Why `OMIT` may not have an item: `"dns.idd" is not a field of the record; did you mean "dns.id"?`; undefined where it may. */
export function omissionFault(item: string): string | undefined {
  if (item === LEAN) return undefined;
  if (PROTECTED.has(item)) return `"${item}" cannot be left out`;
  const isKnown = isPattern(item)
    ? FIELD_NAMES.some((name) => name.startsWith(prefixOf(item))) ||
      OPEN_PREFIXES.some((prefix) => item.startsWith(prefix))
    : FIELD_NAMES.includes(item) ||
      OPEN_PREFIXES.some((prefix) => item.startsWith(prefix) && item.length > prefix.length);
  if (isKnown) return undefined;
  const hint = nearest(item, [...FIELD_NAMES.filter((name) => !PROTECTED.has(name)), LEAN]);
  return `"${item}" is not a field of the record${hint === undefined ? '' : `; did you mean "${hint}"?`}`;
}

/**
 * Tells whether a field is left out, by `names`: exact ones and `prefix.*`. Protected fields never are.
 */
export function createOmits(names: readonly string[]): Omits {
  if (names.length === 0) return () => false;
  const exact = new Set(names.filter((name) => !isPattern(name)));
  const prefixes = names.filter(isPattern).map(prefixOf);
  return (name) =>
    !PROTECTED.has(name) && (exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix)));
}
