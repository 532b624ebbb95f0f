// Three accounts whose clusters have the same private addresses. A reader in each of them writes snapshots; one function,
// which has no right there, attributes by the account of the query.

import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import { scopeOfOrigin } from '../../src/core/attribution/scope.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createInstanceIndex } from '../../src/inventory/ec2/instance-index.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import { createClusterMemory } from '../../src/inventory/state/memory.ts';
import type { StateStore } from '../../src/inventory/state/store.ts';
import { createToldClusters } from '../../src/inventory/state/told-clusters.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { createCopy, createMemoryStore } from '../../test/support/shared-copies.ts';
import { socketlessApi } from '../../test/support/socketless-api.ts';
import { currentListRule, newestOwnerRule, type Rule } from './attribution-rules.ts';
import { type ApiChange, type Churn, createSimulatedCluster, type Query } from './simulated-cluster.ts';

const ACCOUNTS = ['111122223333', '444455556666', '777788889999'];
const REGION = 'eu-west-1';

/** Pods of two accounts may have the same name. */
const podIn = (accountId: string | undefined, pod: string): string => `${accountId}/${pod}`;

type AccountCluster = {
  readonly accountId: string;
  readonly cluster: ReturnType<typeof createSimulatedCluster>;
};

/** The clusters as one, and the rules. Each of the other tools runs in every cluster. */
export function createAccounts(churn: Churn, startMs: number) {
  const all = ACCOUNTS.map((accountId, n) => ({
    accountId,
    cluster: createSimulatedCluster(churn, startMs, 7 + n),
  }));
  const cluster = {
    advanceTo: (untilMs: number): void => {
      for (const each of all) each.cluster.advanceTo(untilMs);
    },
    takeQueries: (): readonly Query[] =>
      all
        .flatMap(({ accountId, cluster: one }) =>
          one.takeQueries().map((query) => ({ ...query, accountId, pod: podIn(accountId, query.pod) })),
        )
        .sort((a, b) => a.trueMs - b.trueMs),
    takeChanges: (): readonly ApiChange[] =>
      all.flatMap(({ accountId, cluster: one }) =>
        one.takeChanges().map((change) => ({ ...change, accountId })),
      ),
  };
  return { cluster, ours: readersRule(all), others: [inEach(newestOwnerRule), inEach(currentListRule)] };
}

/** Our directory: the production code of three readers and of the function that hears from them. */
function readersRule(all: readonly AccountCluster[]): Rule {
  const random = createRandom(23).fraction;
  const { store } = createMemoryStore();
  const startReaders = () =>
    all.map(({ accountId, cluster }) =>
      createCopy(() => socketlessApi(cluster.api), store, random, { isReader: true }, undefined, accountId),
    );
  let readers = startReaders();
  let listener = createListener(store, random);
  return {
    keep: async (atMs) => void (await Promise.all(readers.map((reader) => reader.invoke(atMs, 'keep')))),
    learn: async (_, atMs) => listener.hear(atMs),
    podOf: (query) => listener.podOf(query),
    reset: () => {
      readers = startReaders();
      listener = createListener(store, random);
    },
  };
}

/** A function without clusters of its own. */
function createListener(store: StateStore, random: () => number) {
  const timing = createManualClock();
  const memoryOf = () => createClusterMemory(store, timing, random);
  const settings = { ...DEFAULT_SETTINGS, region: REGION, stateBucket: 'state' };
  const told = createToldClusters(store, memoryOf, settings, timing);
  let known = told.all();
  let directory = createOwnerIndex([], createInstanceIndex(), known);
  return {
    hear: async (atMs: number): Promise<void> => {
      await told.refresh(atMs, new Set(), new AbortController().signal);
      if (told.all() === known) return;
      known = told.all();
      directory = createOwnerIndex([], createInstanceIndex(), known);
    },
    podOf: ({ accountId, ip, stampedMs }: Query): string | undefined => {
      const origin = {
        accountId,
        region: REGION,
        logGroup: '/aws/eks/prod',
        sourceLogGroup: undefined,
        logStream: undefined,
      };
      const { clusters } = scopeOfOrigin(directory.clusters, new Map(), origin);
      const owner = directory.ownerAt(directory.historyOf(clusters, ip), stampedMs);
      if (owner?.kind !== 'pod') return undefined;
      return podIn(owner.pod.cluster.accountId, owner.pod.name);
    },
  };
}

/** A rule of its own in each account. */
function inEach(create: () => Rule): Rule {
  const rules = new Map(ACCOUNTS.map((accountId) => [accountId, create()]));
  return {
    learn: async (changes, atMs, isApiUp) => {
      for (const [accountId, rule] of rules) {
        const own = changes.filter((change) => change.accountId === accountId);
        await rule.learn(own, atMs, isApiUp);
      }
    },
    podOf: (query, atMs) => {
      const pod = rules.get(query.accountId ?? '')?.podOf(query, atMs);
      return pod === undefined ? undefined : podIn(query.accountId, pod);
    },
    reset: () => {},
  };
}
