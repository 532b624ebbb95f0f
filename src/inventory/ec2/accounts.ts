// EC2 in every account and region that the function reads: its own, and those of the configured clusters.
import type { BatchLookupKeys, Directory, VpcLookupKeys } from '../../core/model/directory.ts';
import type { SourceHealth } from '../../core/model/ports.ts';
import type { ClusterSetting, Settings } from '../../core/model/settings.ts';
import type { ClusterTables } from '../ip-ownership/index.ts';
import type { RoleCredentials } from '../role-credentials.ts';
import { createEc2Source, type Ec2Keys, type Ec2Source } from './index.ts';
import { combineIndexes, type InstanceLookup } from './instance-index.ts';
import { derivedKeys } from './keys.ts';

/** EC2 as one source of the directory; each account and region fails, and is late, on its own. */
export type Ec2Accounts = {
  readonly instances: InstanceLookup;
  /** Starts an invocation; `ownAccountId` is the function's account, as far as known. */
  readonly begin: (ownAccountId: string | undefined) => void;
  /** Looks up the instances that records name. Does not depend on the clusters. */
  readonly describeNamed: (keys: BatchLookupKeys, nowMs: () => number, signal: AbortSignal) => Promise<void>;
  /** Looks up the rest: the instances of nodes, and addresses that no cluster knows. Call after the clusters are synced. */
  readonly describeDerived: (
    keys: BatchLookupKeys,
    directory: Pick<Directory, 'instanceAt'>,
    nowMs: () => number,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Looks up all instances of the clusters' VPCs, for a reader. Call after the clusters are synced. */
  readonly describeVpcs: (nowMs: () => number, signal: AbortSignal) => Promise<void>;
  /** The instances of the account and region in which a cluster of the settings is, for other copies of the function. */
  readonly memoryOf: (setting: ClusterSetting) => Pick<Ec2Source, 'save' | 'restore'>;
  readonly health: (nowMs: number) => readonly SourceHealth[];
};

/** A cluster of the settings with its tables. */
export type Ec2Cluster = { readonly setting: ClusterSetting; readonly tables: ClusterTables };

/** One account and region, the credentials for it, and its clusters. */
type Account = {
  readonly source: Ec2Source;
  /** Undefined = that of the function. */
  readonly accountId: string | undefined;
  /** Undefined = that of the environment. */
  readonly region: string | undefined;
  readonly clusters: ClusterTables[];
};

/** EC2 for these clusters; `credentialsOf` returns those of a role. */
export function createEc2Accounts(
  clusters: readonly Ec2Cluster[],
  settings: Pick<Settings, 'region'>,
  credentialsOf: (roleArn: string | undefined) => RoleCredentials | undefined,
): Ec2Accounts {
  const own: Account = {
    source: createEc2Source({ name: 'ec2', region: settings.region, credentials: undefined }),
    accountId: undefined,
    region: settings.region,
    clusters: [],
  };
  const byAccess = new Map([[accessOf(undefined, settings.region), own]]);
  for (const { setting, tables } of clusters) {
    const { accountId, roleArn, region = settings.region } = setting;
    const access = accessOf(roleArn, region);
    const known = byAccess.get(access);
    if (known !== undefined) known.clusters.push(tables);
    else {
      const name = `ec2/${accountId}/${region}`;
      const source = createEc2Source({ name, region, credentials: credentialsOf(roleArn) });
      byAccess.set(access, { source, accountId, region, clusters: [tables] });
    }
  }
  const accounts = [...byAccess.values()];
  const all = clusters.map(({ tables }) => tables);
  let givenAccountId: string | undefined;

  /** The function's account: as given, else as the ARN of a cluster that it reads with its own credentials says. */
  const ownAccountId = (): string | undefined =>
    givenAccountId ?? own.clusters.map(({ cluster }) => cluster.accountId).find(Boolean);

  /** Whether the account's instances may be in a VPC of that owner and region. */
  const isOf = (account: Account, vpc: VpcLookupKeys): boolean => {
    if (account !== own) return account.accountId === vpc.accountId && account.region === vpc.region;
    return fits(ownAccountId(), vpc.accountId) && fits(own.region, vpc.region);
  };

  /** The keys of each account: VPCs of its clusters, and VPCs that it owns. All others are not ours to look up. */
  const keysOf = (account: Account, { clientIps, vpcs }: BatchLookupKeys): BatchLookupKeys => ({
    clientIps,
    vpcs: vpcs.filter(
      (vpc) => hasCluster(account, vpc.vpcId) || accounts.find((each) => isOf(each, vpc)) === account,
    ),
  });

  const describe = async (
    keysFor: (account: Account) => Ec2Keys,
    nowMs: () => number,
    signal: AbortSignal,
  ) => {
    await Promise.all(
      accounts.map(async (account) => account.source.describe(keysFor(account), nowMs, signal)),
    );
  };

  return {
    instances: combineIndexes(accounts.map(({ source }) => source.instances)),
    begin: (accountId) => {
      givenAccountId = accountId ?? givenAccountId;
      for (const { source } of accounts) source.begin();
    },
    describeNamed: async (keys, nowMs, signal) => {
      const namedIn = (account: Account) =>
        keysOf(account, keys).vpcs.flatMap(({ instanceIds }) => [...instanceIds]);
      const keysFor = (account: Account) => ({
        ids: namedIn(account),
        areIdsLogged: true,
        addresses: new Map(),
        clusterVpcs: new Set<string>(),
      });
      await describe(keysFor, nowMs, signal);
    },
    describeDerived: async (keys, directory, nowMs, signal) =>
      describe(
        (account) => derivedKeys(keysOf(account, keys), directory, account.clusters, all),
        nowMs,
        signal,
      ),
    describeVpcs: async (nowMs, signal) => {
      const vpcsOf = ({ clusters: own }: Account) =>
        new Set(own.flatMap(({ cluster }) => cluster.vpcId ?? []));
      await Promise.all(
        accounts.map(async (account) => account.source.describeVpcs(vpcsOf(account), nowMs, signal)),
      );
    },
    memoryOf: ({ roleArn, region = settings.region }) =>
      (byAccess.get(accessOf(roleArn, region)) ?? own).source,
    health: (nowMs) => accounts.map(({ source }) => source.health(nowMs)),
  };
}

/** Clusters that are read with the same credentials in the same region share one source. */
const accessOf = (roleArn: string | undefined, region: string | undefined): string => `${roleArn} ${region}`;

/** What is not known fits. */
const fits = (own: string | undefined, logged: string | undefined): boolean =>
  own === undefined || logged === undefined || own === logged;

const hasCluster = ({ clusters }: Account, vpcId: string | undefined): boolean =>
  vpcId !== undefined && clusters.some(({ cluster }) => cluster.vpcId === vpcId);
