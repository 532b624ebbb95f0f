import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sharedPrefix } from '../../../src/core/fast-path/escaped-slice.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { decoded } from '../../support/raw-text.ts';

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

describe('raw', () => {
  const escaped = (text: string, depth: number): string =>
    depth === 0 ? text : escaped(JSON.stringify(text).slice(1, -1), depth - 1);
  const anyLine = fc.string({ unit: fc.constantFrom('a', '"', '"', 'b c', '0123456789', '{', ',') });
  const depth = fc.constantFrom(1 as const, 2 as const);

  it('writes a text out of an envelope as JSON would at its new depth', () => {
    fc.assert(
      fc.property(
        anyLine,
        depth,
        depth,
        fc.nat(9),
        fc.boolean(),
        fc.nat(40),
        (line, from, to, before, isLoaded, headEnd) => {
          const start = 'x'.repeat(before);
          const text = escaped(line, from);
          const bytes = Buffer.from(`${start}${text}"} and more`, 'latin1');
          // A head may not end within an escape.
          const headText = escaped(line.slice(0, headEnd), from);
          const head = from === 1 && headEnd > 20 ? sharedPrefix(Buffer.from(headText)) : undefined;
          const out = createByteWriter();
          if (isLoaded) out.load(bytes);
          out.add('<');
          out.raw({ bytes, start: before, end: before + text.length, depth: from, head }, to);
          out.add('>');
          expect(out.bytes().toString('latin1')).toBe(`<${escaped(line, to)}>`);
          expect(decoded({ bytes, start: before, end: before + text.length, depth: from, head })).toBe(line);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('copies ranges of what was loaded, also when the memory grows', () => {
    const source = Buffer.from('0123456789'.repeat(50_000));
    const out = createByteWriter();
    out.load(source);
    for (let i = 0; i < 6; i++) out.range(0, source.length);
    expect(out.length()).toBe(6 * source.length);
    expect(out.bytes().equals(Buffer.concat(new Array<Buffer>(6).fill(source)))).toBe(true);
    out.reset();
    out.add('again');
    expect(out.bytes().toString()).toBe('again');
  });
});
