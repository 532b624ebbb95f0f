// The edits of one server block that make it log every query.
import { formatProblem, quoted } from './log-format.ts';
import {
  coversAllNames,
  describeLog,
  isUnread,
  type LogRule,
  limitedRules,
  logRules,
  logsAll,
  mayBeOverridden,
} from './log-rules.ts';
import {
  type Edit,
  indentAt,
  insertAfterLine,
  insertBeforeLine,
  replaceRange,
  startOfLine,
} from './markers.ts';
import type { Block, Directive } from './parse.ts';
import type { Span } from './tokens.ts';

/** Log format: CoreDNS's default, a given FORMAT, or one with the namespace and name of the querying pod. */
export type LogStyle =
  | { readonly kind: 'plain' | 'pod-identity' }
  | { readonly kind: 'format'; readonly format: string };

/** FORMAT with the querying pod according to CoreDNS; needs `metadata` and `pods verified`. */
export const POD_IDENTITY_FORMAT =
  '{combined} {/kubernetes/client-namespace} {/kubernetes/client-pod-name} {/forward/upstream} {/log/type}';

const MEMORY_WARNING =
  '`pods verified` makes CoreDNS watch every pod of the cluster: each CoreDNS pod needs about 1 MB of memory per 100 pods ' +
  'and loads the API server when it starts. In clusters of thousands of pods, raise the memory limit of CoreDNS first.';

/** The edits of a block, with notes and warnings for the user. */
export type BlockEdit = {
  readonly edits: readonly Edit[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
};

/** How messages name a block: `.:53 example.org:53`. */
export const nameOfBlock = ({ keys }: Block): string => keys.join(' ');

/** The edits that make a block log every query in that style. A FORMAT is replaced only if another one is asked for. */
export function editBlock(source: string, block: Block, style: LogStyle): BlockEdit {
  const kubernetes = block.directives.find(({ name }) => name === 'kubernetes');
  // Pod metadata exists only in blocks with the kubernetes plugin.
  if (style.kind === 'pod-identity' && kubernetes !== undefined) {
    const verified = verifiedPods(source, kubernetes);
    const log = withFormat(source, block, POD_IDENTITY_FORMAT);
    const hasMetadata = block.directives.some(({ name }) => name === 'metadata');
    const metadata = hasMetadata ? [] : [insertAtAnchor(source, block, 'metadata')];
    return {
      // In this order: if the block is on one line, all go to the same offset, and braces must close first.
      edits: [...verified, ...metadata, ...log.edits],
      notes: log.notes,
      warnings: [...(verified.length > 0 ? [MEMORY_WARNING] : []), ...log.warnings],
    };
  }
  return style.kind === 'format' ? withFormat(source, block, style.format) : withAnyFormat(source, block);
}

/** Logs every query in one FORMAT. */
function withFormat(source: string, block: Block, format: string): BlockEdit {
  const rules = logRules(block);
  const name = nameOfBlock(block);
  if (logsAll(block) && rules.every((rule) => rule.format === format) && !mayBeOverridden(block))
    return { edits: [], notes: [`block ${name} already logs every query in this FORMAT`], warnings: [] };
  const text = `log . ${quoted(format)}`;
  const first = block.directives.find((one) => one.name === 'log' || isUnread(one));
  const others = new Set(rules.flatMap((rule) => rule.format ?? []).filter((one) => one !== format));
  return {
    edits:
      first === undefined
        ? [insertAtAnchor(source, block, text)]
        : first.name === 'log' && first.importedBy === undefined
          ? [replaceRange(source, first.first.start, first.last.end, text)]
          : insertBefore(source, block, first, [text]),
    notes: [],
    warnings: [...others].map((one) => `block ${name} no longer logs in its FORMAT ${quoted(one)}`),
  };
}

/** Logs every query; rules for some names or classes keep their FORMAT, and are widened to all classes. */
function withAnyFormat(source: string, block: Block): BlockEdit {
  const name = nameOfBlock(block);
  const rules = logRules(block);
  const formats = new Set(rules.flatMap(({ format }) => format ?? []));
  const unusable = [...formats].flatMap((format) => {
    const problem = formatProblem(format);
    return problem === undefined
      ? []
      : [`block ${name} logs in a FORMAT that cannot be parsed (${problem}): ${quoted(format)}`];
  });
  if (logsAll(block)) {
    const where = logRules(block)[0]?.directive.importedBy === undefined ? '' : ', in an imported snippet';
    return { edits: [], notes: [`block ${name} already logs${where}`], warnings: unusable };
  }
  const limited = limitedRules(block);
  // A marker stands at the end of a line, which a newline in quotes does not end.
  const stuck = limited.find(({ directive }) => /[\r\n]/.test(withoutClasses(source, directive)));
  if (stuck !== undefined)
    return {
      edits: [],
      notes: [],
      warnings: [`block ${name} ${describeLog(block)}; change its log directive yourself`, ...unusable],
    };
  const edits = [...widened(source, block, limited)];
  if (!coversAllNames(block)) edits.push(...insertLast(source, block));
  const notes = rules.length === 0 ? [] : [`block ${name} ${describeLog(block)}: it will log every query`];
  return { edits, notes, warnings: unusable };
}

/** Removes the classes of rules. In place of a snippet's rules, rules without classes go before its import. */
function widened(source: string, block: Block, limited: readonly LogRule[]): readonly Edit[] {
  const directives = limited.map(({ directive }) => directive);
  const own = directives.filter(({ importedBy }) => importedBy === undefined);
  const imports = new Set(directives.flatMap(({ importedBy }) => importedBy ?? []));
  const replaced = own.map((one) =>
    replaceRange(source, one.first.start, one.last.end, withoutClasses(source, one)),
  );
  const inserted = [...imports].flatMap((span) => {
    const rules = block.directives.filter(({ name, importedBy }) => name === 'log' && importedBy === span);
    // Rules of all classes that come first in the snippet have to come first here, too.
    const texts = rules
      .slice(0, rules.findLastIndex((one) => directives.includes(one)) + 1)
      .map((one) => withoutClasses(source, one));
    return rules.slice(0, 1).flatMap((first) => insertBefore(source, block, first, texts));
  });
  return [...replaced, ...inserted];
}

// Arguments behind the braces, as in `log { ... } x`, belong to a second rule, and bring the braces with them.
const withoutClasses = (source: string, { first, args }: Directive): string =>
  source.slice(first.start, args.at(-1)?.end ?? first.end);

/** A rule for all other names: after those of the block, before imported files that may have one. */
function insertLast(source: string, block: Block): readonly Edit[] {
  const last = block.directives.findLast(({ name }) => name === 'log');
  if (last !== undefined)
    return [insertAfterLine(source, spanOf(last).end, blockIndent(source, block), 'log')];
  const unread = block.directives.find(isUnread);
  return unread === undefined
    ? [insertAtAnchor(source, block, 'log')]
    : insertBefore(source, block, unread, ['log']);
}

/** Where a directive stands in its block: itself, or the `import` that it comes from. */
const spanOf = ({ first, last, importedBy }: Directive): Span =>
  importedBy ?? { start: first.start, end: last.end, line: first.line, endLine: last.endLine };

/** New lines before a directive, or before the `import` that it comes from. */
function insertBefore(
  source: string,
  block: Block,
  directive: Directive,
  texts: readonly string[],
): readonly Edit[] {
  const { start, end } = spanOf(directive);
  if (source.slice(startOfLine(source, start), start).trim() === '')
    return texts.map((text) => insertBeforeLine(source, start, text));
  // It stands on the line of the opening brace: the first line takes its place, and it moves below the others.
  const [first = '', ...more] = [...texts, source.slice(start, end)];
  return [
    replaceRange(source, start, end, first),
    ...more.map((text) => insertAfterLine(source, end, blockIndent(source, block), text)),
  ];
}

/** A new line after `errors`, otherwise at the top of the block. */
function insertAtAnchor(source: string, block: Block, text: string): Edit {
  const errors = block.directives.find(
    ({ name, importedBy }) => name === 'errors' && importedBy === undefined,
  );
  const top = block.open ?? block.lastKey;
  const [first] = block.directives;
  const isOneLine = first !== undefined && spanOf(first).line === top.endLine;
  const { end } = errors?.last ?? (isOneLine ? spanOf(first) : top);
  return insertAfterLine(source, end, blockIndent(source, block), text);
}

function blockIndent(source: string, block: Block): string {
  const own = block.directives.map(spanOf).find(({ line }) => line !== block.lastKey.endLine);
  if (own !== undefined) return indentAt(source, own.start);
  return block.open === undefined ? '' : `${indentAt(source, block.open.start)}    `;
}

function verifiedPods(source: string, kubernetes: Directive): readonly Edit[] {
  const [word, mode] = kubernetes.lines.find(([first]) => first?.text === 'pods') ?? [];
  if (mode?.text === 'verified') return [];
  if (word !== undefined) return [replaceRange(source, word.start, (mode ?? word).end, 'pods verified')];
  const indent = indentAt(source, kubernetes.first.start);
  if (kubernetes.open !== undefined)
    return [insertAfterLine(source, kubernetes.open.end, `${indent}    `, 'pods verified')];
  const { start } = kubernetes.first;
  const { end } = kubernetes.last;
  return [
    replaceRange(source, start, end, `${source.slice(start, end)} {`),
    insertAfterLine(source, end, `${indent}    `, 'pods verified'),
    insertAfterLine(source, end, indent, '}'),
  ];
}
