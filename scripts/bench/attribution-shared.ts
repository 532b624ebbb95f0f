// Our directory in several copies of the function that share a memory.
import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import type { KubernetesCluster } from '../../test/support/kubernetes-cluster.ts';
import {
  type Copy,
  createCopy,
  createMemoryStore,
  type StoreMood,
} from '../../test/support/shared-copies.ts';
import { socketlessApi } from '../../test/support/socketless-api.ts';
import type { Rule } from './attribution-rules.ts';

/** How the copies run. */
export type Sharing = {
  /** Copies that take the batches, in turns at random. */
  readonly copies: number;
  /** Copies that the schedule invokes each minute; 0: it is off. */
  readonly writers: number;
  /** What the store does at a time since the start of the simulation. */
  readonly mood?: (sinceMs: number) => StoreMood;
};

/** The rule of copies that share a memory. */
export function sharedRule(
  cluster: KubernetesCluster,
  startMs: number,
  { copies: count, writers, mood }: Sharing,
): Rule {
  const random = createRandom(23).fraction;
  let nowMs = startMs;
  let isUp = true;
  const memory = createMemoryStore(() => mood?.(nowMs - startMs));
  const down = async (): Promise<never> => {
    throw new Error('the API is down');
  };
  const api = () => (isUp ? socketlessApi(cluster) : { get: down, list: down, watch: down });
  const start = (): Copy => createCopy(api, memory.store, random);
  let copies = Array.from({ length: count }, start);
  let current = copies[0];
  return {
    learn: async (_, atMs, isApiUp) => {
      nowMs = atMs;
      isUp = isApiUp;
      current = copies[Math.floor(random() * count)];
      await current?.invoke(atMs);
    },
    keep: async (atMs, isApiUp) => {
      nowMs = atMs;
      isUp = isApiUp;
      await Promise.all(copies.slice(0, writers).map((copy) => copy.invoke(atMs, 'keep')));
    },
    podOf: (query) => {
      const directory = current?.directory;
      const owner = directory?.ownerAt(directory.historyOf(directory.clusters, query.ip), query.stampedMs);
      return owner?.kind === 'pod' ? owner.pod.name : undefined;
    },
    reset: () => {
      copies = Array.from({ length: count }, start);
      current = copies[0];
    },
  };
}
