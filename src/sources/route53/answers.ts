import type { Answer } from '../../model/dns-event.ts';
import { upperCaseOf, withoutFinalDot } from './query-text.ts';

/** Dynatrace's cap for the values of an attribute. */
export const MAX_ANSWERS = 32;

/** Types whose Rdata is one name and nothing else. A PTR may hold an address instead, which ends without a dot. */
export const NAME_TYPES: ReadonlySet<string> = new Set(['CNAME', 'NS', 'PTR', 'DNAME']);

const NO_ANSWERS: readonly Answer[] = [];

/** The answers kept, how many there were, and whether all that were kept were understood. */
export type Answers = { readonly list: readonly Answer[]; readonly count: number; readonly isWhole: boolean };

const NONE: Answers = { list: NO_ANSWERS, count: 0, isWhole: true };

/**
 * Reads `answers`: `[{"Rdata":"192.0.2.7","Type":"A","Class":"IN"}]`. Tables made by Glue have the keys in lower case,
 * some writers print a single answer without the array, or `null` for none.
 */
export function readAnswers(value: unknown): Answers {
  if (value === undefined || value === null || value === '') return NONE;
  if (!Array.isArray(value)) return isObject(value) ? readList([value]) : { ...NONE, isWhole: false };
  return value.length === 0 ? NONE : readList(value);
}

function readList(values: readonly unknown[]): Answers {
  const list: Answer[] = [];
  const end = Math.min(values.length, MAX_ANSWERS);
  for (let at = 0; at < end; at++) {
    const answer = readAnswer(values[at]);
    if (answer !== undefined) list.push(answer);
  }
  return { list, count: values.length, isWhole: list.length === end };
}

function readAnswer(value: unknown): Answer | undefined {
  if (!isObject(value)) return undefined;
  const data = value.Rdata ?? value.rdata;
  const type = value.Type ?? value.type ?? value.answer_type;
  if (typeof data !== 'string' || typeof type !== 'string' || type === '') return undefined;
  const name = upperCaseOf(type);
  return { data: NAME_TYPES.has(name) ? withoutFinalDot(data) : data, type: name };
}

/** A JSON object, not an array and not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
