import type { Block, Corefile, Directive } from './parse.ts';

/** The zone of an address: `.` for `dns://.:53`, `cluster.local` for `cluster.local:53`; CIDR ranges are unchanged. */
export function zoneOf(key: string): string {
  const bare = key.replace(/^[a-z0-9+]+:\/\//i, '').replace(/:\d+$/, '');
  const name = bare.replace(/\.+$/, '').toLowerCase();
  return name === '' ? '.' : name;
}

/** Whether a block is a snippet, `(name) { ... }`, which serves no queries itself. */
const isSnippet = (block: Block): boolean => /^\(.+\)$/.test(block.keys[0] ?? '');

/** Cluster zones: the zones of `kubernetes` plugins, without reverse zones, and `cluster.local`. */
function clusterZones(corefile: Corefile): ReadonlySet<string> {
  const zones = corefile.blocks
    .flatMap(({ directives }) => directives)
    .filter(({ name }) => name === 'kubernetes')
    .flatMap(({ args }) => args.map(zoneOf))
    .filter((zone) => !zone.endsWith('.arpa'));
  return new Set(['cluster.local', ...zones]);
}

/** Server blocks that serve pods: those of the root zone and of cluster zones. */
export function queriedBlocks(corefile: Corefile): readonly Block[] {
  const ownZones = clusterZones(corefile);
  return corefile.blocks.filter(
    (block) =>
      !isSnippet(block) && block.keys.some((key) => zoneOf(key) === '.' || ownZones.has(zoneOf(key))),
  );
}

/** A block's directives, with imported snippets expanded; `unread` = imports of other files. */
export function withSnippets(
  corefile: Corefile,
  block: Block,
): { readonly directives: readonly Directive[]; readonly unread: readonly string[] } {
  const snippets = new Map(
    corefile.blocks.filter(isSnippet).map((one) => [one.keys[0]?.slice(1, -1) ?? '', one.directives]),
  );
  const directives: Directive[] = [];
  const unread: string[] = [];
  for (const directive of block.directives) {
    const [target = ''] = directive.args;
    const snippet = directive.name === 'import' ? snippets.get(target) : undefined;
    if (snippet !== undefined) directives.push(...snippet);
    else if (directive.name === 'import') unread.push(target);
    else directives.push(directive);
  }
  return { directives, unread };
}
