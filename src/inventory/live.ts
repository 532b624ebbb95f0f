// Kubernetes and EC2 together: brought up to date beside decoding, awaited within the budget, then left alone.
import type { PendingDirectory } from '../core/model/ports.ts';
import type { Settings } from '../core/model/settings.ts';
import type { Clock } from './clock.ts';
import { derivedKeys } from './ec2/keys.ts';
import { createEc2Source, type Ec2Keys } from './ec2/source.ts';
import { createClusterSource } from './kubernetes/cluster.ts';
import { createOwnerIndex } from './owner-index.ts';

/** Share of the budget that clusters may take while EC2 waits for what they say. */
const CLUSTER_SHARE = 0.75;

/** A source whose sockets and timers live only from `begin` to the end of `lookup`. */
export type LiveSource = { readonly begin: (clock: () => number) => PendingDirectory };

/** Connects to nothing before the first `begin`. The look-up budget is measured by `timing`. */
export function createLiveSource(settings: Settings, timing: Clock): LiveSource {
  const clusters = settings.clusters.map((name) => createClusterSource(name, settings));
  const ec2 = createEc2Source(settings.region);
  const tables = clusters.map((cluster) => cluster.tables);
  const directory = createOwnerIndex(tables, ec2.instances);
  /** The invocation before, should it have ended without a `lookup`. */
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
          // What the records name themselves need not wait for the clusters.
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
