// Adds query logging to a Corefile: finds the blocks that serve pods and adds or replaces their `log` directive.
import { applyEdits, type Edit, indentAt, insertAfterLine, replaceRange, withoutEdits } from './markers.ts';
import { type Block, type Corefile, type Directive, parseCorefile } from './parse.ts';
import { queriedBlocks, withSnippets } from './zones.ts';

export { withoutEdits } from './markers.ts';

/** Log format: CoreDNS's default, a given FORMAT, or one with the namespace and name of the querying pod. */
export type LogStyle =
  | { readonly kind: 'plain' | 'pod-identity' }
  | { readonly kind: 'format'; readonly format: string };

/** The Corefile after the change, with notes and warnings for the user. */
export type CorefileChange = {
  readonly after: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
};

/** FORMAT with the querying pod according to CoreDNS; needs `metadata` and `pods verified`. */
export const POD_IDENTITY_FORMAT =
  '{combined} {/kubernetes/client-namespace} {/kubernetes/client-pod-name} {/forward/upstream} {/log/type}';

const MEMORY_WARNING =
  '`pods verified` makes CoreDNS watch every pod of the cluster: each CoreDNS pod needs about 1 MB of memory per 100 pods ' +
  'and loads the API server when it starts. In clusters of thousands of pods, raise the memory limit of CoreDNS first.';

const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

/** Adds `log`, or changes its FORMAT, in the blocks that serve pods; edits of an earlier run are undone first. */
export function withLog(source: string, style: LogStyle): CorefileChange {
  const bare = withoutEdits(source);
  const corefile = parseCorefile(bare);
  const blocks = queriedBlocks(corefile);
  const results = blocks.map((block) => editBlock(bare, corefile, block, style));
  const warnings = results.flatMap((result) => result.warnings);
  if (blocks.length === 0)
    warnings.push('no block serves the root zone or the cluster zone: nothing to change');
  if (corefile.imports.length > 0)
    warnings.push(`imported files were not read: ${corefile.imports.join(', ')}`);
  return {
    after: applyEdits(
      bare,
      results.flatMap((result) => result.edits),
    ),
    notes: results.flatMap((result) => result.notes),
    warnings,
  };
}

type BlockEdit = { readonly edits: Edit[]; readonly notes: string[]; readonly warnings: string[] };

function editBlock(source: string, corefile: Corefile, block: Block, style: LogStyle): BlockEdit {
  const name = block.keys.join(' ');
  const { directives, unread } = withSnippets(corefile, block);
  const kubernetes = block.directives.find((one) => one.name === 'kubernetes');
  const result: BlockEdit = { edits: [], notes: [], warnings: [] };
  if (unread.length > 0)
    result.warnings.push(`block ${name} imports ${unread.join(', ')}, which may contain a log directive`);
  // Pod metadata exists only in blocks with the kubernetes plugin.
  const identity = style.kind === 'pod-identity' && kubernetes !== undefined;
  const format = style.kind === 'format' ? style.format : identity ? POD_IDENTITY_FORMAT : undefined;
  const directive = format === undefined ? 'log' : `log . ${quoted(format)}`;
  const insert = (line: string) =>
    result.edits.push(insertAfterLine(source, anchor(block), blockIndent(source, block), line));

  const log = block.directives.find((one) => one.name === 'log');
  const fromSnippet = log === undefined && directives.some((one) => one.name === 'log');
  if (identity && !fromSnippet) {
    // Before the other edits: if the block is on one line, all go to the same offset, and braces must close first.
    const edits = verifiedPods(source, kubernetes);
    if (edits.length > 0) result.warnings.push(MEMORY_WARNING);
    result.edits.push(...edits);
    if (!directives.some((one) => one.name === 'metadata')) insert('metadata');
  }
  if (fromSnippet) result.notes.push(`block ${name} already logs, in an imported snippet`);
  else if (log === undefined) insert(directive);
  else if (isSufficient(log, format)) result.notes.push(`block ${name} already logs`);
  else result.edits.push(replaceRange(source, log.first.start, log.last.end, directive));

  return result;
}

/** Whether a log directive logs every response, in this format (undefined = any). */
function isSufficient(log: Directive, format: string | undefined): boolean {
  const classes = log.lines.filter(([word]) => word?.text === 'class').flatMap((line) => line.slice(1));
  const logsAll = classes.length === 0 || classes.some(({ text }) => text === 'all');
  const [zone = '.', own] = log.args;
  return logsAll && zone === '.' && (format === undefined || own === format);
}

/** Whether every block that serves pods logs every response, in any format. */
export function logsEveryQuery(source: string): boolean {
  const corefile = parseCorefile(source);
  const blocks = queriedBlocks(corefile);
  const logs = (block: Block): boolean =>
    withSnippets(corefile, block).directives.some(
      (one) => one.name === 'log' && isSufficient(one, undefined),
    );
  return blocks.length > 0 && blocks.every(logs);
}

/** Whether CoreDNS reloads this Corefile without a restart (plugin `reload`). */
export function reloadsItself(source: string): boolean {
  return queriedBlocks(parseCorefile(source)).some(({ directives }) =>
    directives.some(({ name }) => name === 'reload'),
  );
}

/** Offset for new lines: after `errors`, otherwise at the top of the block. */
function anchor(block: Block): number {
  const errors = block.directives.find(({ name }) => name === 'errors');
  const top = block.open ?? block.lastKey;
  const [first] = block.directives;
  const isOneLine = first !== undefined && first.first.line === top.endLine;
  return (errors?.last ?? (isOneLine ? first.last : top)).end;
}

function blockIndent(source: string, block: Block): string {
  const own = block.directives.find(({ first }) => first.line !== block.lastKey.endLine);
  if (own !== undefined) return indentAt(source, own.first.start);
  return block.open === undefined ? '' : `${indentAt(source, block.open.start)}    `;
}

function verifiedPods(source: string, kubernetes: Directive): readonly Edit[] {
  const pods = kubernetes.lines.find(([word]) => word?.text === 'pods');
  const [word, mode] = pods ?? [];
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
