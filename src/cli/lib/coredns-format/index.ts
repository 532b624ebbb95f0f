// Explains a FORMAT of CoreDNS's log plugin. https://coredns.io/plugins/log/
import { compileFormat } from '../../../core/sources/coredns/format.ts';
import { PLACEHOLDERS } from '../../../core/sources/coredns/placeholders.ts';
import {
  expandFormat,
  LABELS,
  parseSegments,
  type Segment,
  segmentText,
} from '../../../core/sources/coredns/template.ts';
import { corefileProblem } from '../corefile/log-format.ts';
import { tokensOf } from '../corefile/tokens.ts';

/** What a FORMAT provides. */
export type Explanation = {
  /** Human-readable, several lines. */
  readonly text: string;
  /** Whether lines of that FORMAT can be parsed; `reason` says why not. */
  readonly isReadable: boolean;
  readonly reason: string | undefined;
  /** With `{common}` and `{combined}` expanded. */
  readonly format: string;
  /** Attribute by placeholder. */
  readonly fields: Readonly<Record<string, string>>;
};

/** Explains a FORMAT as written in a Corefile: its attributes, what it omits, and whether it can be parsed. */
export function explainFormat(token: string): Explanation {
  const expanded = expandFormat(token);
  const segments = parseSegments(expanded);
  const fields = fieldsOf(segments);
  const problem = problemOf(token);
  const result = compileFormat(token);
  const reason = problem ?? (result.ok ? undefined : result.message);
  const lines = [
    'Format',
    `  ${expanded}`,
    'Fields',
    ...fieldLines(fields),
    ...section('Literal text (not a placeholder of CoreDNS; names are case-sensitive)', unknownIn(segments)),
    ...section('Not logged', missingFrom(segments)),
    'Attribution to the pod',
    ...attributionLines(segments).map((line) => `  ${line}`),
    'Ambiguity',
    result.ok ? '  none: every line is unambiguous' : `  ${result.message}`,
    ...section('In the Corefile', problem === undefined ? [] : [`it cannot be used: ${problem}`]),
  ];
  return {
    text: lines.join('\n'),
    isReadable: reason === undefined,
    reason,
    format: expanded,
    fields,
  };
}

/** What CoreDNS would do with it, if that is not to log each query in one line of this FORMAT. */
function problemOf(token: string): string | undefined {
  const trimmed = token.trim();
  const unquoted = token.replaceAll('\\"', '"');
  if (!trimmed.startsWith('"')) {
    // Without white space, it may stand in the Corefile without quotes.
    return corefileProblem(unquoted) && corefileProblem(trimmed, trimmed);
  }
  const [first, ...more] = tokensOf(`${trimmed} end`);
  if (more.length === 0)
    return 'its quotes are not closed: CoreDNS would read on to the next quote in the Corefile';
  // More than one token: a FORMAT without its quotes that begins with a quote.
  return corefileProblem(more.length === 1 ? (first?.text ?? '') : unquoted);
}

const section = (title: string, entries: readonly string[]): readonly string[] =>
  entries.length === 0 ? [] : [title, `  ${entries.join(', ')}`];

const fieldsOf = (segments: readonly Segment[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    segments
      .filter((segment) => segment.kind !== 'literal' && !isWhen(segment))
      .map((segment) => [segmentText(segment), attributeOf(segment)]),
  );

function fieldLines(fields: Readonly<Record<string, string>>): readonly string[] {
  const width = Math.max(0, ...Object.keys(fields).map(({ length }) => length));
  return Object.entries(fields).map(([text, attribute]) => `  ${text.padEnd(width)}  ${attribute}`);
}

const CLIENT_LABEL = 'kubernetes/client-label/';

function attributeOf(segment: Segment): string {
  if (segment.kind !== 'metadata') {
    return segment.kind === 'label' ? (PLACEHOLDERS[segment.label].attribute ?? '(not recorded)') : '';
  }
  const { label } = segment;
  if (label === 'kubernetes/client-namespace') return 'k8s.namespace.name (inferred)';
  if (label === 'kubernetes/client-pod-name') return 'k8s.pod.name (inferred)';
  if (label === 'forward/upstream') return 'dns.upstream';
  if (label.startsWith(CLIENT_LABEL)) return `k8s.pod.label.${label.slice(CLIENT_LABEL.length)}`;
  return `coredns.metadata.${label.replaceAll('/', '.')}`;
}

const isWhen = (segment: Segment): boolean => segment.kind === 'label' && segment.label === 'when';

function unknownIn(segments: readonly Segment[]): readonly string[] {
  return segments.flatMap((segment) => {
    if (segment.kind === 'literal') return segment.text.match(/\{[^{} "]+\}/g) ?? [];
    return isWhen(segment) ? ['{when} (a time until CoreDNS 1.2.5)'] : [];
  });
}

/** Placeholders with an attribute that this FORMAT omits. */
function missingFrom(segments: readonly Segment[]): readonly string[] {
  const texts = new Set(segments.map(segmentText));
  return LABELS.filter((label) => label !== 'when' && label !== 'local' && !texts.has(`{${label}}`)).map(
    (label) => `{${label}} ${PLACEHOLDERS[label].attribute}`,
  );
}

function attributionLines(segments: readonly Segment[]): readonly string[] {
  const texts = new Set(segments.map(segmentText));
  const pod = texts.has('{/kubernetes/client-pod-name}') && texts.has('{/kubernetes/client-namespace}');
  return [
    texts.has('{remote}')
      ? 'by address: {remote} is looked up in the directory, for the time of the query'
      : 'by address: impossible, {remote} is missing',
    pod
      ? 'by CoreDNS: needs `metadata` and `pods verified` in the Corefile; used if the directory has no better answer'
      : 'by CoreDNS: add {/kubernetes/client-namespace} and {/kubernetes/client-pod-name} for a second source',
  ];
}
