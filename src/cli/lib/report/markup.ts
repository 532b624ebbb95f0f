// HTML and SVG as text. Everything that is put into a template is escaped, unless it is markup itself: there is no way to
// write a text of a log into the page but as text.

/** Escaped HTML. */
export type Markup = { readonly markup: string };

type Value = string | number | Markup | readonly Markup[] | undefined | false;

/** A template of HTML: `html`<td>${name}</td>``. Texts and numbers are escaped, lists joined, `undefined` and `false` left out. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let markup = parts[0] ?? '';
  for (const [i, value] of values.entries()) markup += textOf(value) + (parts[i + 1] ?? '');
  return { markup };
}

function textOf(value: Value): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  return 'markup' in value ? value.markup : value.map((one) => one.markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

// Control characters, half surrogates, and what changes the order or the width of text without being seen.
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu;

/** Text for HTML; what a reader could not see, or would be misled by, as its code point: `⟨U+202E⟩`. */
const escapeText = (text: string): string =>
  text.replace(INVISIBLE, codePoint).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');

const codePoint = (character: string): string =>
  `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
