import fc from 'fast-check';

const SURROGATES = 0xe000 - 0xd800;

/**
 * Any code point but half a pair, as `unit` of `fc.string`. The same as its `binary`, which makes a table of all million
 * of them first, once per test file.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat({ max: 0x10ffff - SURROGATES })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + SURROGATES));

/** Names that every JavaScript object has: what is kept under a name must not meet them. */
export const memberName: fc.Arbitrary<string> = fc.constantFrom('__proto__', 'constructor', 'toString');
