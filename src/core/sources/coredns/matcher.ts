import type { Automaton } from './automaton.ts';

/**
 * Splits `text` from `at` to its end into the parts of an automaton. Returns start and end of each part, as a flat list;
 * undefined when the text does not match.
 */
export type Matcher = (text: string, at: number) => Int32Array | undefined;

/** The states that a text can lead to, and by character code the id of the next set (or one of the constants below). */
type StateSet = { readonly states: readonly number[]; readonly next: Int32Array };

/** The next set is not computed yet. */
const UNKNOWN = -1;
/** The text does not match. */
const DEAD = -2;
const MAX_SETS = 2048;

/**
 * Creates a matcher whose run time is linear in the length of the text. It goes forward through sets of states, which it
 * computes when a text first needs them (subset construction), then back along a path that leads to the final state.
 * The automaton must not be ambiguous, so that every such path gives the same parts.
 */
export function createMatcher(automaton: Automaton, parts: number): Matcher {
  let sets: StateSet[] = [];
  let idBySet = new Map<string, number>();
  // Ids of the sets after each character of the current text.
  let visited = new Int32Array(512);

  const idOf = (states: readonly number[]): number => {
    const key = states.join();
    const known = idBySet.get(key);
    if (known !== undefined) return known;
    const id = sets.push({ states, next: new Int32Array(automaton.codes).fill(UNKNOWN) }) - 1;
    idBySet.set(key, id);
    return id;
  };
  const step = (id: number, code: number): number => {
    const from = sets[id] as StateSet;
    const to = new Set<number>();
    for (const state of from.states) {
      for (const next of automaton.follow[state] as readonly number[]) {
        if (automaton.reads[next]?.[code] === 1) to.add(next);
      }
    }
    const target = to.size === 0 ? DEAD : idOf([...to].sort((a, b) => a - b));
    from.next[code] = target;
    return target;
  };
  const forward = (text: string, at: number): number => {
    let id = idOf([0]);
    for (let i = at; i < text.length; i++) {
      const charCode = text.charCodeAt(i);
      const code = charCode < 128 ? charCode : automaton.codeOf(charCode);
      const next = (sets[id] as StateSet).next[code] as number;
      id = next === UNKNOWN ? step(id, code) : next;
      if (id === DEAD) return DEAD;
      visited[i - at] = id;
    }
    return id;
  };
  return (text, at) => {
    // Hostile lines could create an unlimited number of sets. The cache is cleared before a line, because `visited` refers
    // to it until the line is split.
    if (sets.length > MAX_SETS) {
      sets = [];
      idBySet = new Map();
    }
    if (visited.length < text.length - at) visited = new Int32Array((text.length - at) * 2);
    const last = forward(text, at);
    if (last === DEAD) return undefined;
    const end = (sets[last] as StateSet).states.find((state) => automaton.isFinal[state]);
    return end === undefined
      ? undefined
      : backward(automaton, sets, visited, text.length - at, end, at, parts);
  };
}

/** Goes back from the final state along any path: in an unambiguous automaton all paths are in the same parts. */
function backward(
  { follow, part }: Automaton,
  sets: readonly StateSet[],
  visited: Int32Array,
  length: number,
  end: number,
  at: number,
  parts: number,
): Int32Array {
  const bounds = new Int32Array(parts * 2);
  let state = end;
  for (let i = length - 1; i >= 0; i--) {
    const slot = (part[state] as number) * 2;
    if (bounds[slot + 1] === 0) bounds[slot + 1] = at + i + 1;
    bounds[slot] = at + i;
    if (i === 0) break;
    const { states } = sets[visited[i - 1] as number] as StateSet;
    const [only] = states;
    if (states.length === 1) state = only as number;
    else state = states.find((from) => (follow[from] as readonly number[]).includes(state)) as number;
  }
  return bounds;
}
