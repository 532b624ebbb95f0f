import type { Expression } from './expression.ts';

// Character codes of the automaton: 0 to 127 are ASCII. 129 and up are the characters outside ASCII that the
// expressions mention, and OTHER is any character that they do not mention.
const OTHER = 128;

/**
 * A sequence of parts as a finite automaton with one state per character of the expressions, and without empty
 * transitions (Glushkov). State 0 is the start. format.ts explains its use.
 * https://en.wikipedia.org/wiki/Glushkov%27s_construction_algorithm
 */
export type Automaton = {
  /** By state: the states that can come next. */
  readonly follow: readonly (readonly number[])[];
  /** By state: index of the part that its character belongs to; -1 for the start. */
  readonly part: readonly number[];
  /** By state: the characters that lead into it, as 0 or 1 by code. States with the same characters share a table. */
  readonly reads: readonly Uint8Array[];
  /** By state: whether a text may end in it. */
  readonly isFinal: readonly boolean[];
  /** Number of character codes. */
  readonly codes: number;
  readonly codeOf: (charCode: number) => number;
};

/** Glushkov's sets of an expression: whether it matches the empty text, and its first and last states. */
type Fragment = {
  readonly isNullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
};

const EMPTY: Fragment = { isNullable: true, first: [], last: [] };

/** Builds the automaton of `parts` in sequence. `nonAscii` are the characters outside ASCII that they mention. */
export function buildAutomaton(parts: readonly Expression[], nonAscii: ReadonlySet<string>): Automaton {
  const mentioned = [...nonAscii];
  const codeByChar = new Map(mentioned.map((char, i) => [char.charCodeAt(0), OTHER + 1 + i]));
  const follow: number[][] = [[]];
  const part: number[] = [-1];
  const reads: Uint8Array[] = [new Uint8Array(0)];
  const link = (from: readonly number[], to: readonly number[]) => {
    for (const state of from) {
      const list = follow[state] as number[];
      for (const next of to) if (!list.includes(next)) list.push(next);
    }
  };
  const tableOf = createTables(mentioned);
  const visit = (expression: Expression, index: number): Fragment => {
    if (expression.kind === 'char' || expression.kind === 'chars') {
      const state = follow.push([]) - 1;
      part.push(index);
      reads.push(tableOf(expression));
      return { isNullable: false, first: [state], last: [state] };
    }
    if (expression.kind === 'repeat') {
      const fragment = visit(expression.item, index);
      link(fragment.last, fragment.first);
      return { ...fragment, isNullable: true };
    }
    const fragments = expression.items.map((item) => visit(item, index));
    return expression.kind === 'choice' ? alternatives(fragments) : fragments.reduce(inSequence, EMPTY);
  };
  const inSequence = (left: Fragment, right: Fragment): Fragment => {
    link(left.last, right.first);
    return {
      isNullable: left.isNullable && right.isNullable,
      first: left.isNullable ? [...left.first, ...right.first] : left.first,
      last: right.isNullable ? [...left.last, ...right.last] : right.last,
    };
  };
  const whole = parts.map(visit).reduce(inSequence, EMPTY);
  link([0], whole.first);
  const finals = new Set(whole.isNullable ? [0, ...whole.last] : whole.last);
  return {
    follow,
    part,
    reads,
    isFinal: follow.map((_, state) => finals.has(state)),
    codes: OTHER + 1 + mentioned.length,
    codeOf: (charCode) => (charCode < OTHER ? charCode : (codeByChar.get(charCode) ?? OTHER)),
  };
}

function alternatives(fragments: readonly Fragment[]): Fragment {
  return {
    isNullable: fragments.some((fragment) => fragment.isNullable),
    first: fragments.flatMap((fragment) => fragment.first),
    last: fragments.flatMap((fragment) => fragment.last),
  };
}

/** Represents every character outside ASCII that the parts do not mention. */
const OTHER_CHAR = '\uffff';

type CharExpression = Extract<Expression, { readonly kind: 'char' | 'chars' }>;

/** Creates the table of each character and each set once. */
function createTables(mentioned: readonly string[]): (expression: CharExpression) => Uint8Array {
  const ascii = Array.from({ length: OTHER }, (_, code) => String.fromCharCode(code));
  const alphabet = [...ascii, OTHER_CHAR, ...mentioned];
  const tables = new Map<unknown, Uint8Array>();
  return (expression) => {
    const key = expression.kind === 'char' ? expression.char : expression.has;
    const has = expression.kind === 'char' ? (char: string) => char === expression.char : expression.has;
    const table = tables.get(key) ?? Uint8Array.from(alphabet, (char) => (has(char) ? 1 : 0));
    tables.set(key, table);
    return table;
  };
}

/**
 * Searches for a text with two readings, by walking all pairs of states that the same text can lead to (see step 4 in
 * format.ts). Returns the two parts that compete for a character, the lower index first; undefined when every text has
 * at most one reading.
 */
export function findAmbiguity(automaton: Automaton): readonly [number, number] | undefined {
  const { follow, part, isFinal } = automaton;
  const count = follow.length;
  const canReadSame = createOverlapTest(automaton);
  // A key is a pair of states and a bit: 1 if the two paths have been in different parts.
  const seen = new Set([0]);
  // By key: the parts that competed first, for keys with the bit set.
  const competing = new Map<number, readonly [number, number]>();
  const queue: number[] = [0];
  for (const key of queue) {
    const pair = key >> 1;
    const a = Math.floor(pair / count);
    const b = pair % count;
    const parts = competing.get(key);
    if (parts !== undefined && isFinal[a] && isFinal[b]) return parts;
    for (const p of follow[a] ?? []) {
      for (const q of follow[b] ?? []) {
        if (!canReadSame(p, q)) continue;
        const [low, high] = ascending(part[p] as number, part[q] as number);
        const next = parts ?? (low === high ? undefined : ([low, high] as const));
        const nextKey = (Math.min(p, q) * count + Math.max(p, q)) * 2 + (next === undefined ? 0 : 1);
        if (seen.has(nextKey)) continue;
        seen.add(nextKey);
        if (next !== undefined) competing.set(nextKey, next);
        queue.push(nextKey);
      }
    }
  }
  return undefined;
}

const ascending = (a: number, b: number): readonly [number, number] => (a < b ? [a, b] : [b, a]);

/** Creates the test whether two states can read the same character. Compares each pair of tables once. */
function createOverlapTest({ reads }: Automaton): (a: number, b: number) => boolean {
  const tables = [...new Set(reads)];
  const overlaps = tables.map((a) => tables.map((b) => a.some((bit, code) => bit === 1 && b[code] === 1)));
  const indexByTable = new Map(tables.map((table, i) => [table, i]));
  const tableIndex = reads.map((table) => indexByTable.get(table) as number);
  return (a, b) => overlaps[tableIndex[a] as number]?.[tableIndex[b] as number] === true;
}
