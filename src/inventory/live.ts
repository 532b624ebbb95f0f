// The live directory: Kubernetes and EC2, refreshed while the batch is decoded and awaited within the look-up budget.
import type { Directory } from '../core/model/directory.ts';
import type { DirectoryTask, PendingDirectory } from '../core/model/ports.ts';
import type { Settings } from '../core/model/settings.ts';
import type { Clock } from './clock.ts';
import { createEc2Accounts } from './ec2/accounts.ts';
import { createClusterSource } from './kubernetes/index.ts';
import type { InstanceMemory, SharedMemory } from './kubernetes/shared-state.ts';
import { createOwnerIndex } from './owner-index.ts';
import { createRoleCredentials, type RoleCredentials } from './role-credentials.ts';
import { createClusterMemory } from './state/memory.ts';
import { createS3Store } from './state/s3.ts';
import { createToldClusters, type ToldClusters } from './state/told-clusters.ts';

/** Share of the budget for the clusters: EC2 look-ups that depend on them start after it. */
const CLUSTER_SHARE = 0.75;

/** Limit for a sync that no batch waits for. */
const KEEP_BUDGET_MS = 60_000;

/** A source that has open sockets and timers only between `begin` and the end of `lookup`. */
export type LiveSource = {
  readonly begin: (
    clock: () => number,
    ownAccountId: string | undefined,
    task?: DirectoryTask,
  ) => PendingDirectory;
};

/** The source for the configured clusters and EC2. Connects to nothing before the first `begin`. `timing` measures the budget. */
export function createLiveSource(settings: Settings, timing: Clock): LiveSource {
  let nowMs: () => number = () => 0;
  /** Of the previous invocation, in case it ended without a `lookup`. */
  let last = { refreshing: new AbortController(), everything: new AbortController() };
  const credentialsOf = createRoles(
    settings,
    () => nowMs(),
    () => last.everything.signal,
  );
  const memoryOf = createMemories(settings, timing);
  const clusters = settings.clusters.map((setting) => {
    const memory = memoryOf?.(() => ec2.memoryOf(setting));
    const source = createClusterSource(setting, settings, credentialsOf(setting.roleArn), memory);
    return { setting, tables: source.tables, source };
  });
  const ec2 = createEc2Accounts(clusters, settings, credentialsOf);
  const told = createTold(settings, timing);
  let toldClusters = told?.all();
  const createDirectory = () =>
    createOwnerIndex(
      clusters.map(({ tables }) => tables),
      ec2.instances,
      toldClusters,
    );
  let directory = createDirectory();
  /** A directory holds the same clusters for ever, so that callers can compare by identity. */
  const currentDirectory = (): Directory => {
    if (told?.all() === toldClusters) return directory;
    toldClusters = told?.all();
    directory = createDirectory();
    return directory;
  };

  return {
    begin: (clock, ownAccountId, task = 'batch') => {
      nowMs = clock;
      last.refreshing.abort();
      last.everything.abort();
      const { refreshing, everything } = {
        refreshing: new AbortController(),
        everything: new AbortController(),
      };
      last = { refreshing, everything };
      const invocation = { task, ownAccountId };
      const refreshed = Promise.all(
        clusters.map(({ source }) => source.refresh(clock, refreshing.signal, invocation)),
      );
      const ownKeys = new Set(clusters.flatMap(({ source }) => source.stateKey(ownAccountId) ?? []));
      const heard = task === 'batch' ? told?.refresh(clock(), ownKeys, refreshing.signal) : undefined;
      ec2.begin(ownAccountId);
      return {
        lookup: async (keys, limitMs = Number.POSITIVE_INFINITY) => {
          const budgetMs =
            task === 'keep' ? Math.min(KEEP_BUDGET_MS, limitMs) : Math.min(settings.lookupBudgetMs, limitMs);
          const share = settings.ec2Lookup ? CLUSTER_SHARE : 1;
          const cancels = [
            timing.after(budgetMs * share, () => refreshing.abort()),
            timing.after(budgetMs, () => everything.abort()),
          ];
          if (settings.ec2Lookup) {
            await Promise.all([refreshed, heard, ec2.describeNamed(keys, clock, everything.signal)]);
            await ec2.describeDerived(keys, currentDirectory(), clock, everything.signal);
            if (settings.isReader) await ec2.describeVpcs(clock, everything.signal);
          } else await Promise.all([refreshed, heard]);
          await Promise.all(clusters.map(({ source }) => source.keep(everything.signal)));
          for (const cancel of cancels) cancel();
          // A role that nobody waits for any more must not be left half assumed.
          everything.abort();
          return currentDirectory();
        },
        health: () => {
          const healths = [
            ...clusters.map(({ source }) => source.health(clock())),
            ...(told?.health(clock()) ?? []),
          ];
          return settings.ec2Lookup ? [...healths, ...ec2.health(clock())] : healths;
        },
      };
    },
  };
}

/** Returns the memory of a cluster, if there is a bucket for it; each has connections of its own. */
function createMemories({ stateBucket, region }: Settings, timing: Clock) {
  if (stateBucket === undefined) return undefined;
  return (instances: () => InstanceMemory): SharedMemory => ({
    memory: createClusterMemory(createS3Store(stateBucket, region), timing),
    instances: {
      save: (vpcId) => instances().save(vpcId),
      restore: (saved) => instances().restore(saved),
    },
  });
}

/** The clusters that readers tell of, if there is a bucket for it. */
function createTold(settings: Settings, timing: Clock): ToldClusters | undefined {
  const { stateBucket, region, isReader } = settings;
  if (stateBucket === undefined || isReader) return undefined;
  const store = () => createS3Store(stateBucket, region);
  return createToldClusters(store(), () => createClusterMemory(store(), timing), settings, timing);
}

/** Returns the credentials of a role, which all sources that use it share. */
function createRoles(
  { clusterRoleExternalId: externalId, region }: Settings,
  nowMs: () => number,
  signal: () => AbortSignal,
): (roleArn: string | undefined) => RoleCredentials | undefined {
  const roles = new Map<string, RoleCredentials>();
  return (roleArn) => {
    if (roleArn === undefined) return undefined;
    const credentials =
      roles.get(roleArn) ?? createRoleCredentials({ roleArn, externalId, region, nowMs, signal });
    roles.set(roleArn, credentials);
    return credentials;
  };
}
