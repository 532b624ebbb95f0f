// Structure-aware input: whole lines and envelopes with a few edits, so that each stage is reached.
import fc from 'fast-check';
import { LINES, type LineKind } from '../../src/cli/lib/simulate/lines.ts';
import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import { anyCharacter } from './characters.ts';

/** How often and from which seed a property runs; `npm run test:deep` sets both. */
export const RUNS = {
  numRuns: Number(process.env.DEEP_RUNS ?? '300'),
  ...(process.env.DEEP_SEED === undefined ? {} : { seed: Number(process.env.DEEP_SEED) }),
};

/** A limit for tests whose number of runs is set from outside, ms. */
export const TIME_LIMIT_MS = 3_600_000;

// Texts that are hard to parse: delimiters of every format on the way, and characters of more than one byte.
const ODD = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '-',
  '.',
  '%',
  '\t',
  '\u0000',
  'é',
  '\u{1f4a5}',
  '\ud800',
  '0',
];
const ODDER = [
  '\\"',
  '\\u0',
  '},{"id":"',
  '"message":"',
  ' - ',
  'IN ',
  '[INFO] ',
  '1e999',
  'NaN',
  '[::1]:',
  'null',
];

type Edit = { readonly at: number; readonly cut: number; readonly text: string };

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    at: fc.nat(2000),
    cut: fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(60) }),
    text: fc.oneof(
      fc.constantFrom('', ...ODD, ...ODDER),
      fc.string({ unit: anyCharacter, maxLength: 4 }),
      fc.stringMatching(/^\d{1,20}$/),
    ),
  }),
  { maxLength: 3 },
);

/** The text after the edits, positions taken modulo its length. */
const edited = (text: string, changes: readonly Edit[]): string =>
  changes.reduce((done, { at, cut, text: added }) => {
    const from = at % (done.length + 1);
    return done.slice(0, from) + added + done.slice(from + cut);
  }, text);

/** A line whose message is made from its marker. */
export type FuzzedLine = {
  readonly kind: LineKind;
  /** False when the line stands as it was printed. */
  readonly isEdited: boolean;
  readonly message: (marker: string) => string;
};

const kinds = Object.keys(LINES) as LineKind[];

/** A line of any kind, as printed or with a few edits that leave its marker in place. */
export const fuzzedLine: fc.Arbitrary<FuzzedLine> = fc
  .record({ kind: fc.constantFrom(...kinds), seed: fc.nat(), changes: edits })
  .map(({ kind, seed, changes }) => {
    const message = (marker: string): string => {
      const clean = LINES[kind].text(marker, createRandom(seed));
      const changed = edited(clean, changes);
      return changed.includes(marker) ? changed : clean;
    };
    return {
      kind,
      isEdited: changes.length > 0,
      message,
      [fc.toStringMethod]: () => JSON.stringify({ kind, text: message('zq0qz') }),
    };
  });

/** Any text with a few edits. */
export const editsOf = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(text, edits).map(([whole, changes]) => edited(whole, changes));
