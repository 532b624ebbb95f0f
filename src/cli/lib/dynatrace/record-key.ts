// Record keys in the matchers of the pipeline: a matcher takes only records with one of them (dynatrace/openpipeline.md).
import { isObject, type JsonObject } from '../../../core/util/json.ts';
import { EXIT, fail } from '../../terminal.ts';

/** Stands for a record key in the shipped files. */
const PLACEHOLDER = '<RECORD_KEY>';

/**
 * The parts of a shipped matcher that ask for the key, `(<condition> and isNull(content))`, one for each form in which a
 * record may hold it; nothing matches them as long as the placeholder is not filled.
 */
const UNFILLED =
  /\(((?:matchesPhrase|matchesValue|contains)\([^()]*<RECORD_KEY>[^()]*\)(?: or \w+\([^()]*\))*) and isNull\(content\)\)/g;

/** What every record has; for functions that write no key. */
const ANY_RECORD = 'matchesPhrase(content, "\\"dns.client.attribution\\":")';

const RECORD_KEY = /^[0-9a-z]{16,64}$/;

/** A key in a matcher of any version, behind the name of its field: `"dns.key":"<key>"`, with or without backslashes. */
const KEY_IN_MATCHER = /dns\.key[^0-9A-Za-z]{1,16}([0-9a-z]{16,64})(?![0-9A-Za-z])/g;

/** Limit of a matcher in the schema of routing. */
const MAX_MATCHER_CHARS = 4096;

/** Returns a valid record key; throws a usage error otherwise. */
export function checkedKey(text: string): string {
  if (RECORD_KEY.test(text)) return text;
  throw fail(
    'a record key has 16 to 64 lower-case letters and digits',
    'take the output RecordKey of the stack, or name the stack with --stack <name>',
    EXIT.usage,
  );
}

/** The record keys for which the matchers in a settings value ask, each once, in their order. */
export function keysIn(value: unknown): readonly string[] {
  const keys = new Set<string>();
  for (const matcher of matchersIn(value))
    for (const [, key = ''] of matcher.matchAll(KEY_IN_MATCHER)) keys.add(key);
  return [...keys];
}

/** Whether a stored matcher still has the placeholder of the shipped file, which nothing matches. */
export const isUnfilled = (value: unknown): boolean =>
  matchersIn(value).some((matcher) => matcher.includes(PLACEHOLDER));

/** A shipped settings value with its keys filled in; without keys its matchers take every line that looks like a record. */
export function withKeys(value: JsonObject, keys: readonly string[]): JsonObject {
  const filled = mapTexts(value, (name, text) => {
    if (!text.includes(PLACEHOLDER)) return text;
    return name === 'matcher' ? filledMatcher(text, keys) : text.replaceAll(PLACEHOLDER, keys[0] ?? 'none');
  });
  return filled as JsonObject;
}

function filledMatcher(matcher: string, keys: readonly string[]): string {
  const filled = matcher.replace(UNFILLED, (_, condition: string) =>
    keys.length === 0
      ? ANY_RECORD
      : `(${keys.map((key) => condition.replaceAll(PLACEHOLDER, key)).join(' or ')})`,
  );
  if (filled.includes(PLACEHOLDER))
    throw fail('a matcher of the shipped pipeline has a form that is not known');
  if (filled.length > MAX_MATCHER_CHARS)
    throw fail(
      `a matcher for ${keys.length} record keys is longer than Dynatrace allows`,
      'remove old keys from the pipeline, or deploy the stacks with one common parameter RecordKey',
      EXIT.refused,
    );
  return filled;
}

/** Every `matcher` in a value. */
function matchersIn(value: unknown): readonly string[] {
  const found: string[] = [];
  mapTexts(value, (name, text) => {
    if (name === 'matcher') found.push(text);
    return text;
  });
  return found;
}

/** A copy of a JSON value whose texts went through `change`, which gets the name of the member that holds them. */
function mapTexts(value: unknown, change: (name: string, text: string) => string, name = ''): unknown {
  if (typeof value === 'string') return change(name, value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change, name));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, one]) => [member, mapTexts(one, change, member)]),
  );
}
