// Parts of generated strings.
import fc from 'fast-check';

const SURROGATES = 0xe000 - 0xd800;

/**
 * Any code point except surrogates, as the `unit` of `fc.string`. Same values as fast-check's own unit `binary`, which
 * first builds a table of all 1.1 million code points, once per test file (0.8 s).
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat({ max: 0x10ffff - SURROGATES })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + SURROGATES));

/** Names that every JavaScript object inherits: a map keyed by names must not confuse its keys with them. */
export const memberName: fc.Arbitrary<string> = fc.constantFrom('__proto__', 'constructor', 'toString');
