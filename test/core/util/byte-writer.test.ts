import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';

const binary = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) });

describe('createByteWriter', () => {
  it('collects pieces of any length in order, beyond its initial buffer', () => {
    fc.assert(
      fc.property(fc.array(binary, { maxLength: 40 }), fc.nat(3_000_000), (pieces, filler) => {
        const out = createByteWriter();
        const all = ['x'.repeat(filler), ...pieces];
        for (const [i, piece] of all.entries()) {
          if (i % 2 === 0) out.addText(piece);
          else out.addBytes(Buffer.from(piece, 'latin1'));
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
      out.addNumber(value);
      expect(out.bytes().toString()).toBe(JSON.stringify(value));
    },
  );

  it('writes integers as JSON does', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const out = createByteWriter();
        out.addNumber(value);
        expect(out.bytes().toString()).toBe(String(value));
      }),
    );
  });

  it('escapes quotes, and refuses text that needs other escapes', () => {
    const out = createByteWriter();
    expect(out.tryQuoted('a "b" c', Buffer.from('\\"'))).toBe(true);
    for (const text of ['\\', '\n', '\u007f', 'é'])
      expect(out.tryQuoted(text, Buffer.from('\\"'))).toBe(false);
    expect(out.bytes().toString()).toBe('a \\"b\\" c');
  });

  it('releases memory after an exceptionally large record, and truncates', () => {
    const out = createByteWriter();
    out.addText('x'.repeat(20_000_000));
    out.clear();
    expect(out.bytes().buffer.byteLength).toBeLessThan(2_000_000);
    out.addText('abc');
    out.truncate(1);
    expect(out.bytes().toString()).toBe('a');
    expect(out.length()).toBe(1);
  });

  it('copies parts of its source, also when the buffer grows', () => {
    const source = Buffer.from('0123456789'.repeat(50_000));
    const out = createByteWriter();
    out.startFrom(source);
    for (let i = 0; i < 6; i++) out.copy(0, source.length);
    expect(out.length()).toBe(6 * source.length);
    expect(out.bytes().equals(Buffer.concat(new Array<Buffer>(6).fill(source)))).toBe(true);
    out.clear();
    out.addText('again');
    expect(out.bytes().toString()).toBe('again');
  });
});
