// What to change in a Corefile so that every query of a pod is logged.
import { applied, type Edit, indentAt, instead, lineAfter, undone } from './markers.ts';
import { type Block, type Corefile, type Directive, parseCorefile } from './parse.ts';
import { queriedBlocks, withSnippets } from './zones.ts';

/** How to log: CoreDNS's own format, one of the person's own, or one with the pod's namespace and name in it. */
export type LogStyle =
  | { readonly kind: 'plain' | 'pod-identity' }
  | { readonly kind: 'format'; readonly format: string };

/** The Corefile after the change, and what the person should know of it. */
export type CorefileChange = {
  readonly after: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
};

/** FORMAT with the pod that asked, as CoreDNS itself knows it; needs `metadata` and `pods verified`. */
export const POD_IDENTITY_FORMAT =
  '{combined} {/kubernetes/client-namespace} {/kubernetes/client-pod-name} {/forward/upstream} {/log/type}';

const MEMORY_WARNING =
  '`pods verified` makes CoreDNS watch every pod of the cluster: about 1 MB of memory per 100 pods in each CoreDNS pod, ' +
  'and load on the API server when they start. Raise the memory limit of CoreDNS first in clusters of thousands of pods.';

const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

/** Adds `log`, or gives it another FORMAT, in the blocks that pods ask; edits of an earlier run are undone first. */
export function withLog(source: string, style: LogStyle): CorefileChange {
  const bare = undone(source);
  const corefile = parseCorefile(bare);
  const blocks = queriedBlocks(corefile);
  const results = blocks.map((block) => editBlock(bare, corefile, block, style));
  const warnings = results.flatMap((result) => result.warnings);
  if (blocks.length === 0) warnings.push('no block serves the root or the cluster zone: nothing to change');
  if (corefile.imports.length > 0)
    warnings.push(`not looked into, because they are other files: ${corefile.imports.join(', ')}`);
  return {
    after: applied(
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
    result.warnings.push(
      `block ${name} imports ${unread.join(', ')}, which may hold a log directive of its own`,
    );
  // Metadata of pods exist only where the kubernetes plugin is.
  const identity = style.kind === 'pod-identity' && kubernetes !== undefined;
  const format = style.kind === 'format' ? style.format : identity ? POD_IDENTITY_FORMAT : undefined;
  const wanted = format === undefined ? 'log' : `log . ${quoted(format)}`;
  const insert = (line: string) =>
    result.edits.push(lineAfter(source, anchor(block), blockIndent(source, block), line));

  const log = block.directives.find((one) => one.name === 'log');
  const fromSnippet = log === undefined && directives.some((one) => one.name === 'log');
  if (identity && !fromSnippet) {
    // Before the rest: on a crowded line both go to one place, and braces must close first.
    const edits = verifiedPods(source, kubernetes);
    if (edits.length > 0) result.warnings.push(MEMORY_WARNING);
    result.edits.push(...edits);
    if (!directives.some((one) => one.name === 'metadata')) insert('metadata');
  }
  if (fromSnippet) result.notes.push(`block ${name} logs already, by a snippet that it imports`);
  else if (log === undefined) insert(wanted);
  else if (isEnough(log, format)) result.notes.push(`block ${name} logs already`);
  else result.edits.push(instead(source, log.first.start, log.last.end, wanted));

  return result;
}

/** Whether a log directive logs every answer, in the format wanted (any, when none is). */
function isEnough(log: Directive, format: string | undefined): boolean {
  const classes = log.lines.filter(([word]) => word?.text === 'class').flatMap((line) => line.slice(1));
  const logsAll = classes.length === 0 || classes.some(({ text }) => text === 'all');
  const [zone = '.', own] = log.args;
  return logsAll && zone === '.' && (format === undefined || own === format);
}

/** Whether every block that pods ask logs every answer, in whatever format. */
export function logsEveryQuery(source: string): boolean {
  const corefile = parseCorefile(source);
  const blocks = queriedBlocks(corefile);
  const logs = (block: Block): boolean =>
    withSnippets(corefile, block).directives.some((one) => one.name === 'log' && isEnough(one, undefined));
  return blocks.length > 0 && blocks.every(logs);
}

/** Where new lines go: after `errors`, else at the top of the block. */
function anchor(block: Block): number {
  const errors = block.directives.find(({ name }) => name === 'errors');
  const top = block.open ?? block.lastKey;
  const [first] = block.directives;
  const isCrowded = first !== undefined && first.first.line === top.endLine;
  return (errors?.last ?? (isCrowded ? first.last : top)).end;
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
  if (word !== undefined) return [instead(source, word.start, (mode ?? word).end, 'pods verified')];
  const indent = indentAt(source, kubernetes.first.start);
  if (kubernetes.open !== undefined)
    return [lineAfter(source, kubernetes.open.end, `${indent}    `, 'pods verified')];
  const { start } = kubernetes.first;
  const { end } = kubernetes.last;
  return [
    instead(source, start, end, `${source.slice(start, end)} {`),
    lineAfter(source, end, `${indent}    `, 'pods verified'),
    lineAfter(source, end, indent, '}'),
  ];
}
