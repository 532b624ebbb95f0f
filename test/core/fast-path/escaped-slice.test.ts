import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createEscapedSlice, sharedPrefix } from '../../../src/core/fast-path/escaped-slice.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { decoded } from '../../support/encoded-text.ts';
import { escapedTimes } from '../../support/escaped-line.ts';

const anyLine = fc.string({ unit: fc.constantFrom('a', '"', '"', 'b c', '0123456789', '{', ',') });
const anyLevel = fc.constantFrom(1 as const, 2 as const);

it('appends a slice of an envelope as JSON escapes it at the new level', () => {
  fc.assert(
    fc.property(
      anyLine,
      anyLevel,
      anyLevel,
      fc.nat(9),
      fc.boolean(),
      fc.nat(40),
      (line, from, to, before, isSource, prefixEnd) => {
        const text = escapedTimes(line, from);
        const bytes = Buffer.from(`${'x'.repeat(before)}${text}"} and more`, 'latin1');
        // A prefix may not end within an escape.
        const prefix = escapedTimes(line.slice(0, prefixEnd), from);
        const slice = Object.assign(createEscapedSlice(), {
          bytes,
          start: before,
          end: before + text.length,
          level: from,
          sharedPrefix: from === 1 && prefixEnd > 20 ? sharedPrefix(Buffer.from(prefix)) : undefined,
        });
        const out = createByteWriter();
        if (isSource) out.startFrom(bytes);
        out.addText('<');
        slice.appendTo(out, to);
        out.addText('>');
        expect(out.bytes().toString('latin1')).toBe(`<${escapedTimes(line, to)}>`);
        expect(decoded(slice)).toBe(line);
      },
    ),
    { numRuns: 2000 },
  );
});
