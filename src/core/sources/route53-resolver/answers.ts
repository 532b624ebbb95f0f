import type { Answer } from '../../model/dns-event.ts';
import { upperCaseOf, withoutFinalDot } from '../route53-common/text.ts';

/** Dynatrace's cap for the values of an attribute. */
export const MAX_ANSWERS = 32;

/** Types whose Rdata is one name and nothing else. A PTR may hold an address instead, which ends without a dot. */
export const NAME_TYPES: ReadonlySet<string> = new Set(['CNAME', 'NS', 'PTR', 'DNAME']);

const NO_ANSWERS: readonly Answer[] = [];

/** The answers kept, how many there were (both undefined where none could be read), and whether all kept were understood. */
export type Answers = {
  readonly list: readonly Answer[] | undefined;
  readonly count: number | undefined;
  readonly isWhole: boolean;
};

const NONE: Answers = { list: NO_ANSWERS, count: 0, isWhole: true };
const UNREADABLE: Answers = { list: undefined, count: undefined, isWhole: false };

/**
 * Reads `answers`: `[{"Rdata":"192.0.2.7","Type":"A","Class":"IN"}]`. Tables made by Glue have the keys in lower case,
 * some writers print a single answer without the array, `null` for none, or the list as text.
 */
export function readAnswers(value: unknown): Answers {
  if (value === undefined || value === null || value === '') return NONE;
  const answers = typeof value === 'string' ? parsed(value) : value;
  if (!Array.isArray(answers)) return isObject(answers) ? readList([answers]) : UNREADABLE;
  return answers.length === 0 ? NONE : readList(answers);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readList(values: readonly unknown[]): Answers {
  const list: Answer[] = [];
  const end = Math.min(values.length, MAX_ANSWERS);
  for (let at = 0; at < end; at++) {
    const answer = readAnswer(values[at]);
    if (answer !== undefined) list.push(answer);
  }
  return list.length === 0 ? UNREADABLE : { list, count: values.length, isWhole: list.length === end };
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
