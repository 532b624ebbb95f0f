import type { AttributeValue } from '../../model/dns-event.ts';
import { isObject } from './answers.ts';

/** Attributes in the making, see `Attributes`. */
export type AttributeList = (readonly [name: string, value: AttributeValue])[];

// What Dynatrace takes: bytes of an attribute's name, values of an attribute. Members beyond stay in `content` alone.
const MAX_NAME_BYTES = 100;
const MAX_VALUES = 32;
/** More than any minor version of a log format will ever add. */
const MAX_ATTRIBUTES = 64;
const MAX_DEPTH = 2;

/**
 * Carries a member that nothing else reads: `{"is_delayed":true}` named `aws.route53.additional_properties` becomes
 * `aws.route53.additional_properties.is_delayed`. Empty values are left out, and numbers that
 * JavaScript cannot hold as they stand; of two with one name the first stays.
 */
export function addUnknown(out: AttributeList, name: string, value: unknown, depth = 0): void {
  if (isObject(value) && depth < MAX_DEPTH) {
    for (const key of Object.keys(value)) addUnknown(out, `${name}.${key}`, value[key], depth + 1);
    return;
  }
  const attribute = attributeOf(value);
  if (attribute === undefined || out.length >= MAX_ATTRIBUTES || Buffer.byteLength(name) > MAX_NAME_BYTES)
    return;
  if (!out.some(([known]) => known === name)) out.push([name, attribute]);
}

function attributeOf(value: unknown): AttributeValue | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return isExact(value) ? value : undefined;
  const isList = Array.isArray(value) && value.length <= MAX_VALUES;
  if (isList && value.length === 0) return undefined;
  return isList && value.every(isText) ? value : jsonOf(value);
}

/** Whether a number is the one that the JSON text had: not beyond the largest, nor with more digits than are kept. */
export function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function jsonOf(value: unknown): string | undefined {
  let isWhole = true;
  try {
    const json = JSON.stringify(value, (_key, part: unknown) => {
      isWhole &&= typeof part !== 'number' || isExact(part);
      return part;
    });
    return isWhole ? json : undefined;
  } catch {
    // Nested deeper than the stack is.
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
