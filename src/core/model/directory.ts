/** A known EKS cluster. */
export type Cluster = {
  readonly name: string;
  /** uid of the `kube-system` namespace. */
  readonly uid: string | undefined;
  readonly arn: string | undefined;
  readonly vpcId: string | undefined;
  readonly region: string | undefined;
  readonly accountId: string | undefined;
};

/** An EC2 instance, as far as known. */
export type Instance = {
  readonly id: string;
  readonly type: string | undefined;
  readonly availabilityZone: string | undefined;
  readonly vpcId: string | undefined;
  readonly privateDnsName: string | undefined;
  /** EKS cluster by tag (`eks:cluster-name`, `kubernetes.io/cluster/<name>`). */
  readonly clusterName: string | undefined;
  /** Managed node group, Karpenter or Auto Mode pool by tag. */
  readonly nodeGroup: string | undefined;
  /** `on-demand`, `spot`, `capacity-block`, ... */
  readonly lifecycle: string | undefined;
};

/** A Kubernetes node. */
export type Node = {
  readonly cluster: Cluster;
  readonly name: string;
  readonly instanceId: string | undefined;
};

/** The controller that stands behind a pod, kind in lower case as Dynatrace writes it (`deployment`). */
export type Workload = { readonly kind: string; readonly name: string };

/** A pod, reduced to what a record can carry. */
export type Pod = {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly nodeName: string | undefined;
  readonly workload: Workload | undefined;
  /** It lives in its node's network: an address of its own it has not. */
  readonly isHostNetwork: boolean;
  /** Labelled `k8s-app=kube-dns`, or named `coredns-*` in `kube-system`. */
  readonly isCoreDns: boolean;
  /** Only labels asked for (`POD_LABELS`), as `[key, value]`, in the order asked for. */
  readonly labels: readonly (readonly [string, string])[];
  /** Only annotations asked for (`POD_ANNOTATIONS`), likewise. */
  readonly annotations: readonly (readonly [string, string])[];
  /** From `metadata.dynatrace.com` annotations: final attribute name and value, sorted by name. */
  readonly dynatrace: readonly (readonly [string, string])[];
};

/**
 * How sure an attribution is: `exact` = the owner had the address by then and was seen with it at or after that
 * moment; `inferred` = nobody else is known, or CoreDNS named the pod; `ambiguous` = two fit; `none`.
 */
export type Attribution = 'exact' | 'inferred' | 'ambiguous' | 'none';

/** Who had an address at a moment. The same object is returned for the same answer, so callers may createTwoGenerationCache by identity. */
export type OwnerLookup =
  | { readonly kind: 'pod'; readonly pod: Pod; readonly attribution: 'exact' | 'inferred' }
  | { readonly kind: 'node'; readonly node: Node; readonly attribution: 'exact' | 'inferred' }
  | { readonly kind: 'ambiguous' };

/** For how long an answer holds, epoch ms: strictly between the two. */
export type ValidityInterval = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Defined where an `exact` answer outlives the batch: there it holds from `fromMs` to the last sync, unless it has changed. */
  readonly cacheValidity: CacheValidity | undefined;
};

/** What an answer that outlives its batch depends on. */
export type CacheValidity = {
  /** Grows with whatever may change who has the address, but not with time, which only confirms it. */
  readonly changes: number;
  /** When the cluster's last complete sync was, epoch ms. */
  readonly clock: { readonly syncedMs: number };
};

/** All that a directory knows of who had one address; only the directory itself can read it. */
export type AddressHistory = unknown;

/**
 * A snapshot of who is where; all look-ups are synchronous.
 * Addresses are text as the logs print them; the directory compares them in canonical form.
 */
export interface Directory {
  /** Clusters that records may belong to, in configured order. */
  readonly clusters: readonly Cluster[];
  /** Finds an address in any of `clusters`; asked for once, and then of many moments. */
  historyOf(clusters: readonly Cluster[], ip: string): AddressHistory;
  /** Who had the address at `atMs` (epoch ms); undefined when nobody is known. */
  ownerAt(history: AddressHistory, atMs: number): OwnerLookup | undefined;
  /** Moments around `atMs` strictly between which `ownerAt` gives the same answer. */
  validityAt(history: AddressHistory, atMs: number): ValidityInterval;
  /** Grows with whatever changes of nodes and instances. */
  topologyRevision(): number;
  /** The pod of that name, newest first when it was re-created. */
  podNamed(clusters: readonly Cluster[], namespace: string, name: string): Pod | undefined;
  /** Addresses of the pod of that name, first the primary one; empty when unknown. */
  podIps(pod: Pod): readonly string[];
  /** The node of that name, newest first when another instance came to have the name. */
  nodeNamed(cluster: Cluster, name: string): Node | undefined;
  /** The node that the pod is or was on: of several of that name, the one that was there when the pod began. */
  nodeOf(pod: Pod): Node | undefined;
  nodeOfInstance(instanceId: string): Node | undefined;
  instance(id: string): Instance | undefined;
  /** Instance whose interface has `ip` (primary, secondary or by delegated prefix) in that VPC. */
  instanceAt(vpcId: string | undefined, ip: string): Instance | undefined;
}

/** What a batch wants to know. */
export type BatchLookupKeys = {
  /** Client addresses that a CoreDNS of one of the clusters logged. */
  readonly clientIps: ReadonlySet<string>;
  /** `srcaddr` of Resolver records by VPC id. */
  readonly vpcIps: ReadonlyMap<string, ReadonlySet<string>>;
  /** `srcids.instance` of Resolver records. */
  readonly instanceIds: ReadonlySet<string>;
};

/** Nobody is known here: the directory of a function that looks nothing up. */
export const EMPTY_DIRECTORY: Directory = {
  clusters: [],
  historyOf: () => undefined,
  ownerAt: () => undefined,
  validityAt: (_, atMs) => ({ fromMs: atMs, toMs: atMs, cacheValidity: undefined }),
  topologyRevision: () => 0,
  podNamed: () => undefined,
  podIps: () => [],
  nodeNamed: () => undefined,
  nodeOf: () => undefined,
  nodeOfInstance: () => undefined,
  instance: () => undefined,
  instanceAt: () => undefined,
};
