// Tokens of a Corefile with their offsets, according to CoreDNS's lexer:
//   log . "{combined} {/kubernetes/client-pod-name}"   # comment
// https://github.com/coredns/caddy/blob/master/caddyfile/lexer.go

/** Where something stands in the Corefile: offsets `[start, end)`, and its first and last line, from 1. */
export type Span = {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly endLine: number;
};

/** A word, a quoted text or a brace. Quoted texts may contain newlines; the offsets include the quotes. */
export type Token = Span & {
  /** Without quotes; inside quotes, only `\"` is an escape. */
  readonly text: string;
  readonly isQuoted: boolean;
  /** The `import` directives that put it where it is read, the outermost first; empty if it stands there itself. */
  readonly imports: readonly Span[];
};

/** White space according to Go's `unicode.IsSpace`, which differs from `\s`; `\r` is skipped, even inside a word. */
const SPACE = /[\t\n\v\f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Splits a Corefile into tokens. Between tokens are only white space and comments, so edits can keep the rest. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = source.startsWith('\ufeff') ? 1 : 0;
  while (at < source.length) {
    const char = source[at] ?? '';
    if (char === '\n') line += 1;
    if (char === '#') at = endOfLine(source, at);
    else if (char === '\r' || SPACE.test(char)) at += 1;
    else {
      const token = char === '"' ? quotedAt(source, at, line) : wordAt(source, at, line);
      if (token === undefined) break;
      tokens.push(token);
      line = token.endLine;
      // A comment without white space before it ends at the next white space: `a#b c` is `a` and `c`.
      at = token.isQuoted ? token.end : endOfWord(source, at);
    }
  }
  return tokens;
}

/** Offset of the newline that ends the line, or of the end of the text. */
export function endOfLine(source: string, at: number): number {
  const found = source.indexOf('\n', at);
  return found === -1 ? source.length : found;
}

const endOfWord = (source: string, at: number): number => {
  let end = at;
  while (end < source.length && !SPACE.test(source[end] ?? '')) end += 1;
  return end;
};

// A `#` ends a word, even without white space before it; a quote inside a word is a character.
function wordAt(source: string, start: number, line: number): Token {
  const [word = ''] = source.slice(start, endOfWord(source, start)).split('#', 1);
  // `\r` is skipped, and those at its end are no part of it, so that edits keep CRLF.
  const end = start + word.replace(/\r+$/, '').length;
  const text = word.replaceAll('\r', '');
  return { text, start, end, line, endLine: line, isQuoted: false, imports: [] };
}

/** Undefined for a quote without text at the end of the file, which is no token. */
function quotedAt(source: string, start: number, line: number): Token | undefined {
  let end = start + 1;
  let text = '';
  let endLine = line;
  while (end < source.length && source[end] !== '"') {
    if (source[end] === '\\') {
      // A backslash escapes the next character, and is removed only before a quote.
      end += 1;
      if (end === source.length) break;
      if (source[end] !== '"') text += '\\';
    }
    if (source[end] === '\n') endLine += 1;
    text += source[end];
    end += 1;
  }
  if (end === source.length && text === '') return undefined;
  return {
    text,
    start,
    end: Math.min(end + 1, source.length),
    line,
    endLine,
    isQuoted: true,
    imports: [],
  };
}
