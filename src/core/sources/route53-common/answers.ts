import type { Answer } from '../../model/dns-event.ts';
import { MAX_ATTRIBUTE_VALUES } from '../../model/limits.ts';
import { isObject } from '../../util/json.ts';
import { upperCaseOf, withoutFinalDot } from './text.ts';

/** Types whose Rdata is exactly one name. A PTR may contain an address instead, which does not end with a dot. */
export const NAME_TYPES: ReadonlySet<string> = new Set(['CNAME', 'NS', 'PTR', 'DNAME']);

const NO_ANSWERS: readonly Answer[] = [];

/** The answers of a response. `list` and `count` are undefined if not even one answer could be read. */
export type Answers = {
  /** The first `MAX_ATTRIBUTE_VALUES` answers, without those that could not be read. */
  readonly list: readonly Answer[] | undefined;
  /** Number of answers before the limit. */
  readonly count: number | undefined;
  /** Whether every answer within the limit could be read. */
  readonly isComplete: boolean;
};

const NONE: Answers = { list: NO_ANSWERS, count: 0, isComplete: true };
const UNREADABLE: Answers = { list: undefined, count: undefined, isComplete: false };

/**
 * Reads `answers`: `[{"Rdata":"192.0.2.7","Type":"A","Class":"IN"}]`. Tables created by Glue have keys in lower case.
 * Some tools write a single answer without the array, `null` for no answers, or the list as JSON text.
 */
export function readAnswers(value: unknown): Answers {
  if (value === undefined || value === null || value === '') return NONE;
  const answers = typeof value === 'string' ? parseJson(value) : value;
  if (!Array.isArray(answers)) return isObject(answers) ? readList([answers]) : UNREADABLE;
  return answers.length === 0 ? NONE : readList(answers);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readList(values: readonly unknown[]): Answers {
  const list: Answer[] = [];
  const end = Math.min(values.length, MAX_ATTRIBUTE_VALUES);
  for (let at = 0; at < end; at++) {
    const answer = readAnswer(values[at]);
    if (answer !== undefined) list.push(answer);
  }
  return list.length === 0 ? UNREADABLE : { list, count: values.length, isComplete: list.length === end };
}

function readAnswer(value: unknown): Answer | undefined {
  if (!isObject(value)) return undefined;
  const data = value.Rdata ?? value.rdata;
  const type = value.Type ?? value.type ?? value.answer_type;
  if (typeof data !== 'string' || typeof type !== 'string' || type === '') return undefined;
  const name = upperCaseOf(type);
  return { data: NAME_TYPES.has(name) ? withoutFinalDot(data) : data, type: name };
}
