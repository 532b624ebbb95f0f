// The FORMAT of CoreDNS's `log` plugin, read as CoreDNS itself reads it:
//   log . "{combined} {/kubernetes/client-namespace} {/kubernetes/client-pod-name}"
// https://github.com/coredns/coredns/blob/master/plugin/pkg/replacer/replacer.go

/** The default format. */
export const COMMON =
  '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}';
/** The default format with the opcode behind it. */
export const COMBINED = `${COMMON} "{>opcode}"`;

/** Placeholders that have a value; all others are printed as they stand. `{when}` was one until 1.2.5. */
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

/** A piece of a FORMAT. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'label'; readonly label: Label }
  /** `{/name}`: a value of the `metadata` plugin. */
  | { readonly kind: 'metadata'; readonly label: string };

/** In a quoted token every quote of the FORMAT itself has a backslash before it. */
const QUOTED = /^"(?:[^"\\]|\\.)*"$/s;

/** The FORMAT that a Corefile's token stands for: quotes off, `\"` undone, `{common}` and `{combined}` filled in. */
export function expandFormat(token: string): string {
  const trimmed = token.trim();
  const format = (QUOTED.test(trimmed) ? trimmed.slice(1, -1) : trimmed).replaceAll('\\"', '"');
  return format.replaceAll('{common}', COMMON).replaceAll('{combined}', COMBINED);
}

/** Splits an expanded FORMAT: at every `}`, the last `{` before it opens the placeholder. */
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
    const label = LABELS.find((known) => known === inside);
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

/** `{>id}`, `{/log/type}`: a segment as the Corefile writes it. */
export function segmentText(segment: Segment): string {
  if (segment.kind === 'literal') return segment.text;
  return segment.kind === 'label' ? `{${segment.label}}` : `{/${segment.label}}`;
}
