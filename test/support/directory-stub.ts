import type {
  AddressHistory,
  Cluster,
  Directory,
  Instance,
  Node,
  OwnerLookup,
  Pod,
} from '../../src/core/model/directory.ts';

/** The content of a stub. Addresses are compared as text. */
export type StubContent = {
  readonly clusters?: readonly Cluster[];
  /** Owners by address, from `fromMs` (inclusive) to `toMs` (exclusive); by default always. */
  readonly owners?: readonly (readonly [ip: string, owner: OwnerLookup, fromMs?: number, toMs?: number])[];
  readonly pods?: readonly (readonly [pod: Pod, ...ips: string[]])[];
  readonly nodes?: readonly Node[];
  readonly instances?: readonly (readonly [instance: Instance, ...ips: string[]])[];
};

/** The content of an `AddressHistory` of the stub. */
type StubHistory = { readonly searched: readonly Cluster[]; readonly ip: string };

/** A directory in memory for tests of its users. */
export function createDirectoryStub(content: StubContent): Directory {
  const { clusters = [], owners = [], pods = [], nodes = [], instances = [] } = content;
  return {
    clusters,
    historyOf: (searched, ip) => ({ searched, ip }) satisfies StubHistory as unknown as AddressHistory,
    ownerAt: (history, atMs) => {
      const { searched, ip } = history as unknown as StubHistory;
      const found = owners.find(([known, owner, fromMs = 0, toMs = Number.POSITIVE_INFINITY]) => {
        const cluster = clusterOf(owner);
        const isSearched = cluster === undefined ? searched.length > 0 : searched.includes(cluster);
        return isSearched && known === ip && atMs >= fromMs && atMs < toMs;
      });
      return found?.[1];
    },
    validityAt: (_, atMs) => ({ fromMs: atMs, toMs: atMs, cacheValidity: undefined }),
    topologyRevision: () => 0,
    podNamed: (searched, namespace, name) =>
      pods.find(
        ([pod]) => searched.includes(pod.cluster) && pod.namespace === namespace && pod.name === name,
      )?.[0],
    lifetimesOf: (searched, namespace, name) =>
      pods.some(([pod]) => searched.includes(pod.cluster) && pod.namespace === namespace && pod.name === name)
        ? [{ fromMs: 0, toMs: Number.POSITIVE_INFINITY }]
        : [],
    podIps: (pod) => {
      const [, ...ips] = pods.find(([known]) => known === pod) ?? [pod];
      return ips;
    },
    nodeNamed: (cluster, name) => nodes.find((node) => node.cluster === cluster && node.name === name),
    nodeOf: (pod) => nodes.find((node) => node.cluster === pod.cluster && node.name === pod.nodeName),
    nodeOfInstance: (id) => nodes.find((node) => node.instanceId === id),
    instance: (id) => instances.find(([instance]) => instance.id === id)?.[0],
    instanceAt: (vpcId, ip) =>
      instances.find(([instance, ...ips]) => instance.vpcId === vpcId && ips.includes(ip))?.[0],
  };
}

function clusterOf(owner: OwnerLookup): Cluster | undefined {
  if (owner.kind === 'pod') return owner.pod.cluster;
  return owner.kind === 'node' ? owner.node.cluster : undefined;
}

/** A cluster with the members that a test sets. */
export function clusterStub(name: string, members: Partial<Cluster> = {}): Cluster {
  const unknown = {
    uid: undefined,
    arn: undefined,
    vpcId: undefined,
    region: undefined,
    accountId: undefined,
  };
  return { name, ...unknown, ...members };
}

/** A pod in namespace `shop` with the members that a test sets. */
export function podStub(cluster: Cluster, name: string, members: Partial<Pod> = {}): Pod {
  const unknown = {
    uid: undefined,
    nodeName: undefined,
    workload: undefined,
    isHostNetwork: false,
    isCoreDns: false,
  };
  return {
    cluster,
    name,
    namespace: 'shop',
    ...unknown,
    labels: [],
    annotations: [],
    dynatrace: [],
    isMetadataCut: false,
    ...members,
  };
}

/** An instance with the members that a test sets. */
export function instanceStub(id: string, members: Partial<Instance> = {}): Instance {
  const unknown = {
    type: undefined,
    availabilityZone: undefined,
    vpcId: undefined,
    privateDnsName: undefined,
  };
  return { id, ...unknown, clusterName: undefined, nodeGroup: undefined, lifecycle: undefined, ...members };
}
