import type { Expression } from './expression.ts';

/** Codes 0 to 127 are ASCII, 128 is any other character, 129 and up are single characters that the parts name. */
const OTHER = 128;

/**
 * A chain of parts as a machine whose states are the characters of the parts (Glushkov's construction: no empty
 * steps). State 0 is the start; `part[s]` tells whose character state `s` reads.
 * https://en.wikipedia.org/wiki/Glushkov%27s_construction_algorithm
 */
export type Automaton = {
  readonly follow: readonly (readonly number[])[];
  readonly part: readonly number[];
  /** Characters that lead into a state, as 0 or 1 by code; states that read the same share their table. */
  readonly reads: readonly Uint8Array[];
  readonly isFinal: readonly boolean[];
  readonly codes: number;
  readonly codeOf: (charCode: number) => number;
};

type Piece = {
  readonly isEmpty: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
};

const EMPTY: Piece = { isEmpty: true, first: [], last: [] };

/** Builds the machine of `parts`, one behind the other; `named` are the characters outside ASCII that they mention. */
export function buildAutomaton(parts: readonly Expression[], named: ReadonlySet<string>): Automaton {
  const specials = [...named];
  const codeByChar = new Map(specials.map((char, i) => [char.charCodeAt(0), OTHER + 1 + i]));
  const follow: number[][] = [[]];
  const part: number[] = [-1];
  const reads: Uint8Array[] = [new Uint8Array(0)];
  const link = (from: readonly number[], to: readonly number[]) => {
    for (const state of from) {
      const list = follow[state] as number[];
      for (const next of to) if (!list.includes(next)) list.push(next);
    }
  };
  const tableOf = createTables(specials);
  const visit = (expression: Expression, index: number): Piece => {
    if (expression.kind === 'char' || expression.kind === 'chars') {
      const state = follow.push([]) - 1;
      part.push(index);
      reads.push(tableOf(expression));
      return { isEmpty: false, first: [state], last: [state] };
    }
    if (expression.kind === 'repeat') {
      const piece = visit(expression.item, index);
      link(piece.last, piece.first);
      return { ...piece, isEmpty: true };
    }
    const pieces = expression.items.map((item) => visit(item, index));
    return expression.kind === 'choice' ? anyOf(pieces) : pieces.reduce(inSequence, EMPTY);
  };
  const inSequence = (head: Piece, tail: Piece): Piece => {
    link(head.last, tail.first);
    return {
      isEmpty: head.isEmpty && tail.isEmpty,
      first: head.isEmpty ? [...head.first, ...tail.first] : head.first,
      last: tail.isEmpty ? [...head.last, ...tail.last] : tail.last,
    };
  };
  const whole = parts.map(visit).reduce(inSequence, EMPTY);
  link([0], whole.first);
  const finals = new Set(whole.isEmpty ? [0, ...whole.last] : whole.last);
  return {
    follow,
    part,
    reads,
    isFinal: follow.map((_, state) => finals.has(state)),
    codes: OTHER + 1 + specials.length,
    codeOf: (charCode) => (charCode < OTHER ? charCode : (codeByChar.get(charCode) ?? OTHER)),
  };
}

function anyOf(pieces: readonly Piece[]): Piece {
  return {
    isEmpty: pieces.some((piece) => piece.isEmpty),
    first: pieces.flatMap((piece) => piece.first),
    last: pieces.flatMap((piece) => piece.last),
  };
}

/** Stands for every character outside ASCII that no part mentions. */
const UNNAMED = '\uffff';

type Reader = Extract<Expression, { readonly kind: 'char' | 'chars' }>;

/** Makes the table of each character and each set once. */
function createTables(specials: readonly string[]): (reader: Reader) => Uint8Array {
  const ascii = Array.from({ length: OTHER }, (_, code) => String.fromCharCode(code));
  const alphabet = [...ascii, UNNAMED, ...specials];
  const tables = new Map<unknown, Uint8Array>();
  return (reader) => {
    const key = reader.kind === 'char' ? reader.char : reader.has;
    const has = reader.kind === 'char' ? (char: string) => char === reader.char : reader.has;
    const table = tables.get(key) ?? Uint8Array.from(alphabet, (char) => (has(char) ? 1 : 0));
    tables.set(key, table);
    return table;
  };
}

/**
 * Looks for a text that the machine can cut into its parts in two ways, and gives the two parts that then compete for a
 * character (the lower first); undefined when every text has one reading at most. Walks all pairs of states that the
 * same text can lead to.
 */
export function findAmbiguity(automaton: Automaton): readonly [number, number] | undefined {
  const { follow, part, isFinal } = automaton;
  const count = follow.length;
  const meet = createMeet(automaton);
  const seen = new Set([0]);
  // What competed first, by pair; none while both ways have cut the text alike.
  const rivals = new Map<number, readonly [number, number]>();
  const queue: number[] = [0];
  for (const key of queue) {
    const pair = key >> 1;
    const a = Math.floor(pair / count);
    const b = pair % count;
    const rival = rivals.get(key);
    if (rival !== undefined && isFinal[a] && isFinal[b]) return rival;
    for (const p of follow[a] ?? []) {
      for (const q of follow[b] ?? []) {
        if (!meet(p, q)) continue;
        const [low, high] = order(part[p] as number, part[q] as number);
        const next = rival ?? (low === high ? undefined : ([low, high] as const));
        const nextKey = (Math.min(p, q) * count + Math.max(p, q)) * 2 + (next === undefined ? 0 : 1);
        if (seen.has(nextKey)) continue;
        seen.add(nextKey);
        if (next !== undefined) rivals.set(nextKey, next);
        queue.push(nextKey);
      }
    }
  }
  return undefined;
}

const order = (a: number, b: number): readonly [number, number] => (a < b ? [a, b] : [b, a]);

/** Whether two states can read the same character. */
function createMeet({ reads }: Automaton): (a: number, b: number) => boolean {
  const tables = [...new Set(reads)];
  const answers = tables.map((a) => tables.map((b) => a.some((bit, code) => bit === 1 && b[code] === 1)));
  const rank = new Map(tables.map((table, i) => [table, i]));
  const ranks = reads.map((table) => rank.get(table) as number);
  return (a, b) => answers[ranks[a] as number]?.[ranks[b] as number] === true;
}
