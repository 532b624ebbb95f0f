import { expect, it } from '@jest/globals';
import { createTextLinesWriter } from '../../../src/core/outputs/text-lines.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';

type Edit = 'keep' | 'drop' | 'replace';

function create() {
  const out = createByteWriter();
  const writer = createTextLinesWriter(out);
  return (lines: readonly string[], edits: readonly Edit[]): string => {
    writer.begin(lines);
    for (const [index, edit] of edits.entries()) {
      if (edit !== 'replace') writer[edit](index);
      else {
        writer.beginRecord(index);
        out.addText('{}');
        writer.endRecord(index);
      }
    }
    writer.end();
    return out.bytes().toString('latin1');
  };
}

it.each([
  [['a', 'b'], ['keep', 'keep'], 'a\nb'],
  [['a', ''], ['keep', 'keep'], 'a\n'],
  [['a', 'b'], ['replace', 'keep'], '{}\nb'],
  [['a', 'b\r'], ['keep', 'replace'], 'a\n{}\r'],
  [['a\r', 'b\r'], ['keep', 'keep'], 'a\r\nb\r'],
  [['a', 'b', 'c'], ['drop', 'keep', 'drop'], 'b'],
  [['a', 'b', 'c'], ['keep', 'drop', 'keep'], 'a\nc'],
  [['a', 'b'], ['drop', 'drop'], ''],
  [['', ''], ['keep', 'keep'], '\n'],
] as const)('%j after %j is %j', (lines, edits, expected) => {
  expect(create()(lines, edits)).toBe(expected);
});

it('starts each record anew', () => {
  const write = create();
  write(['a', 'b'], ['keep', 'keep']);
  expect(write(['c'], ['keep'])).toBe('c');
});
