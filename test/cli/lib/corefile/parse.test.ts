import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCorefile } from '../../../../src/cli/lib/corefile/parse.ts';
import { tokensOf } from '../../../../src/cli/lib/corefile/tokens.ts';

const words = (source: string) => tokensOf(source).map(({ text }) => text);

describe('tokensOf', () => {
  it.each([
    { name: 'words and comments', source: 'log . # everything\nerrors', expected: ['log', '.', 'errors'] },
    // CoreDNS forgets that it is in a comment when it returns the word.
    { name: 'a comment that begins in a word', source: 'foo#bar baz\nx', expected: ['foo', 'baz', 'x'] },
    { name: 'a comment after white space', source: 'foo #bar "baz\nx', expected: ['foo', 'x'] },
    { name: 'quotes with white space', source: 'log . "a b"', expected: ['log', '.', 'a b'] },
    { name: 'escaped quotes, other backslashes kept', source: '"a\\"b\\n\\\\"', expected: ['a"b\\n\\\\'] },
    { name: 'a hash in quotes', source: '"a # b" c', expected: ['a # b', 'c'] },
    { name: 'a quote within a word', source: 'a"b c"', expected: ['a"b', 'c"'] },
    { name: 'a quoted newline', source: '"a\nb" c', expected: ['a\nb', 'c'] },
    { name: 'CRLF and tabs', source: '.\t{\r\n}\r\n', expected: ['.', '{', '}'] },
    { name: 'a byte order mark', source: '\ufeff.:53 {', expected: ['.:53', '{'] },
    { name: 'a carriage return in a word', source: 'lo\rg\r#x y', expected: ['log', 'y'] },
    { name: 'white space of Go', source: 'a\u0085b\ufeffc', expected: ['a', 'b\ufeffc'] },
    { name: 'an empty quoted text', source: 'a "" b', expected: ['a', '', 'b'] },
    { name: 'an open quote without text', source: 'a "', expected: ['a'] },
    { name: 'an open quote that ends in a backslash', source: 'a "b\\', expected: ['a', 'b'] },
    { name: 'an open quote', source: 'x "abc', expected: ['x', 'abc'] },
    { name: 'no tokens', source: ' # only a comment', expected: [] },
  ])('$name', ({ source, expected }) => {
    expect(words(source)).toEqual(expected);
  });

  it('has only white space and comments between tokens, for any text', () => {
    // A comment that begins in a word ends at the next white space.
    const BETWEEN = /^(?:\r*#\S*)?(?:\s|#[^\n]*(?:\n|$))*$/;
    const piece = fc.constantFrom(' ', '\n', '"', '\\', '#', '{', '}', 'log', '.', '\r\n', '\t');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join('');
        let at = 0;
        for (const { start, end } of tokensOf(source)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(source.slice(at, start)).toMatch(BETWEEN);
          at = end;
        }
        expect(source.slice(at).replace(/"\\?$/, '')).toMatch(BETWEEN);
      }),
    );
  });
});

describe('parseCorefile', () => {
  it('reads blocks, nesting, snippets and imports', () => {
    const corefile = parseCorefile(`
      (logging) {
        log
      }
      import conf.d/*
      .:53, example.org
      {
        errors
        kubernetes cluster.local {
          pods insecure
          fallthrough { deep }
        }
        import logging
      }
      example.com { # on its own
        whoami
      }`);
    expect(corefile.imports).toEqual(['conf.d/*']);
    expect(corefile.blocks.map(({ keys }) => keys)).toEqual([['.:53', 'example.org'], ['example.com']]);
    const [root] = corefile.blocks;
    expect(root?.directives.map(({ name, args }) => [name, ...args.map(({ text }) => text)])).toEqual([
      ['errors'],
      ['kubernetes', 'cluster.local'],
      ['log'],
    ]);
    expect(root?.directives.map(({ importedBy }) => importedBy?.line)).toEqual([undefined, undefined, 13]);
    const lines = root?.directives[1]?.lines.map((line) => line.map(({ text }) => text));
    expect(lines).toEqual([
      ['pods', 'insecure'],
      ['fallthrough', '{', 'deep', '}'],
    ]);
  });

  it('reads a file that is one block without braces, and addresses on several lines', () => {
    const [block] = parseCorefile('.:53\nerrors\nlog').blocks;
    expect(block).toMatchObject({ keys: ['.:53'], open: undefined });
    expect(block?.directives.map(({ name }) => name)).toEqual(['errors', 'log']);
    expect(parseCorefile('a:53,\nb:53 {\nlog\n}').blocks[0]?.keys).toEqual(['a:53', 'b:53']);
  });

  it.each([
    {
      name: 'a snippet in braces, whose own import stands above and begins no line',
      source: '(a) {\n x\n}\n(b) {\n import a\n y\n}\n. {\n z {\n import b\n }\n}\n',
      blocks: { '.': ['z import a y'] },
    },
    {
      name: 'a key with a brace',
      source: 'a:53{\n log\n}\nb {\n log\n}\n',
      blocks: { 'a:53{': ['log'], b: ['log'] },
    },
    {
      name: 'a } after a block without braces',
      source: '.\nerrors\n}\nb {\n}\n',
      blocks: { '.': ['errors'], b: [] },
    },
    {
      name: 'a file that ends in the } of a directive',
      source: '. {\n cache {\n }\n',
      blocks: { '.': ['cache'] },
    },
    {
      name: 'a block without an address, which is ignored',
      source: '{\n log\n}\nb {\n}\n',
      blocks: { b: [] },
    },
    { name: 'an address without a block', source: '. {\n}\nb', blocks: { '.': [], b: [] } },
    { name: 'a comma in a key', source: 'a,b c, d {\n}\n', blocks: { 'a,b c d': [] } },
    {
      name: 'a brace on the next line',
      source: '. {\n cache\n {\n x\n }\n}\n',
      blocks: { '.': ['cache x'] },
    },
    {
      name: 'a file in braces',
      source: '. {\n z {\n import ./x\n }\n}\n',
      blocks: { '.': ['z import ./x'] },
    },
    { name: 'a block in a snippet', source: '(a) {\n b {\n log\n }\n}\nimport a\n', blocks: { b: ['log'] } },
    {
      name: 'lines of a snippet that imports one below it',
      source: '(a) {\n import b\n y\n}\n(b) {\n x\n}\n. {\n import a\n}\n',
      blocks: { '.': ['x y'] },
    },
  ])('reads as CoreDNS does: $name', ({ source, blocks }) => {
    const read = parseCorefile(source).blocks.map(({ keys, directives }) => [
      keys.join(' '),
      directives.map(({ name, args, lines }) =>
        [name, ...[...args, ...lines.flat()].map(({ text }) => text)].join(' '),
      ),
    ]);
    expect(Object.fromEntries(read)).toEqual(blocks);
  });

  it.each([
    ['. {\n errors\n', 'a { without a }'],
    ['. {\n cache {\n', 'a { without a }'],
    ['. {\n log }\n', 'a } on the line of a directive'],
    ['.,\n', 'a comma without another address'],
    ['., {\n}\n', 'a comma without another address'],
    ['(a)\nlog\n', 'a snippet without a {'],
    ['(a) {\n log {\n}\n', 'a { without a }'],
    ['(a) {\n}\n(a) {\n}\n', 'a second snippet'],
    ['(a) {\n import a\n}\n. {\n import a\n}\n', 'imports itself'],
    ['. {\n import\n}\n', 'an import without a file'],
    ['. {\n import a b\n}\n', 'an import of more than one file'],
    ['. { import a }\n', 'an import of more than one file'],
  ])('refuses %j', (source, message) => {
    expect(() => parseCorefile(source)).toThrow(message);
  });

  it('is bounded for snippets that import each other', () => {
    const twice = Array.from(
      { length: 40 },
      (_, i) => `(s${i + 1}) {\n import s${i}\n import s${i}\n}\n`,
    ).join('');
    expect(() => parseCorefile(`(s0) {\n log\n}\n${twice}. {\n import s40\n}\n`)).toThrow(
      'too many directives',
    );
  });
});
