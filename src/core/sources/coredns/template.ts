// Splits a FORMAT of CoreDNS's `log` plugin into literals and placeholders, in the same way as CoreDNS:
//   log . "{combined} {/kubernetes/client-namespace} {/kubernetes/client-pod-name}"
// https://github.com/coredns/coredns/blob/master/plugin/pkg/replacer/replacer.go

/** The default format. */
export const COMMON =
  '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}';
/** The default format and the opcode. */
export const COMBINED = `${COMMON} "{>opcode}"`;

/** Placeholders that CoreDNS replaces by a value (`{when}` until 1.2.5). It prints any other text in braces literally. */
export const LABELS = [
  'type',
  'class',
  'name',
  'proto',
  'remote',
  'local',
  'port',
  'size',
  'rcode',
  'rsize',
  'duration',
  'when',
  '>id',
  '>opcode',
  '>do',
  '>bufsize',
  '>rflags',
] as const;

/** One of `LABELS`. */
export type Label = (typeof LABELS)[number];

/** A part of a FORMAT. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'label'; readonly label: Label }
  /** `{/name}`: a value of the `metadata` plugin. */
  | { readonly kind: 'metadata'; readonly label: string };

/** A quoted token of a Corefile. Quotes inside it have a backslash before them. */
const QUOTED = /^"(?:[^"\\]|\\.)*"$/s;

/** The FORMAT of a token in a Corefile: without quotes and escapes, and with `{common}` and `{combined}` expanded. */
export function expandFormat(token: string): string {
  const trimmed = token.trim();
  const isQuoted = QUOTED.test(trimmed);
  return withDefaultFormats((isQuoted ? trimmed.slice(1, -1) : trimmed).replaceAll('\\"', '"'));
}

const WHITE_SPACE = /\s/;

/**
 * The FORMATs that a token can be, expanded. In a token that stands in the Corefile without quotes, CoreDNS keeps the
 * backslash of `\"`; what was copied from between quotes means a quote.
 */
export function formatsOf(token: string): readonly string[] {
  const trimmed = token.trim();
  const isUnquoted = trimmed.includes('\\"') && !QUOTED.test(trimmed) && !WHITE_SPACE.test(trimmed);
  return isUnquoted ? [expandFormat(token), withDefaultFormats(trimmed)] : [expandFormat(token)];
}

const withDefaultFormats = (format: string): string =>
  format.replaceAll('{common}', COMMON).replaceAll('{combined}', COMBINED);

/** Splits an expanded FORMAT. As in CoreDNS, a placeholder begins at the last `{` before a `}`. */
export function parseSegments(format: string): readonly Segment[] {
  const segments: Segment[] = [];
  let literal = '';
  const push = (segment: Segment) => {
    if (literal !== '') segments.push({ kind: 'literal', text: literal });
    literal = '';
    segments.push(segment);
  };
  let rest = format;
  for (;;) {
    const close = rest.indexOf('}');
    if (close < 0) break;
    const open = rest.lastIndexOf('{', close);
    const inside = open < 0 ? undefined : rest.slice(open + 1, close);
    const label = LABELS.find((placeholder) => placeholder === inside);
    if (inside === undefined || (label === undefined && !inside.startsWith('/'))) {
      literal += rest.slice(0, close + 1);
    } else {
      literal += rest.slice(0, open);
      push(label === undefined ? { kind: 'metadata', label: inside.slice(1) } : { kind: 'label', label });
    }
    rest = rest.slice(close + 1);
  }
  literal += rest;
  return literal === '' ? segments : [...segments, { kind: 'literal', text: literal }];
}

/** A segment as it is written in the Corefile: `{>id}`, `{/log/type}`. */
export function segmentText(segment: Segment): string {
  if (segment.kind === 'literal') return segment.text;
  return segment.kind === 'label' ? `{${segment.label}}` : `{/${segment.label}}`;
}
