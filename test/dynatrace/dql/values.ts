// Values of DQL, and its functions of one record. A function of DQL that is not here is an error, not null.
import { BlockList, isIP, isIPv4 } from 'node:net';

/** A time, a duration, or `field[]`, whose operations apply to each element. */
export class Duration {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}
export class Elements {
  readonly values: readonly Value[];
  constructor(values: readonly Value[]) {
    this.values = values;
  }
}

export type Value = null | string | number | boolean | Date | Duration | Elements | readonly Value[] | Row;

/** A record of a query's result, or a value of type record. */
export type Row = { readonly [name: string]: Value };

/** A flat value; anything else is null, as DQL has it where types do not fit. */
const textOf = (value: Value | undefined): string | null => (typeof value === 'string' ? value : null);
const arrayOf = (value: Value | undefined): readonly Value[] | null =>
  Array.isArray(value) ? (value as readonly Value[]) : null;

const onText =
  (apply: (text: string, ...rest: string[]) => Value) =>
  (...values: readonly Value[]): Value => {
    const texts = values.map(textOf);
    return texts.includes(null) ? null : apply(...(texts as [string, ...string[]]));
  };

/** `matchesValue` of one text. */
const hasValue = (text: Value, pattern: Value): Value =>
  onText((one, other = '') =>
    other.endsWith('*')
      ? one.toLowerCase().startsWith(other.slice(0, -1).toLowerCase())
      : one.toLowerCase() === other.toLowerCase(),
  )(text, pattern);

/** RFC 1918 and RFC 4193. Whether Dynatrace calls other ranges private is not documented: no query depends on it. */
const privateAddresses = new BlockList();
privateAddresses.addSubnet('10.0.0.0', 8, 'ipv4');
privateAddresses.addSubnet('172.16.0.0', 12, 'ipv4');
privateAddresses.addSubnet('192.168.0.0', 16, 'ipv4');
privateAddresses.addSubnet('fc00::', 7, 'ipv6');
const isPrivate = (ip: string): boolean => privateAddresses.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6');

/** Functions by name; parameters with a name come as the last argument. */
export const FUNCTIONS: Readonly<Record<string, (args: readonly Value[], named: Row) => Value>> = {
  coalesce: (args) => args.find((value) => value !== null) ?? null,
  if: ([condition, then = null], { else: otherwise = null }) => (condition === true ? then : otherwise),
  isNull: ([value]) => value === null,
  isNotNull: ([value]) => value !== null,
  // Whether a null makes the result null is not documented: queries must not depend on it.
  concat: (args) => {
    if (args.some((value) => typeof value !== 'string' && typeof value !== 'number'))
      throw new Error(`concat of ${JSON.stringify(args)}`);
    return args.join('');
  },
  in: ([needle = null, ...haystack]) =>
    haystack.flatMap((one) => arrayOf(one) ?? [one ?? null]).includes(needle),
  contains: (args) => onText((text, part = '') => text.includes(part))(...args),
  endsWith: (args) => onText((text, part = '') => text.endsWith(part))(...args),
  lower: (args) => onText((text) => text.toLowerCase())(...args),
  substring: ([text], { from = 0, to }) =>
    onText((one) => one.slice(Number(from), to === undefined ? undefined : Number(to)))(text ?? null),
  replaceString: (args) => onText((text, from = '', to = '') => text.replaceAll(from, to))(...args),
  splitString: (args) => onText((text, by = '') => text.split(by))(...args),
  stringLength: (args) => onText((text) => text.length)(...args),
  decodeBase16ToString: (args) =>
    onText((text) => (/^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex').toString('utf8') : null))(
      ...args,
    ),
  arraySize: ([array]) => arrayOf(array)?.length ?? null,
  iCollectArray: ([elements]) => (elements instanceof Elements ? elements.values : null),
  round: ([value], { decimals = 0 }) =>
    typeof value === 'number' ? Number(value.toFixed(Number(decimals))) : null,
  bin: ([value, interval]) =>
    value instanceof Date && interval instanceof Duration
      ? new Date(Math.floor(value.getTime() / interval.ms) * interval.ms)
      : null,
  ipIsPublic: (args) => onText((ip) => (isIP(ip) === 0 ? null : !isPrivate(ip)))(...args),
  ipIsPrivate: (args) => onText((ip) => (isIP(ip) === 0 ? null : isPrivate(ip)))(...args),
  toDouble: ([value]) => (typeof value === 'number' ? value : null),
  toLong: ([value]) => (typeof value === 'number' ? Math.trunc(value) : null),
  toTimestamp: ([value]) => {
    if (value instanceof Date) return value;
    const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) ? null : new Date(ms);
  },
  // https://docs.dynatrace.com/docs/platform/openpipeline/reference/dql-matcher-in-openpipeline: case is ignored; a phrase
  // ends where a word does, a final asterisk of a value stands for any text.
  matchesPhrase: (args) =>
    onText((text, phrase = '') => {
      const escaped = phrase.toLowerCase().replaceAll(/[^\w]/g, '\\$&');
      const starts = /^\w/.test(phrase) ? '(?<!\\w)' : '';
      const ends = /\w$/.test(phrase) ? '(?!\\w)' : '';
      return new RegExp(starts + escaped + ends).test(text.toLowerCase());
    })(...args),
  matchesValue: ([field, pattern]) => {
    const texts = arrayOf(field) ?? [field ?? null];
    return texts.some((text) => hasValue(text, pattern ?? null) === true);
  },
  formatTimestamp: ([time], { format }) => {
    if (format !== "yyyy-MM-dd'T'HH") throw new Error('unknown format');
    return time instanceof Date ? time.toISOString().slice(0, 13) : null;
  },
};

/** A binary operator. Comparing with null gives null, and so do types that do not fit. */
export function operate(op: string, left: Value, right: Value): Value {
  if (op === 'and')
    return left === false || right === false ? false : left === true && right === true ? true : null;
  if (op === 'or')
    return left === true || right === true ? true : left === false && right === false ? false : null;
  if (left === null || right === null) return null;
  const comparison = compare(left, right);
  if (op === '==' || op === '!=')
    return comparison === undefined ? null : (comparison === 0) === (op === '==');
  if (comparison !== undefined && '<=>='.includes(op))
    return op.startsWith('<')
      ? op === '<'
        ? comparison < 0
        : comparison <= 0
      : op === '>'
        ? comparison > 0
        : comparison >= 0;
  if (left instanceof Date && right instanceof Duration)
    return new Date(left.getTime() + (op === '-' ? -right.ms : right.ms));
  if (typeof left !== 'number' || typeof right !== 'number') return null;
  if (op === '/' && right === 0) return null;
  return { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[op] ?? null;
}

/** Negative, 0 or positive; undefined for values of different types. */
export function compare(left: Value, right: Value): number | undefined {
  if (left instanceof Date && right instanceof Date) return left.getTime() - right.getTime();
  if (typeof left !== typeof right) return undefined;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  return left === right ? 0 : undefined;
}
