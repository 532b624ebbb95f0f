import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DocumentTooLarge } from '../../../src/inventory/kubernetes/document-too-large.ts';
import { createProjection } from '../../../src/inventory/kubernetes/json-projection.ts';
import { members, type Shape, unite, WHOLE } from '../../../src/inventory/kubernetes/shape.ts';

const record = (keeps: (name: string) => boolean): Shape => ({ kind: 'record', keeps });

const SHAPE = members({
  a: WHOLE,
  b: members({ a: WHOLE, c: record((name) => name !== 'b') }),
  c: record((name) => name.startsWith('a') || name === '__proto__'),
  items: { kind: 'items', each: members({ a: WHOLE, b: members({ a: WHOLE }) }) },
});

/** Reads text in chunks of these sizes, in turn. */
function read(text: string | Buffer, sizes: readonly number[] = [7], shape = SHAPE, maxBytes = 1e9) {
  const documents: unknown[] = [];
  const items: unknown[] = [];
  const projection = createProjection({
    shape,
    maxBytes,
    onDocument: (document) => documents.push(document) > 0,
    onItem: (item) => items.push(item),
  });
  const bytes = Buffer.from(text);
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    projection.write(bytes.subarray(from, from + size));
    from += size;
  }
  projection.end();
  return { documents, items };
}

/** The same on the parsed document. */
function expected(value: unknown, shape: Shape, items: unknown[]): unknown {
  if (typeof value !== 'object' || value === null || shape.kind === 'whole') return value;
  if (Array.isArray(value)) {
    if (shape.kind !== 'items') return value.map((element) => expected(element, shape, items));
    for (const element of value) items.push(expected(element, shape.each, items));
    return [];
  }
  if (shape.kind === 'items') return value;
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const own = shape.kind === 'members' ? shape.members.get(name) : shape.keeps(name) ? WHOLE : undefined;
    return own === undefined ? [] : [[name, expected(member, own, items)] as const];
  });
  return Object.fromEntries(kept);
}

// Not both `a"` and `a\`: V8 13.6 (Node 24) reads one for the other in objects of equal form.
const NAMES = ['a', 'b', 'c', 'items', 'ab', '__proto__', 'constructor', 'é', 'a"', ''];
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1.5e-7, 1e21, ''),
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^["\\{}[\],:x]{0,80}$/),
    fc.array(tie('json'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...NAMES), tie('json')), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

describe('a projection', () => {
  it('is the members of the shape, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: json, b: json, c: json, d: json, items: json }, { requiredKeys: [] }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(0, 1, '\t'),
        (documents, sizes, indent) => {
          const items: unknown[] = [];
          const wanted = documents.map((document) => expected(document, SHAPE, items));
          const text = documents.map((document) => JSON.stringify(document, null, indent)).join('\n');
          const got = read(text, sizes);
          expect(JSON.stringify(got.documents)).toBe(JSON.stringify(wanted));
          expect(JSON.stringify(got.items)).toBe(JSON.stringify(items));
        },
      ),
    );
  });

  it.each([1, 2, 3, 64, 65, 100_000])('finds the end of long strings in chunks of %d bytes', (size) => {
    const texts = [
      'x'.repeat(500),
      '\\'.repeat(301),
      '"'.repeat(300),
      `${'y'.repeat(130)}\\"`,
      '\\',
      '"',
      '',
    ];
    for (const text of texts) {
      expect(read(JSON.stringify({ z: text, a: text, b: { z: [text], a: text } }), [size])).toEqual({
        documents: [{ a: text, b: { a: text } }],
        items: [],
      });
    }
  });

  it.each([
    ['a value', { a: 'x'.repeat(70_000) }, { a: null }],
    ['a value of arrays', { a: [[['x'.repeat(70_000)]], 1] }, { a: null }],
    ['many values', { a: Array.from({ length: 20_000 }, () => [1]) }, { a: null }],
    ['a record', { c: { a: 'x'.repeat(40_000), ab: 'y'.repeat(40_000), az: 1 } }, { c: null }],
    ['many members of a record', { c: manyMembers() }, { c: null }],
    ['a list of objects', { b: Array.from({ length: 9000 }, () => ({ a: 12 })) }, { b: null }],
    ['a record within a list', { b: [{ c: { a: 'x'.repeat(70_000) } }, { a: 1 }] }, { b: null }],
    [
      'a value within an object',
      { b: { a: 'x'.repeat(70_000), c: { a: 1 } } },
      { b: { a: null, c: { a: 1 } } },
    ],
    ['a value that is not kept', { z: 'x'.repeat(70_000), a: 1 }, { a: 1 }],
    ['a value just below', { a: 'x'.repeat(65_534) }, { a: 'x'.repeat(65_534) }],
  ])('replaces %s over 64 KiB by null', (_, document, wanted) => {
    for (const sizes of [[1000], [200_000], [16_384, 1]]) {
      const text = JSON.stringify({ ...document, items: [{ a: 7 }] });
      expect(read(text, sizes)).toEqual({ documents: [{ ...wanted, items: [] }], items: [{ a: 7 }] });
    }
  });

  it('does not keep long names', () => {
    const document = Object.fromEntries([300, 400, 401, 5000].map((length) => ['n'.repeat(length), length]));
    const { documents } = read(
      JSON.stringify(document),
      [16_384],
      record(() => true),
    );
    expect(Object.values(documents[0] as object)).toEqual([300, 400]);
  });

  it.each(
    [
      '{"a":1',
      '{"a":1]',
      '{"a":}',
      '{"a"}',
      '{a:1}',
      '{"a":1}}',
      '[1}',
      '[1,2',
      '"x',
      '{"a":"x',
      '{"c":{"a":[}]}',
      '<html><body>Sign in</body></html>',
      'nul',
      ']',
      '{"b":'.repeat(100),
      '['.repeat(200_000),
      '{"a":\u0001}',
    ].map((text) => [text.slice(0, 40), text]),
  )('refuses what is not JSON: %j', (_, text) => {
    for (const size of [1, 100]) expect(() => read(text ?? '', [size])).toThrow(SyntaxError);
  });

  it.each([
    ['in one value', `{"z":"${'x'.repeat(2000)}"}`],
    ['in many', `{"z":[${'1,'.repeat(2000)}1]}`],
    ['in white space', `{"a":1}${' '.repeat(2000)}{"a":1}`],
    ['in the second document', `{"a":1}\n{"z":"${'x'.repeat(2000)}"}`],
  ])('refuses a document over its limit: %s', (_, text) => {
    for (const size of [1, 100, 4000]) {
      expect(() => read(text, [size], SHAPE, 1000)).toThrow(DocumentTooLarge);
      expect(() => read(text, [size], SHAPE, 5000)).not.toThrow();
    }
  });

  it('limits each document on its own', () => {
    expect(read(`{"a":"${'x'.repeat(900)}"}\n`.repeat(20), [100], SHAPE, 1000).documents).toHaveLength(20);
  });

  it('stops when it is told to', () => {
    const documents: unknown[] = [];
    const onDocument = (document: unknown): boolean => documents.push(document) < 2;
    const projection = createProjection({ shape: WHOLE, maxBytes: 100, onDocument });
    expect(projection.write(Buffer.from('{"a":1}\n'))).toBe(true);
    expect(projection.write(Buffer.from('2\n3\n'))).toBe(false);
    expect(documents).toEqual([{ a: 1 }, 2]);
  });

  it('keeps the last number of a stream', () => {
    expect(read('12', [1], WHOLE).documents).toEqual([12]);
  });
});

describe('a union of shapes', () => {
  it('has the members of both', () => {
    const [a, b] = [members({ m: members({ x: WHOLE }), n: WHOLE }), members({ m: members({ y: WHOLE }) })];
    expect(unite(a, b)).toEqual(members({ m: members({ x: WHOLE, y: WHOLE }), n: WHOLE }));
    expect(unite(WHOLE, a)).toBe(WHOLE);
  });
});

function manyMembers(): object {
  return Object.fromEntries(Array.from({ length: 9000 }, (_, index) => [`a${index}`, index]));
}
