/** A regular expression as a tree; `chars` is one character of a set. */
export type Expression =
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

/** Exactly this text. */
export const word = (text: string): Expression =>
  sequence(
    ...[...Array(text.length).keys()].map((i): Expression => {
      const own = text.charAt(i);
      return { kind: 'chars', has: (char) => char === own };
    }),
  );

/** Nothing at all. */
export const NOTHING: Expression = sequence();
