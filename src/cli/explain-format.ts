import { Command } from 'commander';
import { compileFormat } from '../sources/coredns/format.ts';
import { PLACEHOLDERS } from '../sources/coredns/placeholders.ts';
import {
  expandFormat,
  LABELS,
  parseSegments,
  type Segment,
  segmentText,
} from '../sources/coredns/template.ts';

/** `eks-dns explain-format '"{combined} {/log/type}"'`: what a CoreDNS `log` FORMAT yields, and whether it can be read. */
export function explainFormatCommand(): Command {
  return new Command('explain-format')
    .description(
      "say what a FORMAT of CoreDNS's log plugin yields, what it lacks, and whether it is ambiguous",
    )
    .argument(
      '<format>',
      "the FORMAT as the Corefile has it, e.g. '{combined} {/kubernetes/client-pod-name}'",
    )
    .action((format: string) => {
      const { text, isReadable } = explainFormat(format);
      console.log(text);
      if (!isReadable) process.exitCode = 1;
    });
}

/** The explanation as text of several lines, and whether lines of that FORMAT can be read at all. */
export function explainFormat(token: string): { readonly text: string; readonly isReadable: boolean } {
  const expanded = expandFormat(token);
  const segments = parseSegments(expanded);
  const result = compileFormat(token);
  const lines = [
    'Format',
    `  ${expanded}`,
    'Fields',
    ...fieldLines(segments),
    ...section(
      'Printed as they stand (no placeholder of CoreDNS; names are case-sensitive)',
      unknownIn(segments),
    ),
    ...section('Not logged', missingFrom(segments)),
    'Attribution to the pod',
    ...attributionLines(segments).map((line) => `  ${line}`),
    'Ambiguity',
    result.ok ? '  none: every line has one reading' : `  refused: ${result.message}`,
  ];
  return { text: lines.join('\n'), isReadable: result.ok };
}

const section = (title: string, entries: readonly string[]): readonly string[] =>
  entries.length === 0 ? [] : [title, `  ${entries.join(', ')}`];

function fieldLines(segments: readonly Segment[]): readonly string[] {
  const fields = [...new Map(segments.map((segment) => [segmentText(segment), segment]))].filter(
    ([, segment]) => segment.kind !== 'literal',
  );
  const width = Math.max(0, ...fields.map(([text]) => text.length));
  return fields.map(([text, segment]) => `  ${text.padEnd(width)}  ${attributeOf(segment)}`);
}

const CLIENT_LABEL = 'kubernetes/client-label/';

function attributeOf(segment: Segment): string {
  if (segment.kind !== 'metadata') {
    return segment.kind === 'label' ? (PLACEHOLDERS[segment.label].attribute ?? '(not kept)') : '';
  }
  const { label } = segment;
  if (label === 'kubernetes/client-namespace') return 'k8s.namespace.name (inferred)';
  if (label === 'kubernetes/client-pod-name') return 'k8s.pod.name (inferred)';
  if (label === 'forward/upstream') return 'dns.upstream';
  if (label.startsWith(CLIENT_LABEL))
    return `k8s.pod.label.${label.slice(CLIENT_LABEL.length)} (if in POD_LABELS)`;
  return `coredns.metadata.${label.replaceAll('/', '.')}`;
}

function unknownIn(segments: readonly Segment[]): readonly string[] {
  return segments.flatMap((segment) =>
    segment.kind === 'literal' ? (segment.text.match(/\{[^{} "]+\}/g) ?? []) : [],
  );
}

/** Placeholders of the default format's facts that this one leaves out. */
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
      ? 'by address: {remote} is looked up in the directory as of the time of the query'
      : 'by address: impossible, {remote} is missing',
    pod
      ? 'by CoreDNS: needs `metadata` and `pods verified` in the Corefile; used where the directory knows no better'
      : 'by CoreDNS: add {/kubernetes/client-namespace} and {/kubernetes/client-pod-name} to have a second witness',
  ];
}
