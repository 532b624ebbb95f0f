// Tokens of a Corefile with their offsets, according to CoreDNS's lexer:
//   log . "{combined} {/kubernetes/client-pod-name}"   # comment
// https://github.com/coredns/caddy/blob/master/caddyfile/lexer.go

/** A word, a quoted text or a brace. */
export type Token = {
  /** Without quotes; inside quotes, only `\"` is an escape. */
  readonly text: string;
  /** Offset of the first character, including the quote. */
  readonly start: number;
  /** Offset after the last character. */
  readonly end: number;
  /** Line on which it starts, from 1. */
  readonly line: number;
  /** Line on which it ends: quoted texts may contain newlines. */
  readonly endLine: number;
  readonly isQuoted: boolean;
};

const SPACE = /\s/;

/** Splits a Corefile into tokens. Between tokens are only white space and comments, so edits can keep the rest. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  while (at < source.length) {
    const char = source[at] ?? '';
    if (char === '\n') line += 1;
    if (char === '#') at = endOfLine(source, at);
    else if (SPACE.test(char)) at += 1;
    else {
      const token = char === '"' ? quotedAt(source, at, line) : wordAt(source, at, line);
      tokens.push(token);
      line = token.endLine;
      at = token.end;
    }
  }
  return tokens;
}

/** Offset of the newline that ends the line, or of the end of the text. */
export function endOfLine(source: string, at: number): number {
  const found = source.indexOf('\n', at);
  return found === -1 ? source.length : found;
}

// A `#` ends a word and begins a comment, even without white space before it; a quote inside a word is a character.
function wordAt(source: string, start: number, line: number): Token {
  let end = start;
  while (end < source.length && source[end] !== '#' && !SPACE.test(source[end] ?? '')) end += 1;
  return { text: source.slice(start, end), start, end, line, endLine: line, isQuoted: false };
}

function quotedAt(source: string, start: number, line: number): Token {
  let end = start + 1;
  let text = '';
  let endLine = line;
  while (end < source.length && source[end] !== '"') {
    if (source[end] === '\\' && end + 1 < source.length) {
      // A backslash escapes the next character, and is removed only before a quote.
      if (source[end + 1] !== '"') text += '\\';
      end += 1;
    }
    if (source[end] === '\n') endLine += 1;
    text += source[end];
    end += 1;
  }
  return { text, start, end: Math.min(end + 1, source.length), line, endLine, isQuoted: true };
}
