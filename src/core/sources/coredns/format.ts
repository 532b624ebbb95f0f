import { buildAutomaton, findAmbiguity } from './automaton.ts';
import { type HeadFormat, readHead } from './common.ts';
import { expressionOf } from './grammar.ts';
import { createMatcher } from './matcher.ts';
import { PLACEHOLDERS } from './placeholders.ts';
import { emptyQuery, type Query } from './query.ts';
import { COMBINED, COMMON, expandFormat, parseSegments, type Segment, segmentText } from './template.ts';

/** A FORMAT as a parser. */
export type CompiledFormat = {
  readonly segments: readonly Segment[];
  /** How many of them are values. */
  readonly placeholders: number;
  /** Reads a line from `at` (behind `[INFO] `) to its end; undefined when it was not printed by this FORMAT. */
  readonly match: (text: string, at: number) => Query | undefined;
};

/** The parser, or what is wrong with the FORMAT, in one sentence for whoever configured it. */
export type FormatResult =
  | { readonly ok: true; readonly format: CompiledFormat }
  | { readonly ok: false; readonly message: string };

/**
 * Compiles the FORMAT argument of CoreDNS's `log`, as the Corefile has it: `"{combined} {/log/type}"`, with or without
 * its quotes. A FORMAT is refused when some line could be read in two ways, or when it does not log the name.
 * https://coredns.io/plugins/log/
 */
export function compileFormat(token: string): FormatResult {
  const expanded = expandFormat(token);
  const segments = parseSegments(expanded);
  const environment = /\{[$%][^}]*\}/.exec(expanded)?.[0];
  if (environment !== undefined) {
    return refuse(`${environment} is an environment variable of CoreDNS: write its value instead`);
  }
  if (!segments.some((segment) => segment.kind === 'label' && segment.label === 'name')) {
    return refuse('{name} is missing: without it a line is no DNS record');
  }
  const automaton = automatonOf(segments);
  const rivals = findAmbiguity(automaton);
  if (rivals !== undefined) return refuse(ambiguity(segments, ...rivals));
  const head = headOf(expanded);
  const match = head === undefined ? matchSegments(segments, automaton) : matchHead(head, segments);
  const placeholders = segments.filter((segment) => segment.kind !== 'literal').length;
  return { ok: true, format: { segments, placeholders, match } };
}

const refuse = (message: string): FormatResult => ({ ok: false, message });

function automatonOf(segments: readonly Segment[]) {
  // The two micro signs belong to durations.
  const text = `${segments.map(segmentText).join('')}µμ`;
  const named = new Set(
    [...Array(text.length).keys()].map((i) => text.charAt(i)).filter((char) => char > '\x7f'),
  );
  return buildAutomaton(segments.map(expressionOf), named);
}

/** Names the placeholders next to the character that two of the parts compete for. */
function ambiguity(segments: readonly Segment[], low: number, high: number): string {
  const isValue = (index: number) => segments[index]?.kind !== 'literal';
  const from = isValue(low) ? low : low - 1;
  const to = isValue(high) && high !== from ? high : high + 1;
  const names = [segments[from], segments[to]].flatMap((segment) =>
    segment === undefined ? [] : [segmentText(segment)],
  );
  return `it cannot be told where ${names.join(' ends and ')} begins: put between them what their values cannot hold, such as a tab`;
}

type Head = { readonly format: HeadFormat; readonly length: number };

/** The default format in front is read by hand, which is several times faster than by the machine. */
function headOf(expanded: string): Head | undefined {
  const [text, format] = expanded.startsWith(COMBINED)
    ? ([COMBINED, 'combined'] as const)
    : ([COMMON, 'common'] as const);
  const isHead = expanded === text || expanded.startsWith(`${text} `);
  return isHead ? { format, length: parseSegments(text).length } : undefined;
}

function matchHead({ format, length }: Head, segments: readonly Segment[]): CompiledFormat['match'] {
  const tail = tailOf(segments, length, format);
  const matchTail = matchSegments(tail, automatonOf(tail));
  return (text, at) => {
    const head = readHead(text, at, format);
    if (head === undefined || head.query.isPartial) return undefined;
    return matchTail(text, head.end, head.query);
  };
}

/** Segments behind the head; `combined` ends in a quote, which the literal behind it has swallowed. */
function tailOf(segments: readonly Segment[], length: number, format: HeadFormat): readonly Segment[] {
  if (format === 'common') return segments.slice(length);
  const [first, ...rest] = segments.slice(length - 1);
  const text = first === undefined ? '' : segmentText(first).slice(1);
  return text === '' ? rest : [{ kind: 'literal', text }, ...rest];
}

/** Matches segments; fills `into` where a head was read before, and never overwrites what it told. */
function matchSegments(
  segments: readonly Segment[],
  automaton: ReturnType<typeof automatonOf>,
): (text: string, at: number, into?: Query) => Query | undefined {
  const cut = createMatcher(automaton, segments.length);
  return (text, at, into) => {
    const bounds = cut(text, at);
    if (bounds === undefined) return undefined;
    const query = into ?? emptyQuery();
    // Backwards, so that of two like placeholders the first one counts.
    for (let i = segments.length - 1; i >= 0; i--) {
      const segment = segments[i] as Segment;
      if (segment.kind === 'literal') continue;
      const value = text.slice(bounds[i * 2], bounds[i * 2 + 1]);
      if (segment.kind === 'label') PLACEHOLDERS[segment.label].set(query, value);
      else query.metadata = [[segment.label, value], ...(query.metadata ?? [])];
    }
    return query;
  };
}
