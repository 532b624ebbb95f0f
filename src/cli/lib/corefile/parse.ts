// Parser of a Corefile: server blocks and their directives, with imported snippets in place. It accepts and refuses what
// CoreDNS's own parser accepts and refuses, except that it does not know the names of the plugins.
//   .:53 {
//       errors
//       kubernetes cluster.local in-addr.arpa {
//           pods insecure
//       }
//   }
// https://github.com/coredns/caddy/blob/master/caddyfile/parse.go
import { EXIT, fail } from '../../terminal.ts';
import { type Span, type Token, tokensOf } from './tokens.ts';

/** One plugin with its arguments and the lines in its braces. */
export type Directive = {
  readonly name: string;
  /** Arguments, without the opening brace. */
  readonly args: readonly Token[];
  /** Lines within its braces, as words; nested braces are words too. */
  readonly lines: readonly (readonly Token[])[];
  readonly first: Token;
  readonly last: Token;
  /** Its opening brace; undefined if it has none. */
  readonly open: Token | undefined;
  /** The `import` in the block that it comes from; undefined if it is written in the block itself. */
  readonly importedBy: Span | undefined;
};

/** A server block. The `import` of a file, which cannot be read here, is a directive `import <file>`. */
export type Block = {
  /** `.:53`, `cluster.local:53` */
  readonly keys: readonly string[];
  readonly lastKey: Token;
  /** Undefined if the block has no braces. */
  readonly open: Token | undefined;
  readonly directives: readonly Directive[];
};

/** A Corefile: its server blocks, and the files that it imports at the top level. */
export type Corefile = { readonly blocks: readonly Block[]; readonly imports: readonly string[] };

/** Expansions of snippets and tokens after them; CoreDNS allows 10,000 expansions, of any size. */
const MAX_EXPANSIONS = 1000;
const MAX_TOKENS = 200_000;

const NOT_LOADED = 'fix it first; CoreDNS would not load it either';

const refusal = (what: string, token: Token | undefined, remedy = NOT_LOADED): Error =>
  fail(
    `the Corefile cannot be parsed: ${what}${token === undefined ? ' at its end' : ` in line ${token.line}`}`,
    remedy,
    EXIT.refused,
  );

/** Position in the tokens, which expanding an `import` replaces. */
type Reader = {
  tokens: readonly Token[];
  at: number;
  expansions: number;
  readonly snippets: Map<string, readonly Token[]>;
  readonly imports: string[];
};

const current = (reader: Reader): Token | undefined => reader.tokens[reader.at];

/** Whether a token begins a line. Tokens of a snippet keep the line on which they stand, as in CoreDNS. */
const beginsLine = (before: Token | undefined, token: Token): boolean =>
  before === undefined || before.endLine < token.line;

const isFirstOfLine = (reader: Reader): boolean => {
  const token = current(reader);
  return token !== undefined && beginsLine(reader.tokens[reader.at - 1], token);
};

/** Goes to the next token; false at the end, where the last token stays the current one. */
function advance(reader: Reader): boolean {
  if (reader.at >= reader.tokens.length - 1) return false;
  reader.at += 1;
  return true;
}

/** Parses a Corefile; throws where CoreDNS would not load it either. */
export function parseCorefile(source: string): Corefile {
  const reader: Reader = {
    tokens: tokensOf(source),
    at: -1,
    expansions: 0,
    snippets: new Map(),
    imports: [],
  };
  const blocks: Block[] = [];
  while (advance(reader)) {
    const block = readBlock(reader);
    if (block !== undefined) blocks.push(block);
  }
  return { blocks, imports: reader.imports };
}

/** Undefined for a snippet, and for a block without an address, which CoreDNS ignores. */
function readBlock(reader: Reader): Block | undefined {
  const { keys, lastKey, isAtEnd } = readKeys(reader);
  if (isAtEnd) return lastKey && { keys, lastKey, open: undefined, directives: [] };
  const [key = ''] = keys;
  if (keys.length === 1 && /^\(.*\)$/s.test(key)) {
    const name = key.slice(1, -1);
    if (reader.snippets.has(name)) throw refusal(`a second snippet ${key}`, lastKey);
    const tokens = readSnippet(reader);
    const importsItself = tokens.some(
      ({ text }, i) =>
        text === 'import' && beginsLine(tokens[i - 1], tokens[i] as Token) && tokens[i + 1]?.text === name,
    );
    if (importsItself) throw refusal(`a snippet that imports itself, ${key}`, lastKey);
    reader.snippets.set(name, tokens);
    return undefined;
  }
  const open = current(reader)?.text === '{' ? current(reader) : undefined;
  if (open === undefined) reader.at -= 1;
  const directives = readDirectives(reader, lastKey?.imports.length ?? 0);
  if (open !== undefined && current(reader)?.text !== '}') throw refusal('a { without a }', undefined);
  return lastKey && { keys, lastKey, open, directives };
}

type Keys = {
  readonly keys: readonly string[];
  readonly lastKey: Token | undefined;
  readonly isAtEnd: boolean;
};

function readKeys(reader: Reader): Keys {
  const keys: string[] = [];
  let lastKey: Token | undefined;
  let expectsMore = false;
  for (;;) {
    const token = current(reader);
    if (token?.text === 'import' && isFirstOfLine(reader)) {
      const file = expandImport(reader);
      if (file !== undefined) reader.imports.push(file);
      continue;
    }
    if (token?.text === '{') {
      if (expectsMore) throw refusal('a comma without another address', token);
      return { keys, lastKey, isAtEnd: false };
    }
    if (token !== undefined && token.text !== '') {
      expectsMore = token.text.endsWith(',');
      keys.push(expectsMore ? token.text.slice(0, -1) : token.text);
      lastKey = token;
    }
    if (!advance(reader)) {
      if (expectsMore) throw refusal('a comma without another address', undefined);
      return { keys, lastKey, isAtEnd: true };
    }
    if (!expectsMore && isFirstOfLine(reader)) return { keys, lastKey, isAtEnd: false };
  }
}

/** The tokens between the braces of a snippet, unexpanded. */
function readSnippet(reader: Reader): readonly Token[] {
  const open = current(reader);
  if (open?.text !== '{') throw refusal('a snippet without a {', open);
  const tokens: Token[] = [];
  for (let depth = 1; advance(reader); ) {
    const token = current(reader) as Token;
    if (token.text === '}') depth -= 1;
    if (depth === 0) return tokens;
    if (token.text === '{') depth += 1;
    tokens.push(token);
  }
  throw refusal('a { without a }', undefined);
}

/** `depth` is the number of imports around the block. */
function readDirectives(reader: Reader, depth: number): readonly Directive[] {
  const directives: Directive[] = [];
  while (advance(reader)) {
    const token = current(reader) as Token;
    if (token.text === '}') break;
    if (token.text === 'import') {
      const arg = reader.tokens[reader.at + 1] as Token;
      const file = expandImport(reader);
      if (file !== undefined) directives.push(unreadImport(token, arg, depth));
      reader.at -= 1;
    } else directives.push(readDirective(reader, depth));
  }
  return directives;
}

const unreadImport = (first: Token, arg: Token, depth: number): Directive => ({
  name: 'import',
  args: [arg],
  lines: [],
  first,
  last: arg,
  open: undefined,
  importedBy: first.imports[depth],
});

function readDirective(reader: Reader, depth: number): Directive {
  const first = current(reader) as Token;
  const args: Token[] = [];
  const lines: Token[][] = [];
  let open: Token | undefined;
  let last = first;
  let nesting = 0;
  while (advance(reader)) {
    const token = current(reader) as Token;
    const isNewLine = isFirstOfLine(reader);
    if (token.text !== '{') {
      if (isNewLine && nesting === 0) {
        reader.at -= 1;
        break;
      }
      if (token.text === '}' && nesting === 0) throw refusal('a } on the line of a directive', token);
      if (token.text === 'import' && isNewLine && expandImport(reader, 'keep') === undefined) {
        reader.at -= 1;
        continue;
      }
      if (token.text === '}') nesting -= 1;
    } else nesting += 1;
    if (nesting === 1 && token.text === '{') open ??= token;
    else if (nesting > 0) {
      if (isNewLine || lines.length === 0) lines.push([]);
      lines.at(-1)?.push(token);
    } else if (token.text !== '}') args.push(token);
    last = token;
  }
  if (nesting > 0) throw refusal('a { without a }', undefined);
  return { name: first.text, args, lines, first, last, open, importedBy: first.imports[depth] };
}

/**
 * Replaces `import <name>` by the tokens of that snippet; the position is then that of its first token. For a file,
 * returns its name, and removes the two tokens unless they are to be kept.
 */
function expandImport(reader: Reader, file: 'remove' | 'keep' = 'remove'): string | undefined {
  const { tokens, at, snippets } = reader;
  const [token, arg, next] = tokens.slice(at, at + 3);
  if (token === undefined || arg === undefined || token.endLine !== arg.line || arg.text === '')
    throw refusal('an import without a file', token);
  if (next !== undefined && next.line === arg.endLine)
    throw refusal('an import of more than one file', token);
  const snippet = snippets.get(arg.text);
  if (snippet === undefined) {
    if (file === 'remove') reader.tokens = [...tokens.slice(0, at), ...tokens.slice(at + 2)];
    return arg.text;
  }
  reader.expansions += 1;
  if (reader.expansions > MAX_EXPANSIONS || tokens.length + snippet.length > MAX_TOKENS)
    throw refusal('its imports expand to too many directives', token, 'write them into the blocks');
  const span: Span = { start: token.start, end: arg.end, line: token.line, endLine: arg.endLine };
  const imports = [...token.imports, span];
  reader.tokens = [
    ...tokens.slice(0, at),
    ...snippet.map((one) => ({ ...one, imports })),
    ...tokens.slice(at + 2),
  ];
  return undefined;
}
