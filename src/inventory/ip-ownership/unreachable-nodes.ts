// Nodes that died without a word: their pods stay `Running` in the API for minutes, and seeing them there proves nothing.
import type { TenureTable } from './table.ts';

/** The table of nodes, which tells that of the pods when a node is lost, found again or deleted. */
export function tellingPods(nodes: TenureTable, pods: TenureTable): TenureTable {
  /** Names of nodes that are lost, with their keys. */
  const lost = new Map<string, string>();
  return {
    ...nodes,
    observe: (facts, atMs) => {
      nodes.observe(facts, atMs);
      const [name = ''] = facts.names;
      if (facts.lostMs !== undefined) {
        lost.set(name, facts.key);
        pods.loseNode(name, facts.lostMs);
        return;
      }
      // Of another node of that name nothing follows for pods of the lost one.
      if (lost.get(name) === facts.key) pods.loseNode(name, undefined);
      lost.delete(name);
    },
    remove: (facts, noticedMs) => {
      const [name = ''] = facts.names;
      const seenMs = Math.min(nodes.syncedMs() ?? noticedMs, noticedMs);
      nodes.remove(facts, noticedMs);
      pods.loseNode(name, facts.lostMs ?? seenMs);
      lost.delete(name);
    },
  };
}
