import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { wellFormedBinaryJson, wellFormedJson } from '../../../src/core/util/well-formed.ts';

it.each([
  ['"a"', '"a"'],
  ['"\\ud800"', '"\ufffd"'],
  ['"\\uDFFF\\uD800x"', '"\ufffd\ufffdx"'],
  ['"\\ud83d\\udca5"', '"\\ud83d\\udca5"'],
  ['"\\ud83d\\ud83d\\udca5"', '"\ufffd\\ud83d\\udca5"'],
  ['"\\\\ud800"', '"\\\\ud800"'],
  ['"\\\\\\ud800"', '"\\\\\ufffd"'],
  ['"\\u00e9\\ud7ff\\ue000"', '"\\u00e9\\ud7ff\\ue000"'],
  ['\\', '\\'],
])('%s becomes %s', (json, expected) => {
  expect(wellFormedJson(json)).toBe(expected);
});

it('says the same for every text', () => {
  const part = fc.constantFrom('\ud83d', '\udca5', 'a', '\\', '"', 'ud800', '\u{1f4a5}', 'é');
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const text = parts.join('');
      expect(JSON.parse(wellFormedJson(JSON.stringify(text)))).toBe(text.toWellFormed());
      const binary = Buffer.from(JSON.stringify(text)).toString('latin1');
      const decoded = Buffer.from(wellFormedBinaryJson(binary), 'latin1').toString();
      expect(JSON.parse(decoded)).toBe(text.toWellFormed());
    }),
  );
});
