/** A regular expression as a tree; `char` is one character, `chars` one of a set. */
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

/** All items, one behind the other. */
export const sequence = (...items: readonly Expression[]): Expression => ({ kind: 'sequence', items });

/** Any one of the items. */
export const choice = (...items: readonly Expression[]): Expression => ({ kind: 'choice', items });

/** The item any number of times, or never. */
export const repeat = (item: Expression): Expression => ({ kind: 'repeat', item });

/** The item at least once. */
export const some = (item: Expression): Expression => sequence(item, repeat(item));

/** Exactly this text, by UTF-16 code unit. */
export const word = (text: string): Expression =>
  sequence(...text.split('').map((char): Expression => ({ kind: 'char', char })));

/** Nothing at all. */
export const NOTHING: Expression = sequence();
