// Removes whatever looks like a secret from texts of others before they are printed: a service may repeat the token or the
// credentials that it was sent.

const REDACTED = '[redacted]';

/** Longer texts are cut before they are searched. */
const MAX_CHARS = 4000;

/** Named values and schemes, up to the next space, quote or separator: `Bearer ...`, `X-Amz-Signature=...`. */
export const NAMED_SECRETS = [
  /\bk8s-aws-v\d[^\s"'<>,;]*/gi,
  /\b(?:api-token|bearer|basic|negotiate)[\s:]+[^\s"'<>,;]+/gi,
  /\b(?:x-amz-[a-z-]{1,40}|signature|credential|authorization|session-?token|secret-?(?:access-?)?key|password)(?:["'\\]{0,4}[:=]|%3d)\s{0,4}["'\\]{0,4}[^\s"'\\<>,;&]+/gi,
  // Access key ids, JSON Web Tokens, tokens of Dynatrace.
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\bdt0[a-z]\d{2}\.[\w.-]+/g,
];

/** Runs of characters that tokens consist of. */
const RUN = /[A-Za-z0-9+/_=.~%-]{24,}/g;

/**
 * Whether a run looks random: a long hexadecimal number, or a part of 20 characters or more in which capitals, small
 * letters and digits alternate. Names of roles and hosts consist of words.
 */
function isTokenLike(run: string): boolean {
  if (/[0-9a-f]{40}/i.test(run)) return true;
  return run.split(/[^A-Za-z0-9]+/).some((part) => {
    if (part.length < 20 || !/[A-Z]/.test(part) || !/[a-z]/.test(part) || !/\d/.test(part)) return false;
    let changes = 0;
    for (let i = 1; i < part.length; i += 1) if (kindOf(part, i) !== kindOf(part, i - 1)) changes += 1;
    return changes >= part.length / 3;
  });
}

/** 0 to 2 for a digit, a capital, a small letter. */
function kindOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x3a ? 0 : code < 0x60 ? 1 : 2;
}

/** Length of a piece of a known secret that is recognised. */
const PIECE = 10;

/** A letter or digit as a JSON escape: `\u0061`. */
const ESCAPE = /\\u00([2-7][0-9a-f])/gi;

/**
 * The text without secrets: what is named as one, what looks random, and pieces of `secrets`, also where spaces, quotes
 * or other punctuation divide them.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  const whole = beginningOf(text).replace(ESCAPE, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  let clean = withoutPieces(whole, secrets);
  for (const pattern of NAMED_SECRETS) clean = clean.replace(pattern, REDACTED);
  return clean.replace(RUN, (run) => (isTokenLike(run) ? REDACTED : run));
}

/** The text up to the limit, without its last word if that is cut off: a piece of a secret may not look like one. */
function beginningOf(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  let end = MAX_CHARS;
  while (end > 0 && text.charAt(end - 1) !== ' ') end -= 1;
  return text.slice(0, end);
}

/**
 * Replaces pieces of the secrets (ten letters or digits in a row); only letters and digits are compared, so that line breaks and
 * punctuation between them do not matter.
 */
export function withoutPieces(text: string, secrets: readonly string[]): string {
  const pieces = new Set<string>();
  for (const secret of secrets) {
    const plain = secret.replace(/[^A-Za-z0-9]+/g, '');
    for (let at = 0; at + PIECE <= plain.length; at += 1) pieces.add(plain.slice(at, at + PIECE));
  }
  if (pieces.size === 0) return text;
  const positions: number[] = [];
  for (let at = 0; at < text.length; at += 1) if (/[A-Za-z0-9]/.test(text.charAt(at))) positions.push(at);
  const plain = positions.map((at) => text.charAt(at)).join('');
  let clean = '';
  let copiedTo = 0;
  let from = 0;
  while (from + PIECE <= plain.length) {
    if (!pieces.has(plain.slice(from, from + PIECE))) {
      from += 1;
      continue;
    }
    let to = from + PIECE;
    while (to < plain.length && pieces.has(plain.slice(to + 1 - PIECE, to + 1))) to += 1;
    clean += text.slice(copiedTo, positions[from]) + REDACTED;
    copiedTo = (positions[to - 1] ?? 0) + 1;
    from = to;
  }
  return clean + text.slice(copiedTo);
}
