import type { Cluster } from '../model/directory.ts';

/** Where the client of an event is looked up. */
export type Scope = {
  /** The cluster of the log group, where it is known. */
  readonly cluster: Cluster | undefined;
  /** Clusters whose pods and nodes may be the client. */
  readonly clusters: readonly Cluster[];
  /** VPC in which EC2 instances may be the client. */
  readonly vpcId: string | undefined;
};

/** The scope of clients that are not looked up. */
export const EMPTY_SCOPE: Scope = { cluster: undefined, clusters: [], vpcId: undefined };

/** The scope of a log group of CoreDNS; `configured` is `LOG_GROUP_CLUSTERS`. */
export function scopeOfLogGroup(
  clusters: readonly Cluster[],
  configured: ReadonlyMap<string, string>,
  logGroup: string | undefined,
): Scope {
  const cluster = clusterOf(clusters, configured, logGroup);
  return { cluster, clusters: cluster === undefined ? [] : [cluster], vpcId: cluster?.vpcId };
}

/** The scope of a Resolver record: the clusters of its VPC. */
export const scopeOfVpc = (clusters: readonly Cluster[], vpcId: string | undefined): Scope => ({
  cluster: undefined,
  clusters: vpcId === undefined ? [] : clusters.filter((cluster) => cluster.vpcId === vpcId),
  vpcId,
});

// /aws/containerinsights/shop/application, /aws/otel/containerinsights/shop/..., /aws/eks/shop/cluster
const CLUSTER_GROUP = /^\/aws\/(?:(?:otel\/)?containerinsights|eks)\/([^/]+)\//;

const INSIGHTS_GROUP = /^\/aws\/(?:otel\/)?containerinsights\/[^/]+\//;

/** The cluster whose CoreDNS writes to a log group: the configured one, the one in the group's name, else the only one. */
function clusterOf(
  clusters: readonly Cluster[],
  configured: ReadonlyMap<string, string>,
  logGroup = '',
): Cluster | undefined {
  const named = (name: string | undefined) => clusters.find((cluster) => cluster.name === name);
  const configuredName = configured.get(logGroup);
  if (configuredName !== undefined) return named(configuredName) ?? unknownCluster(configuredName);
  const known = named(CLUSTER_GROUP.exec(logGroup)?.[1]);
  if (known !== undefined) return known;
  // The group of Container Insights always names its cluster: the pods of an unknown cluster cannot be named.
  if (INSIGHTS_GROUP.test(logGroup)) return undefined;
  return clusters.length === 1 ? clusters[0] : undefined;
}

const unknownCluster = (name: string): Cluster => ({
  name,
  uid: undefined,
  arn: undefined,
  vpcId: undefined,
  region: undefined,
  accountId: undefined,
});
