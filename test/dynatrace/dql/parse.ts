// Reads the part of DQL that the shipped queries, processors and matchers use.
// https://docs.dynatrace.com/docs/platform/grail/dynatrace-query-language

/** An expression of DQL. `query` is a subquery in brackets, `list` is `{a, b}`; an `index` without a key iterates. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'duration'; readonly ms: number }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Argument[] }
  | { readonly kind: 'index'; readonly of: Expression; readonly key: Expression | undefined }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  | { readonly kind: 'query'; readonly commands: readonly Command[] };

/** `from: now() - 1d` (parameter), `queries = count()` (alias) or `queries desc`. */
export type Argument = {
  readonly parameter: string | undefined;
  readonly alias: string | undefined;
  readonly value: Expression;
  readonly isDescending: boolean;
};

/** One step of a query: `filter isNotNull(dns.signals)`. */
export type Command = { readonly name: string; readonly args: readonly Argument[] };

type Token = { readonly kind: string; readonly text: string };

const TOKEN =
  /(?<skip>\s+|\/\/[^\n]*)|(?<string>"(?:[^"\\]|\\.)*")|(?<tick>`[^`]*`)|(?<duration>\d+(?:ms|[smhd])\b)|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*(?:\.\w+)*)|(?<op>==|!=|>=|<=|[|<>{}()=,:[\]+\-*/])/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const [kind, token] =
      Object.entries(TOKEN.exec(text)?.groups ?? {}).find(([, one]) => one !== undefined) ?? [];
    if (kind === undefined || token === undefined) throw new Error(`unreadable: ${text.slice(at, at + 40)}`);
    if (kind !== 'skip') tokens.push({ kind, text: token });
  }
  return tokens;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Binary operators, those that bind least first. */
const PRECEDENCE = [['or'], ['and'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/']];

/** Reads a query, or the script of a DQL processor, which begins without a source. */
export const parseQuery = (text: string): Command[] => readAll(text, (reader) => reader.commands());

/** Reads one expression, such as a matcher. */
export const parseExpression = (text: string): Expression => readAll(text, (reader) => reader.expression());

function readAll<T>(text: string, read: (reader: Reader) => T): T {
  const reader = createReader(tokensOf(text));
  const result = read(reader);
  reader.end();
  return result;
}

type Reader = ReturnType<typeof createReader>;

function createReader(tokens: readonly Token[]) {
  let at = 0;
  const isNext = (...texts: string[]): boolean =>
    tokens[at]?.kind !== 'string' && texts.includes(tokens[at]?.text ?? '');
  const next = (): Token => {
    const token = tokens[at++];
    if (token === undefined) throw new Error('unexpected end');
    return token;
  };
  const expect = (text: string): void => {
    if (!isNext(text)) throw new Error(`expected ${text}, found ${tokens[at]?.text}`);
    at++;
  };
  const listUntil = (end: string): Argument[] => {
    const items: Argument[] = [];
    if (!isNext(end)) {
      do items.push(argument());
      while (isNext(',') && next());
    }
    expect(end);
    return items;
  };

  function commands(): Command[] {
    const result = [command()];
    while (isNext('|')) {
      next();
      result.push(command());
    }
    return result;
  }
  function command(): Command {
    const { kind, text: name } = next();
    if (kind !== 'name') throw new Error(`expected a command, found ${name}`);
    const args: Argument[] = [];
    if (at < tokens.length && !isNext('|', ']')) {
      do args.push(argument());
      while (isNext(',') && next());
    }
    return { name, args };
  }
  function argument(): Argument {
    const isParameter = tokens[at]?.kind === 'name' && tokens[at + 1]?.text === ':';
    const parameter = isParameter ? next().text : undefined;
    if (isParameter) next();
    let value = expression();
    let alias: string | undefined;
    if (isNext('=')) {
      if (value.kind !== 'field') throw new Error('an alias is a name');
      alias = value.name;
      next();
      value = expression();
    }
    const isDescending = isNext('desc');
    if (isNext('asc', 'desc')) next();
    return { parameter, alias, value, isDescending };
  }
  function expression(level = 0): Expression {
    const operators = PRECEDENCE[level];
    if (operators === undefined) return postfix();
    if (level === 2 && isNext('not')) {
      next();
      return { kind: 'not', of: expression(level) };
    }
    let left = expression(level + 1);
    while (isNext(...operators)) {
      const op = next().text;
      left = { kind: 'binary', op, left, right: expression(level + 1) };
    }
    return left;
  }
  function postfix(): Expression {
    let value = primary();
    while (isNext('[')) {
      next();
      const key = isNext(']') ? undefined : expression();
      expect(']');
      value = { kind: 'index', of: value, key };
    }
    return value;
  }
  function primary(): Expression {
    if (isNext('[')) {
      next();
      const result = commands();
      expect(']');
      return { kind: 'query', commands: result };
    }
    const { kind, text } = next();
    if (kind === 'string') return { kind: 'literal', value: JSON.parse(text) as string };
    if (kind === 'number') return { kind: 'literal', value: Number(text) };
    if (kind === 'duration')
      return { kind: 'duration', ms: parseInt(text, 10) * (UNITS[text.replace(/\d+/, '')] ?? 0) };
    if (kind === 'tick') return { kind: 'field', name: text.slice(1, -1) };
    if (text === '{') return { kind: 'list', items: listUntil('}') };
    if (text === '(') {
      const value = expression();
      expect(')');
      return value;
    }
    if (kind !== 'name') throw new Error(`unexpected ${text}`);
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
    if (text === 'null') return { kind: 'literal', value: null };
    if (!isNext('(')) return { kind: 'field', name: text };
    next();
    return { kind: 'call', name: text, args: listUntil(')') };
  }
  return {
    commands,
    expression,
    end: () => {
      if (at < tokens.length) throw new Error(`left over: ${tokens[at]?.text}`);
    },
  };
}
