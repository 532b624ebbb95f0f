import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCorefile } from '../../../../src/cli/lib/corefile/parse.ts';
import { tokensOf } from '../../../../src/cli/lib/corefile/tokens.ts';

const words = (source: string) => tokensOf(source).map(({ text }) => text);

describe('tokensOf', () => {
  it.each([
    { name: 'words and comments', source: 'log . # everything\nerrors', expected: ['log', '.', 'errors'] },
    { name: 'a comment that begins in a word', source: 'foo#bar baz\nx', expected: ['foo', 'x'] },
    { name: 'quotes with white space', source: 'log . "a b"', expected: ['log', '.', 'a b'] },
    { name: 'escaped quotes, other backslashes kept', source: '"a\\"b\\n\\\\"', expected: ['a"b\\n\\\\'] },
    { name: 'a hash in quotes', source: '"a # b" c', expected: ['a # b', 'c'] },
    { name: 'a quote within a word', source: 'a"b c"', expected: ['a"b', 'c"'] },
    { name: 'a quoted newline', source: '"a\nb" c', expected: ['a\nb', 'c'] },
    { name: 'CRLF and tabs', source: '.\t{\r\n}\r\n', expected: ['.', '{', '}'] },
    { name: 'an open quote', source: 'x "abc', expected: ['x', 'abc'] },
    { name: 'no tokens', source: ' # only a comment', expected: [] },
  ])('$name', ({ source, expected }) => {
    expect(words(source)).toEqual(expected);
  });

  it('has only white space and comments between tokens, for any text', () => {
    const piece = fc.constantFrom(' ', '\n', '"', '\\', '#', '{', '}', 'log', '.', '\r\n', '\t');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join('');
        let at = 0;
        for (const { start, end } of tokensOf(source)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(source.slice(at, start)).toMatch(/^(\s|#[^\n]*(\n|$))*$/);
          at = end;
        }
        expect(source.slice(at)).toMatch(/^(\s|#[^\n]*(\n|$))*$/);
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
    expect(corefile.blocks.map(({ keys }) => keys)).toEqual([
      ['(logging)'],
      ['.:53', 'example.org'],
      ['example.com'],
    ]);
    const [, root] = corefile.blocks;
    expect(root?.directives.map(({ name, args }) => [name, ...args])).toEqual([
      ['errors'],
      ['kubernetes', 'cluster.local'],
      ['import', 'logging'],
    ]);
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
    ['. {\n errors\n', 'a { without a }'],
    ['. {\n cache {\n', 'a { without a }'],
    ['}\n', 'a } without a {'],
    ['.\nerrors\n}\n', 'a } without a {'],
    ['. {\n log }\n', 'a } on the line of a directive'],
    ['{\n log\n}\n', 'a block without an address'],
  ])('refuses %j', (source, message) => {
    expect(() => parseCorefile(source)).toThrow(message);
  });
});
