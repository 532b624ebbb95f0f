import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createByteWriter } from '../../src/model/byte-writer.ts';

const binary = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) });

describe('createByteWriter', () => {
  it('collects pieces of any length in order, beyond its first memory', () => {
    fc.assert(
      fc.property(fc.array(binary, { maxLength: 40 }), fc.nat(3_000_000), (pieces, filler) => {
        const out = createByteWriter();
        const all = ['x'.repeat(filler), ...pieces];
        for (const [i, piece] of all.entries()) {
          if (i % 2 === 0) out.add(piece);
          else out.put(Buffer.from(piece, 'latin1'));
        }
        expect(out.bytes().equals(Buffer.from(all.join(''), 'latin1'))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it.each([0, 9, 10, 99, 4_294_967_295, 4_294_967_296, 1e21, -1, 0.5, 1e300])(
    'prints %d as JSON does',
    (value) => {
      const out = createByteWriter();
      out.number(value);
      expect(out.bytes().toString()).toBe(JSON.stringify(value));
    },
  );

  it('prints any whole number as JSON does', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const out = createByteWriter();
        out.number(value);
        expect(out.bytes().toString()).toBe(String(value));
      }),
    );
  });

  it('escapes quotes, and leaves alone what needs more', () => {
    const out = createByteWriter();
    expect(out.quoted('a "b" c', Buffer.from('\\"'))).toBe(true);
    for (const text of ['\\', '\n', '\u007f', 'é']) expect(out.quoted(text, Buffer.from('\\"'))).toBe(false);
    expect(out.bytes().toString()).toBe('a \\"b\\" c');
  });

  it('gives back memory that was an exception, and takes back what was added', () => {
    const out = createByteWriter();
    out.add('x'.repeat(20_000_000));
    out.reset();
    expect(out.bytes().buffer.byteLength).toBeLessThan(2_000_000);
    out.add('abc');
    out.truncate(1);
    expect(out.bytes().toString()).toBe('a');
    expect(out.length()).toBe(1);
  });
});
