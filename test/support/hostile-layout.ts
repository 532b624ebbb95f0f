// Prints JSON objects in layouts that no encoder prints, and that say the same.
import fc from 'fast-check';
import { createRandom, type Random } from '../../src/cli/lib/simulate/random.ts';

/** The members of an object. */
export type Members = Readonly<Record<string, unknown>>;

/** How many of 100 places are written in another way: none (`JSON.stringify`), few or many. */
const RATES = [0, 1, 3, 10, 40] as const;

const SPACES = ['', ' ', '\n', '\t', '\r\n', '  '];
/** Values of a member that a later one of the same name overrules. */
const DECOYS: readonly unknown[] = [
  'web',
  '',
  null,
  7,
  [],
  { container_name: 'web', query_name: 'decoy.example.' },
  '[INFO] 10.0.0.1:1 - 1 "A IN decoy.example. udp 30 false 512" NOERROR qr,rd,ra 70 0.1s',
];

/** A layout of an object: white space, `\u` escapes in names and texts, and members that a later one overrules. */
export const layoutOf = (members: Members): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...RATES), fc.nat())
    .map(([rate, seed]) => printed(members, rate / 100, createRandom(seed)));

function printed(value: unknown, rate: number, random: Random): string {
  const space = (): string => (random.fraction() < rate ? random.pick(SPACES) : '');
  if (typeof value === 'string') return literal(value, rate, random);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inside = (part: unknown): string => space() + printed(part, rate, random) + space();
  if (Array.isArray(value)) return `[${value.map(inside).join(',')}]`;
  const members = Object.entries(value).flatMap(([name, part]) => {
    const member = (content: unknown): string =>
      `${space()}${literal(name, rate, random)}${space()}:${inside(content)}`;
    const decoys = random.fraction() < rate ? [member(random.pick(DECOYS))] : [];
    return [...decoys, member(part)];
  });
  return `{${members.join(',')}}`;
}

function literal(text: string, rate: number, random: Random): string {
  if (random.fraction() >= rate * 2) return JSON.stringify(text);
  const chosen = random.fraction();
  return `"${text
    .split('')
    .map((character) => {
      if (random.fraction() >= chosen) return JSON.stringify(character).slice(1, -1);
      const code = character.charCodeAt(0).toString(16).padStart(4, '0');
      return `\\u${random.fraction() < 0.5 ? code : code.toUpperCase()}`;
    })
    .join('')}"`;
}
