import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildAutomaton, findAmbiguity } from '../../../../src/core/sources/coredns/automaton.ts';
import {
  chars,
  choice,
  type Expression,
  NOTHING,
  repeat,
  sequence,
  some,
  word,
} from '../../../../src/core/sources/coredns/expression.ts';
import { createMatcher } from '../../../../src/core/sources/coredns/matcher.ts';

const automaton = (...parts: readonly Expression[]) => buildAutomaton(parts, new Set(['µ']));
const matcher = (...parts: readonly Expression[]) => createMatcher(automaton(...parts), parts.length);
const ab = chars(/[ab]/);

describe('the matcher', () => {
  it.each([
    ['a repeat and a word', [repeat(ab), word('!')], 'abba!', ['abba', '!']],
    ['an empty part', [repeat(ab), word('!'), choice(NOTHING, word('x'))], '!', ['', '!', '']],
    [
      'a word that the part before could contain',
      [some(ab), word('c'), some(ab)],
      'abcba',
      ['ab', 'c', 'ba'],
    ],
    ['a character outside ASCII', [some(chars(/[^x]/)), word('xµ')], 'é中xµ', ['é中', 'xµ']],
    ['empty text', [repeat(ab)], '', ['']],
  ])('splits: %s', (_name, parts, text, pieces) => {
    const bounds = matcher(...parts)(`__${text}`, 2) ?? new Int32Array();
    const cut = pieces.map((_, i) => `__${text}`.slice(bounds[i * 2], bounds[i * 2 + 1]));
    expect(cut).toEqual(pieces);
  });

  it.each(['', 'ab', 'ab!!', '!ab', 'é!'])('refuses %j', (text) => {
    expect(matcher(some(ab), word('!'))(text, 0)).toBeUndefined();
  });

  it('agrees with a regular expression, and clears its cache when it is too large', () => {
    // The automaton has to distinguish the last twelve characters: 4,096 sets of states.
    const tail = sequence(...Array.from({ length: 12 }, () => ab));
    const match = matcher(sequence(repeat(ab), word('a'), tail));
    const oracle = /^[ab]*a[ab]{12}$/;
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 10, maxLength: 200 });
    fc.assert(
      fc.property(texts, (text) => (match(text, 0) !== undefined) === oracle.test(text)),
      { numRuns: 500 },
    );
  });
});

describe('ambiguity', () => {
  it.each([
    ['two repeats', [repeat(ab), repeat(ab)], [0, 1]],
    ['a delimiter that the values can contain', [repeat(ab), word('a'), repeat(ab)], [0, 1]],
    ['two readings of a chain', [choice(word('a'), word('ab')), choice(word('bc'), word('c'))], [0, 1]],
    ['an unambiguous delimiter', [repeat(ab), word('!'), repeat(ab)], undefined],
    ['one part with two ways', [choice(word('a'), some(ab)), word('!')], undefined],
    ['two ways that cannot both end', [repeat(ab), word('a'), word('!')], undefined],
  ])('%s', (_name, parts, competing) => {
    expect(findAmbiguity(automaton(...parts))).toEqual(competing);
  });
});
