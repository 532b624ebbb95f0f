// The live directory: Kubernetes and EC2, refreshed while the batch is decoded and awaited within the look-up budget.
import type { PendingDirectory } from '../core/model/ports.ts';
import type { Settings } from '../core/model/settings.ts';
import type { Clock } from './clock.ts';
import { createEc2Source, type Ec2Keys } from './ec2/index.ts';
import { derivedKeys } from './ec2/keys.ts';
import { createClusterSource } from './kubernetes/index.ts';
import { createOwnerIndex } from './owner-index.ts';

/** Share of the budget for the clusters: EC2 look-ups that depend on them start after it. */
const CLUSTER_SHARE = 0.75;

/** A source that has open sockets and timers only between `begin` and the end of `lookup`. */
export type LiveSource = { readonly begin: (clock: () => number) => PendingDirectory };

/** The source for the configured clusters and EC2. Connects to nothing before the first `begin`. `timing` measures the budget. */
export function createLiveSource(settings: Settings, timing: Clock): LiveSource {
  const clusters = settings.clusters.map((name) => createClusterSource(name, settings));
  const ec2 = createEc2Source(settings.region);
  const tables = clusters.map((cluster) => cluster.tables);
  const directory = createOwnerIndex(tables, ec2.instances);
  /** Of the previous invocation, in case it ended without a `lookup`. */
  let last = new AbortController();

  return {
    begin: (clock) => {
      last.abort();
      const refreshing = new AbortController();
      last = refreshing;
      const refreshed = Promise.all(clusters.map(({ refresh }) => refresh(clock, refreshing.signal)));
      ec2.begin();
      return {
        lookup: async (keys, limitMs = Number.POSITIVE_INFINITY) => {
          const everything = new AbortController();
          const budgetMs = Math.min(settings.lookupBudgetMs, limitMs);
          const share = settings.ec2Lookup ? CLUSTER_SHARE : 1;
          const cancels = [
            timing.after(budgetMs * share, () => refreshing.abort()),
            timing.after(budgetMs, () => everything.abort()),
          ];
          // Instance ids from the records do not depend on the clusters.
          const named = { ids: keys.instanceIds, addresses: new Map() };
          const describe = async (what: Ec2Keys) =>
            settings.ec2Lookup ? ec2.describe(what, clock, everything.signal) : undefined;
          await Promise.all([refreshed, describe(named)]);
          await describe(derivedKeys(keys, directory, tables));
          for (const cancel of cancels) cancel();
          return directory;
        },
        health: () => {
          const healths = clusters.map(({ health }) => health(clock()));
          return settings.ec2Lookup ? [...healths, ec2.health(clock())] : healths;
        },
      };
    },
  };
}
