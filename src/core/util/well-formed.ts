// Half of a surrogate pair alone is not text that UTF-8 can represent. JSON can: `"\ud800"`. It becomes U+FFFD, as every
// UTF-8 encoder writes it; receivers may refuse the escape, and the whole request with it.

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
// A pair is matched before its halves could be, and an escaped backslash before the letter behind it.
const ESCAPES =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|[\s\S])/g;

const REPLACEMENT = '\ufffd';
const BINARY_REPLACEMENT = Buffer.from(REPLACEMENT).toString('latin1');

function withoutLoneSurrogates(json: string, replacement: string): string {
  if (!SURROGATE_ESCAPE.test(json)) return json;
  return json.replace(ESCAPES, (found: string, lone: string | undefined) =>
    lone === undefined ? found : replacement,
  );
}

/** JSON text without escapes of lone surrogates: `{"a":"\ud800b"}` -> `{"a":"\ufffdb"}`. All else stays as it is. */
export const wellFormedJson = (json: string): string => withoutLoneSurrogates(json, REPLACEMENT);

/** The same for JSON as binary text (binary-text.ts). */
export const wellFormedBinaryJson = (json: string): string => withoutLoneSurrogates(json, BINARY_REPLACEMENT);
