// Reads values of untrusted JSON. Every function throws a `SnapshotFault` for a value of another type.
import { canonicalAddress } from '../address.ts';

/** A parsed line: its members are looked up by name, never enumerated. */
export type Line = Readonly<Record<string, unknown>>;

type SnapshotFault = Error & { readonly isSnapshotFault: true };

/** The error for a snapshot that cannot be used; the message contains no content of it. */
export const snapshotFault = (message: string): SnapshotFault =>
  Object.assign(new Error(message), { isSnapshotFault: true as const });

/** Whether an error is a `SnapshotFault`. */
export const isSnapshotFault = (error: unknown): error is SnapshotFault =>
  typeof error === 'object' && error !== null && 'isSnapshotFault' in error;

const wrong = (what: string): never => {
  throw snapshotFault(`it has a value that is no ${what}`);
};

/** A member of the object's own: `constructor` and the like are not inherited. */
export const member = (line: Line, name: string): unknown =>
  Object.hasOwn(line, name) ? line[name] : undefined;

/** A text that is not empty. */
export const text = (value: unknown): string =>
  typeof value === 'string' && value !== '' ? value : wrong('text');

/** The same, or undefined. */
export const optionalText = (value: unknown): string | undefined =>
  value === undefined ? undefined : text(value);

/** True or false; `usual` where it is absent. */
export const flag = (value: unknown, usual: boolean): boolean => {
  if (value === undefined) return usual;
  return typeof value === 'boolean' ? value : wrong('boolean');
};

/** The last moment that a `Date` can hold. */
const MAX_MS = 8.64e15;

/** Epoch ms, or an infinity. */
export const time = (value: unknown): number => {
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  if (value === '-inf') return Number.NEGATIVE_INFINITY;
  return typeof value === 'number' && Math.abs(value) <= MAX_MS ? value : wrong('time');
};

/** A time of the function's own clock, which cannot be later than `latestMs`. */
export const pastTime = (value: unknown, latestMs: number): number => {
  const atMs = time(value);
  if (atMs > latestMs) throw snapshotFault('it has a time in the future');
  return atMs;
};

/** A list with at most `max` items. */
export const list = <T>(value: unknown, max: number, read: (item: unknown) => T): readonly T[] => {
  if (!Array.isArray(value) || value.length > max) return wrong(`list of at most ${max}`);
  return value.map(read);
};

const LISTS = ['ips', 'keys', 'labels', 'annotations', 'dynatrace', 'attributes', 'lives'] as const;

/** Number of items in the lists of a line. */
export const valuesIn = (line: Line): number => {
  let count = 0;
  for (const name of LISTS) {
    const value = member(line, name);
    if (Array.isArray(value)) count += value.length;
  }
  return count;
};

/** An address in canonical spelling. */
export const address = (value: unknown): string =>
  typeof value === 'string' && canonicalAddress(value) === value ? value : wrong('address');

/** A pair of texts, the second of which may be empty. */
export const pair = (value: unknown): readonly [string, string] => {
  const [first, second, ...more] = Array.isArray(value) ? value : [];
  if (typeof second !== 'string' || more.length > 0) return wrong('pair of texts');
  return [text(first), second];
};
