// Compiles a FORMAT of CoreDNS's `log` plugin to a parser, and proves that the parser cannot misread a line.
//
// CoreDNS replaces every placeholder of a FORMAT by a value, without quotes or escapes of its own. A parser has to find
// where each value ends. For some FORMATs that is impossible: with `{name} {rsize}{duration}` the line
// `example.org. 120.5s` could be 12 bytes and 0.5 s, or 1 byte and 20.5 s. A wrong value in a record is worse than no
// record, so such a FORMAT is refused, with the names of the two placeholders.
//
// 1. template.ts splits the FORMAT into segments: literals and placeholders.
// 2. grammar.ts gives every segment a regular expression that matches every text CoreDNS can print for it.
// 3. automaton.ts joins the expressions to one automaton with one state per character of the expressions (Glushkov).
//    A state belongs to one segment. A path from the start to a final state therefore assigns each character of a line
//    to a segment: it is one reading of the line.
// 4. `findAmbiguity` looks for a line with two readings, which are two paths for the same text that are in different
//    segments at some character. It walks the pairs of states that the same text can lead to, beginning with (start,
//    start), and notes per pair whether its two paths have differed so far. If it reaches a pair of final states whose
//    paths have differed, such a line exists, and the two segments that differed first are reported. If it does not,
//    no such line exists. The number of pairs is finite, so this is a proof, not a test of samples. Two paths through
//    the same segments are harmless, because all values are equal.
// 5. matcher.ts reads lines with the automaton in linear time. It follows any one path for the line; because of step 4,
//    every other path would give the same values.
//
// The proof covers the lines that the expressions of step 2 describe. They must match all that CoreDNS prints, and the
// fewer other texts they match, the fewer FORMATs are refused.
//
// Most FORMATs begin with `{common}` or `{combined}`. That part is read by common.ts, which is several times faster than
// the automaton; the ambiguity check always covers the whole FORMAT.
import { ATTRIBUTE_NAME_RULE, isAttributeName } from '../../model/attribute-name.ts';
import { type Automaton, buildAutomaton, findAmbiguity } from './automaton.ts';
import { type DefaultFormat, readDefaultFormat } from './common.ts';
import { expressionOf } from './grammar.ts';
import { createMatcher } from './matcher.ts';
import { metadataAttribute } from './metadata.ts';
import { PLACEHOLDERS } from './placeholders.ts';
import { skipBlanks, withoutFinalBlanks } from './prefix.ts';
import { emptyQuery, type Query } from './query.ts';
import {
  COMBINED,
  COMMON,
  formatsOf,
  type Label,
  parseSegments,
  type Segment,
  segmentText,
} from './template.ts';

/** The parser of a FORMAT. */
export type CompiledFormat = {
  readonly segments: readonly Segment[];
  /** Number of segments that are placeholders. */
  readonly placeholders: number;
  /** Reads a line from `at` (after `[INFO] `) to its end; undefined if this FORMAT cannot have printed it. */
  readonly match: (text: string, at: number) => Query | undefined;
};

/** The parser, or a message for the user who configured the FORMAT. */
export type FormatResult =
  | { readonly ok: true; readonly format: CompiledFormat }
  | { readonly ok: false; readonly message: string };

/**
 * Compiles the FORMAT argument of CoreDNS's `log` directive as the Corefile has it, with or without its quotes:
 * `"{combined} {/log/type}"`. Refuses an ambiguous FORMAT and one without the question name.
 * https://coredns.io/plugins/log/
 */
export function compileFormat(token: string): FormatResult {
  const [first, other] = formatsOf(token).map(compileText);
  if (first === undefined || !first.ok || !other?.ok) return first ?? refuse('{name} is missing');
  const { match } = first.format;
  return {
    ok: true,
    format: { ...first.format, match: (text, at) => match(text, at) ?? other.format.match(text, at) },
  };
}

function compileText(expanded: string): FormatResult {
  const core = withoutFinalBlanks(expanded).slice(skipBlanks(expanded, 0));
  const segments = parseSegments(core);
  const environment = /\{[$%][^}]*\}/.exec(expanded)?.[0];
  if (environment !== undefined) {
    return refuse(`${environment} is an environment variable of CoreDNS: write its value instead`);
  }
  if (!segments.some((segment) => segment.kind === 'label' && segment.label === 'name')) {
    return refuse('{name} is missing: a DNS record needs the question name');
  }
  const unusable = segments.find((segment) => !hasAttributeName(segment));
  if (unusable !== undefined) {
    return refuse(
      `${shortened(segmentText(unusable))} makes no attribute name (${ATTRIBUTE_NAME_RULE}, with what stands before it)`,
    );
  }
  const automaton = automatonOf(segments);
  const competing = findAmbiguity(automaton);
  if (competing !== undefined) return refuse(ambiguityMessage(segments, ...competing));
  const start = leadingDefaultFormat(core);
  const match =
    start === undefined ? matchSegments(segments, automaton) : matchAfterDefaultFormat(start, segments);
  const placeholders = segments.filter((segment) => segment.kind !== 'literal').length;
  return {
    ok: true,
    format: { segments, placeholders, match: withOptionalBlanks(match, expanded, segments) },
  };
}

/** Whether Dynatrace accepts the name of the attribute that a segment becomes, if it becomes one of its own. */
function hasAttributeName(segment: Segment): boolean {
  const name = segment.kind === 'metadata' ? metadataAttribute(segment.label) : undefined;
  return name === undefined || isAttributeName(name);
}

const shortened = (text: string): string => (text.length > 130 ? `${text.slice(0, 129)}…` : text);

const refuse = (message: string): FormatResult => ({ ok: false, message });

function automatonOf(segments: readonly Segment[]): Automaton {
  // Durations may contain either of the two micro signs.
  const text = `${segments.map(segmentText).join('')}µμ`;
  const nonAscii = new Set(
    [...Array(text.length).keys()].map((i) => text.charAt(i)).filter((char) => char > '\x7f'),
  );
  return buildAutomaton(segments.map(expressionOf), nonAscii);
}

/** `low` and `high` are the segments that compete for a character. The message names the placeholders next to it. */
function ambiguityMessage(segments: readonly Segment[], low: number, high: number): string {
  const isValue = (index: number) => segments[index]?.kind !== 'literal';
  const from = isValue(low) ? low : low - 1;
  const to = isValue(high) && high !== from ? high : high + 1;
  const names = [segments[from], segments[to]].flatMap((segment) =>
    segment === undefined ? [] : [segmentText(segment)],
  );
  return `ambiguous: cannot find the boundary between ${names.join(' and ')}; separate them with a character that neither can contain, such as a tab`;
}

/**
 * Matches with and without the blanks at the ends of a FORMAT: what copies lines may cut them off, also those between empty
 * values at the end.
 */
function withOptionalBlanks(
  match: CompiledFormat['match'],
  format: string,
  segments: readonly Segment[],
): CompiledFormat['match'] {
  const before = format.slice(0, skipBlanks(format, 0));
  const behind = format.slice(withoutFinalBlanks(format).length);
  const endings = ['', ...blankEndings(segments)];
  return (text, at) => {
    const start = text.startsWith(before, at) ? at + before.length : at;
    const line = behind !== '' && text.endsWith(behind) ? text.slice(0, -behind.length) : text;
    for (const ending of endings) {
      const query = match(line + ending, start);
      if (query !== undefined) return query;
    }
    return undefined;
  };
}

const MAX_ENDINGS = 8;
const MAY_BE_EMPTY: ReadonlySet<Label> = new Set(['>rflags', 'remote', 'local']);

/** The blanks that a line ends with where its last values are empty, the shortest first. */
function blankEndings(segments: readonly Segment[]): readonly string[] {
  const endings: string[] = [];
  let ending = '';
  for (const segment of segments.toReversed()) {
    if (segment.kind === 'label' && !MAY_BE_EMPTY.has(segment.label)) break;
    if (segment.kind !== 'literal') continue;
    const text = withoutFinalBlanks(segment.text);
    ending = segment.text.slice(text.length) + ending;
    if (ending !== '') endings.push(ending);
    if (text !== '' || endings.length === MAX_ENDINGS) break;
  }
  return endings;
}

/** A default format at the start of a FORMAT, and its number of segments. */
type LeadingDefault = { readonly format: DefaultFormat; readonly length: number };

function leadingDefaultFormat(expanded: string): LeadingDefault | undefined {
  const [text, format] = expanded.startsWith(COMBINED)
    ? ([COMBINED, 'combined'] as const)
    : ([COMMON, 'common'] as const);
  const isLeading = expanded === text || expanded.startsWith(`${text} `);
  return isLeading ? { format, length: parseSegments(text).length } : undefined;
}

function matchAfterDefaultFormat(
  start: LeadingDefault,
  segments: readonly Segment[],
): CompiledFormat['match'] {
  const rest = segmentsAfter(segments, start);
  const matchRest = matchSegments(rest, automatonOf(rest));
  return (text, at) => {
    const match = readDefaultFormat(text, at, start.format);
    if (match === undefined || !match.isWhole) return undefined;
    return matchRest(text, match.end, match.query);
  };
}

/** `combined` ends with a quote, which `parseSegments` has put into the same literal as the text after it. */
function segmentsAfter(segments: readonly Segment[], { format, length }: LeadingDefault): readonly Segment[] {
  if (format === 'common') return segments.slice(length);
  const [first, ...rest] = segments.slice(length - 1);
  const text = first === undefined ? '' : segmentText(first).slice(1);
  return text === '' ? rest : [{ kind: 'literal', text }, ...rest];
}

/** Matches segments to the end of a line. `into` is a query that `readDefaultFormat` has begun. */
function matchSegments(
  segments: readonly Segment[],
  automaton: Automaton,
): (text: string, at: number, into?: Query) => Query | undefined {
  const split = createMatcher(automaton, segments.length);
  return (text, at, into) => {
    const bounds = split(text, at);
    if (bounds === undefined) return undefined;
    const query = into ?? emptyQuery();
    // Last to first, so that the first of two equal placeholders determines the value.
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
