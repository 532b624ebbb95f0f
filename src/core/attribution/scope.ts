import { type AskerMemory, type Askers, askersAmong } from '../fast-path/client-cache.ts';
import type { Client, Resolver } from '../model/client.ts';
import type { Cluster } from '../model/directory.ts';
import type { LogProducer } from '../model/log-line.ts';

/** Where the client of an event may be, with the answers given so far (the same answer is the same object). */
export type Scope = {
  readonly cluster: Cluster | undefined;
  readonly clusters: readonly Cluster[];
  readonly vpcId: string | undefined;
  readonly askers: Askers;
  /** Clients that no pod or node is known for: by what was asked, and by what came out. */
  readonly strangers: Map<string, Client>;
  readonly plain: Map<string, Client>;
  /** Clients that CoreDNS named, by address and name. */
  readonly hinted: Map<string, Client>;
  /** The same clients with labels that CoreDNS logged, by their text. */
  readonly labelled: Map<Client, Map<string, Client>>;
  /** The CoreDNS pods that printed the lines. */
  readonly producers: Map<LogProducer, Resolver>;
};

/** Scopes of one directory: of a log group (CoreDNS) or of a VPC (Resolver). */
export type Scopes = {
  readonly nowhere: Scope;
  readonly clusters: readonly Cluster[];
  readonly memory: AskerMemory;
  readonly groups: Map<string | undefined, Scope>;
  readonly vpcs: Map<string | undefined, Scope>;
};

/** Scopes of which none has been asked for yet. */
export const createScopes = (clusters: readonly Cluster[], memory: AskerMemory): Scopes => ({
  nowhere: createScope(undefined, [], undefined, askersAmong(memory, 'group', [])),
  clusters,
  memory,
  groups: new Map(),
  vpcs: new Map(),
});

/** The scope of a log group; `configured` is `LOG_GROUP_CLUSTERS`. */
export function scopeOfGroup(
  { clusters, memory, groups }: Scopes,
  configured: ReadonlyMap<string, string>,
  logGroup: string | undefined,
): Scope {
  let scope = groups.get(logGroup);
  if (scope === undefined) {
    const cluster = clusterOf(clusters, configured, logGroup);
    const inside = cluster === undefined ? [] : [cluster];
    scope = createScope(cluster, inside, cluster?.vpcId, askersAmong(memory, 'group', inside));
    groups.set(logGroup, scope);
  }
  return scope;
}

/** The scope of a VPC. */
export function scopeOfVpc({ clusters, memory, vpcs }: Scopes, vpcId: string | undefined): Scope {
  let scope = vpcs.get(vpcId);
  if (scope === undefined) {
    const inside = vpcId === undefined ? [] : clusters.filter((cluster) => cluster.vpcId === vpcId);
    scope = createScope(undefined, inside, vpcId, askersAmong(memory, 'vpc', inside));
    vpcs.set(vpcId, scope);
  }
  return scope;
}

function createScope(
  cluster: Cluster | undefined,
  clusters: readonly Cluster[],
  vpcId: string | undefined,
  askers: Askers,
): Scope {
  return {
    cluster,
    clusters,
    vpcId,
    askers,
    strangers: new Map(),
    plain: new Map(),
    hinted: new Map(),
    labelled: new Map(),
    producers: new Map(),
  };
}

// /aws/containerinsights/shop/application, /aws/otel/containerinsights/shop/..., /aws/eks/shop/cluster
const CLUSTER_GROUP = /^\/aws\/(?:(?:otel\/)?containerinsights|eks)\/([^/]+)\//;

const INSIGHTS_GROUP = /^\/aws\/(?:otel\/)?containerinsights\/[^/]+\//;

/** The cluster whose CoreDNS logs into a group: as configured, as the group's name says, else the only one. */
function clusterOf(
  clusters: readonly Cluster[],
  configured: ReadonlyMap<string, string>,
  logGroup = '',
): Cluster | undefined {
  const named = (name: string | undefined) => clusters.find((cluster) => cluster.name === name);
  const wanted = configured.get(logGroup);
  if (wanted !== undefined) {
    const unknown = {
      uid: undefined,
      arn: undefined,
      vpcId: undefined,
      region: undefined,
      accountId: undefined,
    };
    return named(wanted) ?? { name: wanted, ...unknown };
  }
  const known = named(CLUSTER_GROUP.exec(logGroup)?.[1]);
  if (known !== undefined) return known;
  // Container Insights always names its cluster: if that is no known one, its pods are not ours to name.
  if (INSIGHTS_GROUP.test(logGroup)) return undefined;
  return clusters.length === 1 ? clusters[0] : undefined;
}
