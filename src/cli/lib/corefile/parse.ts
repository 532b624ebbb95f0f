// Parser of a Corefile: server blocks, snippets and imports, each with its directives.
//   .:53 {
//       errors
//       kubernetes cluster.local in-addr.arpa { pods insecure }
//   }
// https://github.com/coredns/caddy/blob/master/caddyfile/parse.go
import { EXIT, fail } from '../../terminal.ts';
import { type Token, tokensOf } from './tokens.ts';

/** One plugin with its arguments and the lines in its braces: `kubernetes cluster.local { pods insecure }`. */
export type Directive = {
  readonly name: string;
  /** Arguments on the directive's line, without the opening brace. */
  readonly args: readonly string[];
  /** Lines within its braces, as words; nested braces are words too. */
  readonly lines: readonly (readonly Token[])[];
  readonly first: Token;
  readonly last: Token;
  /** Its opening brace; undefined if it has none. */
  readonly open: Token | undefined;
};

/** A server block, or a snippet `(name) { ... }`. */
export type Block = {
  /** `.:53`, `cluster.local:53`; a snippet's name with its parentheses. */
  readonly keys: readonly string[];
  /** Undefined if the whole file is one block without braces. */
  readonly open: Token | undefined;
  readonly directives: readonly Directive[];
  readonly lastKey: Token;
};

/** A Corefile: its blocks, and the files that it imports at the top level. */
export type Corefile = { readonly blocks: readonly Block[]; readonly imports: readonly string[] };

const syntaxError = (what: string, token: Token | undefined): Error =>
  fail(
    `the Corefile cannot be parsed: ${what}${token === undefined ? ' at its end' : ` in line ${token.line}`}`,
    'fix it first; CoreDNS would not load it either',
    EXIT.refused,
  );

const isOpen = (token: Token | undefined): boolean => token?.text === '{' && !token.isQuoted;
const isClose = (token: Token | undefined): boolean => token?.text === '}' && !token.isQuoted;
const sameLine = (before: Token, token: Token): boolean => before.endLine === token.line;

/** Parses a Corefile; throws where CoreDNS would not load it either. */
export function parseCorefile(source: string): Corefile {
  const tokens = tokensOf(source);
  const blocks: Block[] = [];
  const imports: string[] = [];
  let at = 0;
  while (at < tokens.length) {
    const token = tokens[at] as Token;
    if (token.text === 'import' && !token.isQuoted) {
      imports.push(tokens[at + 1]?.text ?? '');
      at += 2;
      continue;
    }
    const { block, next } = blockAt(tokens, at);
    blocks.push(block);
    at = next;
  }
  return { blocks, imports };
}

function blockAt(tokens: readonly Token[], start: number): { block: Block; next: number } {
  let at = start;
  const keys: string[] = [];
  let expectsMore = true;
  while (at < tokens.length && !isOpen(tokens[at])) {
    const token = tokens[at] as Token;
    const before = tokens[at - 1];
    if (at > start && before !== undefined && !expectsMore && !sameLine(before, token)) break;
    if (isClose(token)) throw syntaxError('a } without a {', token);
    expectsMore = token.text.endsWith(',');
    keys.push(...token.text.split(',').filter((key) => key !== ''));
    at += 1;
  }
  const lastKey = tokens[at - 1];
  if (keys.length === 0 || lastKey === undefined) throw syntaxError('a block without an address', tokens[at]);
  const open = isOpen(tokens[at]) ? tokens[at] : undefined;
  if (open !== undefined) at += 1;
  const directives: Directive[] = [];
  while (at < tokens.length && !isClose(tokens[at])) {
    const { directive, next } = directiveAt(tokens, at);
    directives.push(directive);
    at = next;
  }
  if (open !== undefined && !isClose(tokens[at])) throw syntaxError('a { without a }', tokens[at]);
  if (open === undefined && isClose(tokens[at])) throw syntaxError('a } without a {', tokens[at]);
  return { block: { keys, open, directives, lastKey }, next: at + 1 };
}

function directiveAt(tokens: readonly Token[], start: number): { directive: Directive; next: number } {
  const first = tokens[start] as Token;
  const args: string[] = [];
  const lines: Token[][] = [];
  let open: Token | undefined;
  let last = first;
  let depth = 0;
  let at = start + 1;
  for (; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    const isNewLine = !sameLine(last, token);
    if (depth === 0 && isNewLine) break;
    if (isClose(token)) {
      if (depth === 0) throw syntaxError('a } on the line of a directive', token);
      depth -= 1;
    }
    if (isOpen(token)) depth += 1;
    if (depth === 1 && isOpen(token)) open ??= token;
    else if (depth === 0 && !isClose(token)) args.push(token.text);
    else if (depth > 0) {
      if (isNewLine || lines.length === 0) lines.push([]);
      lines.at(-1)?.push(token);
    }
    last = token;
  }
  if (depth > 0) throw syntaxError('a { without a }', undefined);
  return { directive: { name: first.text, args, lines, first, last, open }, next: at };
}
