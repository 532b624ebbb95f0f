import { isAttributeName } from '../../model/attribute-name.ts';
import type { AttributeValue } from '../../model/dns-event.ts';
import { MAX_ATTRIBUTE_VALUES } from '../../model/limits.ts';
import { isObject } from '../../util/json.ts';
import { wellFormedJson } from '../../util/well-formed.ts';

/** Attributes under construction, see `Attributes`. */
export type AttributeList = (readonly [name: string, value: AttributeValue])[];

/** More than a minor version of a log format adds. Members beyond this and the limits of Dynatrace are only in `content`. */
const MAX_ATTRIBUTES = 64;
const MAX_DEPTH = 2;

/**
 * Adds a member under `name`; the members of an object become attributes of their own: `{"is_delayed":true}` named
 * `aws.route53.additional_properties` becomes `aws.route53.additional_properties.is_delayed`. Omits empty values and
 * numbers that JavaScript cannot represent exactly, and members whose name Dynatrace refuses. If a name is already present, its first value is kept.
 */
export function addUnknown(out: AttributeList, name: string, value: unknown, depth = 0): void {
  if (isObject(value) && depth < MAX_DEPTH) {
    for (const key of Object.keys(value)) addUnknown(out, `${name}.${key}`, value[key], depth + 1);
    return;
  }
  const attribute = attributeOf(value);
  if (attribute === undefined || out.length >= MAX_ATTRIBUTES || !isAttributeName(name)) return;
  if (!out.some(([known]) => known === name)) out.push([name, attribute]);
}

function attributeOf(value: unknown): AttributeValue | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return isExact(value) ? value : undefined;
  const isList = Array.isArray(value) && value.length <= MAX_ATTRIBUTE_VALUES;
  if (isList && value.length === 0) return undefined;
  return isList && value.every(isText) ? value : jsonOf(value);
}

/** Whether JavaScript represents the number of a JSON text exactly: it is finite, and an integer is not too large. */
export function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function jsonOf(value: unknown): string | undefined {
  let areNumbersExact = true;
  try {
    const json = JSON.stringify(value, (_key, part: unknown) => {
      areNumbersExact &&= typeof part !== 'number' || isExact(part);
      return part;
    });
    return areNumbersExact && json !== undefined ? wellFormedJson(json) : undefined;
  } catch {
    // The value is nested too deeply for the call stack.
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
