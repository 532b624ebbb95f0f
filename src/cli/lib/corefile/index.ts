// Adds query logging to a Corefile: finds the server blocks that do not log every query, and edits their log directives.
import { type BlockEdit, editBlock, type LogStyle, nameOfBlock } from './block-edit.ts';
import { describeLog, isUnread, logRules, logsAll, mayBeOverridden } from './log-rules.ts';
import { applyEdits, beforeLastEdits } from './markers.ts';
import { type Block, type Corefile, parseCorefile } from './parse.ts';
import { hasAnswers, mistypedKeys, podBlocks, zonesOf } from './zones.ts';

export { type LogStyle, POD_IDENTITY_FORMAT } from './block-edit.ts';
export { formatProblem } from './log-format.ts';
export { withoutEdits } from './markers.ts';

/** The Corefile after the change, with notes and warnings for the user. */
export type CorefileChange = {
  readonly after: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
};

type Options = {
  /** Also the blocks of other zones than the root and the cluster's, such as stub domains. */
  readonly allZones?: boolean;
};

/**
 * Adds `log`, or changes its FORMAT, in the server blocks that every pod queries; edits of an earlier run are undone
 * first.
 */
export function withLog(source: string, style: LogStyle, { allZones = false }: Options = {}): CorefileChange {
  const bare = beforeLastEdits(source) ?? source;
  const corefile = parseCorefile(bare);
  const answering = corefile.blocks.filter((block) => hasAnswers(block) && zonesOf(block).length > 0);
  const pods = podBlocks(corefile);
  const chosen = answering.filter((block) => allZones || pods.includes(block));
  const results: readonly BlockEdit[] = chosen.map((block) => editBlock(bare, block, style));
  const after = applyEdits(
    bare,
    results.flatMap(({ edits }) => edits),
  );
  const silent = corefile.blocks
    .filter((block) => !hasAnswers(block))
    .map(
      (block) =>
        `block ${nameOfBlock(block)} has no plugin that answers: CoreDNS refuses its queries and logs none`,
    );
  return {
    after,
    notes: [...results.flatMap(({ notes }) => notes), ...silent],
    warnings: [
      ...results.flatMap(({ warnings }) => warnings),
      ...answering.filter((block) => !chosen.includes(block)).flatMap(notChosen),
      ...(chosen.length === 0
        ? ['no block serves the root zone or the cluster zone: nothing to change']
        : []),
      ...warningsOf(parseCorefile(after)),
    ],
  };
}

const NO_POD_BLOCK = 'no block serves the root zone or the cluster zone';

/** What a block outside the root and the cluster zone would need. */
function notChosen(block: Block): readonly string[] {
  const name = nameOfBlock(block);
  if (zonesOf(block).includes(undefined))
    return [
      `the zone of block ${name} is an environment variable: whether it serves pods is unknown; add --all-zones to log it, too`,
    ];
  return logsAll(block) ? [] : [`block ${name} ${describeLog(block)}; add --all-zones to log it, too`];
}

/** What may keep queries out of the log of a Corefile, whatever is edited. */
function warningsOf(corefile: Corefile): readonly string[] {
  const warnings = corefile.blocks.flatMap((block) => {
    const name = nameOfBlock(block);
    const unread = block.directives.filter(isUnread).map(({ name: plugin, args }) => args[0]?.text ?? plugin);
    return [
      ...mistypedKeys(block).map(
        (key) =>
          `a space is missing in ${key}: CoreDNS takes it for a zone of that name, which nobody queries`,
      ),
      ...(unread.length > 0 && mayBeOverridden(block)
        ? [`block ${name} imports ${unread.join(', ')}, which may contain a log directive`]
        : []),
      ...logRules(block)
        .filter(({ zones, format }) => format === undefined && zones.some((zone) => zone?.includes('{')))
        .map(
          ({ zones }) =>
            `block ${name} has the log directive of a zone ${zones.join(' ')}: a FORMAT needs a zone before it, as in log . "{combined}"`,
        ),
    ];
  });
  return corefile.imports.length > 0
    ? [...warnings, `imported files were not read: ${corefile.imports.join(', ')}`]
    : warnings;
}

/** The blocks that answer queries and do not log all of them: `.:53 logs only responses of class error`. */
export type UnloggedBlocks = {
  /** Of the root and the cluster zones. */
  readonly pods: readonly string[];
  readonly others: readonly string[];
};

/** Which blocks do not log every query, in any format. */
export function unloggedBlocks(source: string): UnloggedBlocks {
  const corefile = parseCorefile(source);
  const pods = podBlocks(corefile).filter(hasAnswers);
  const unlogged = corefile.blocks.filter(
    (block) => hasAnswers(block) && zonesOf(block).length > 0 && !logsAll(block),
  );
  const describe = (block: Block): string => `${nameOfBlock(block)} ${describeLog(block)}`;
  return {
    pods: pods.length === 0 ? [NO_POD_BLOCK] : unlogged.filter((block) => pods.includes(block)).map(describe),
    others: unlogged.filter((block) => !pods.includes(block)).map(describe),
  };
}

/** Whether every block that answers queries logs all of them, in any format. */
export function logsEveryQuery(source: string): boolean {
  const { pods, others } = unloggedBlocks(source);
  return pods.length === 0 && others.length === 0;
}

/** Whether CoreDNS reloads this Corefile without a restart (plugin `reload`, which is for all blocks). */
export const reloadsItself = (source: string): boolean =>
  parseCorefile(source).blocks.some(({ directives }) => directives.some(({ name }) => name === 'reload'));
