import { expect, it } from '@jest/globals';
import { escapeOnceMore } from '../../../src/core/fast-path/escape.ts';

/** Escapes a text once more, from and to odd places of one piece of memory. */
function escaped(text: string, offset: number): string {
  const bytes = Buffer.alloc(1024);
  const to = 300 + offset;
  bytes.write(text, offset, 'latin1');
  const end = escapeOnceMore(new DataView(bytes.buffer, bytes.byteOffset), offset, offset + text.length, to);
  return bytes.toString('latin1', to, end);
}
const expected = (text: string): string => text.replaceAll('\\"', '\\\\\\"');

const OTHERS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
  (character) => character !== '"' && character !== '\\',
);

it.each([0, 1, 2, 3, 4, 5, 6, 7])('doubles backslashes before quotes, %i bytes into a word', (before) => {
  for (const character of OTHERS) {
    const texts = ['', '\\"', '\\"\\"', `\\"${character}\\"`].flatMap((middle) =>
      [0, 1, 2, 3, 4].map((behind) => character.repeat(before) + middle + character.repeat(behind)),
    );
    for (const offset of [0, 1])
      expect(texts.map((text) => escaped(text, offset))).toEqual(texts.map(expected));
  }
});
