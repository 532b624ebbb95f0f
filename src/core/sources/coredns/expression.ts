/** A regular expression as a tree. `char` is one character, `chars` one character of a set. */
export type Expression =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'chars'; readonly has: (char: string) => boolean }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly items: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly item: Expression };

/** One character that `set` (a bracket expression such as `[a-z0-9]`) matches. */
export function chars(set: RegExp): Expression {
  return { kind: 'chars', has: (char) => set.test(char) };
}

/** All items in sequence. */
export const sequence = (...items: readonly Expression[]): Expression => ({ kind: 'sequence', items });

/** One of the items. */
export const choice = (...items: readonly Expression[]): Expression => ({ kind: 'choice', items });

/** The item zero or more times. */
export const repeat = (item: Expression): Expression => ({ kind: 'repeat', item });

/** The item one or more times. */
export const some = (item: Expression): Expression => sequence(item, repeat(item));

/** Exactly this text, one `char` per UTF-16 code unit. */
export const word = (text: string): Expression =>
  sequence(...text.split('').map((char): Expression => ({ kind: 'char', char })));

/** The empty text. */
export const NOTHING: Expression = sequence();
