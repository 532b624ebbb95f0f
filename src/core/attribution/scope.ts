import type { Cluster } from '../model/directory.ts';
import { clusterInName, isDefaultOfFluentBit } from '../model/log-group-name.ts';
import { type Origin, writtenTo } from '../model/origin.ts';
import type { Settings } from '../model/settings.ts';

/** Where the client of an event is looked up. */
export type Scope = {
  /** The cluster of the log group, where it is known. */
  readonly cluster: Cluster | undefined;
  /** Clusters whose pods and nodes may be the client. */
  readonly clusters: readonly Cluster[];
  /** VPC in which EC2 instances may be the client. */
  readonly vpcId: string | undefined;
  /** The owner of that VPC, as a Resolver record names it. */
  readonly accountId?: string | undefined;
};

/** The scope of clients that are not looked up. */
export const EMPTY_SCOPE: Scope = { cluster: undefined, clusters: [], vpcId: undefined };

/** The scope of CoreDNS events of an origin. */
export function scopeOfOrigin(
  clusters: readonly Cluster[],
  configured: Settings['logGroupClusters'],
  origin: Origin,
): Scope {
  const cluster = clusterOf(clusters, configured, origin);
  return { cluster, clusters: cluster === undefined ? [] : [cluster], vpcId: cluster?.vpcId };
}

/**
 * The scope of a Resolver record: the clusters of its VPC, whose owner is `accountId`. Readers may name any VPC, so those
 * of other accounts do not count.
 */
export const scopeOfVpc = (
  clusters: readonly Cluster[],
  vpcId: string | undefined,
  accountId?: string,
): Scope => ({
  cluster: undefined,
  clusters:
    vpcId === undefined
      ? []
      : clusters.filter(
          (cluster) =>
            cluster.vpcId === vpcId && (cluster.isTold !== true || cluster.accountId === accountId),
        ),
  vpcId,
  accountId,
});

/**
 * The cluster whose CoreDNS writes to a log group: the configured one (`LOG_GROUP_CLUSTERS`, by name or ARN), the one in
 * the group's name, else the only one. It must be in the origin's account and region, as far as both are known. Of two
 * that fit, none: the pods of one would be taken for those of the other.
 */
function clusterOf(
  all: readonly Cluster[],
  configured: Settings['logGroupClusters'],
  origin: Origin,
): Cluster | undefined {
  const logGroup = writtenTo(origin) ?? '';
  const fitting = all.filter((cluster) => fits(cluster, origin));
  // What a reader calls its cluster says nothing about groups of other accounts.
  const clusters = all.filter((cluster) => cluster.isTold !== true || fitting.includes(cluster));
  const called = (name: string) => (cluster: Cluster) => cluster.name === name || cluster.arn === name;

  const configuredName = configured.get(logGroup);
  if (configuredName !== undefined) {
    const isKnown = clusters.some(called(configuredName));
    return isKnown ? onlyOne(fitting.filter(called(configuredName))) : unknownCluster(configuredName);
  }
  const name = clusterInName(logGroup);
  if (name === undefined) return onlyOne(fitting);
  const isDefault = isDefaultOfFluentBit(logGroup) && !clusters.some(called(name));
  return onlyOne(isDefault ? fitting : fitting.filter(called(name)));
}

const onlyOne = (clusters: readonly Cluster[]): Cluster | undefined =>
  clusters.length === 1 ? clusters[0] : undefined;

/**
 * Whether a cluster is in the account and region of an origin, as far as both are known. A told cluster is not where the
 * account is unknown: its reader would speak for clients of other accounts.
 */
function fits(cluster: Cluster, { accountId, region }: Origin): boolean {
  if (cluster.isTold === true && accountId === undefined) return false;
  const isSame = (a: string | undefined, b: string | undefined): boolean =>
    a === undefined || b === undefined || a === b;
  return isSame(cluster.accountId, accountId) && isSame(cluster.region, region);
}

/** `id` is a name or an ARN, which ends with the name. */
const unknownCluster = (id: string): Cluster => ({
  name: id.slice(id.lastIndexOf('/') + 1),
  uid: undefined,
  arn: undefined,
  vpcId: undefined,
  region: undefined,
  accountId: undefined,
});
