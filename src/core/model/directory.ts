/**
 * A known EKS cluster. Names repeat across accounts and regions: a directory holds one object per cluster, and tells
 * clusters apart by that object.
 */
export type Cluster = {
  readonly name: string;
  /** uid of the `kube-system` namespace. */
  readonly uid: string | undefined;
  readonly arn: string | undefined;
  readonly vpcId: string | undefined;
  readonly region: string | undefined;
  readonly accountId: string | undefined;
  /** Known only from a snapshot that a reader in its account wrote: it may speak for clients of that account alone. */
  readonly isTold?: boolean;
};

/** A text that no other cluster of a directory has: the ARN, or the name where the ARN is not known (yet). */
export const clusterId = ({ arn, name }: Cluster): string => arn ?? name;

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

/** The controller that owns a pod; its kind in lower case, as Dynatrace writes it (`deployment`). */
export type Workload = { readonly kind: string; readonly name: string };

/** A pod, reduced to what a record can carry. */
export type Pod = {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly nodeName: string | undefined;
  readonly workload: Workload | undefined;
  /** Uses host networking, so it has no IP address of its own. */
  readonly isHostNetwork: boolean;
  /** A pod of CoreDNS's namespace and of its Deployment or DaemonSet. */
  readonly isCoreDns: boolean;
  /** Only the configured labels (`POD_LABELS`), as `[key, value]`, in the configured order. */
  readonly labels: readonly (readonly [string, string])[];
  /** Only the configured annotations (`POD_ANNOTATIONS`), likewise. */
  readonly annotations: readonly (readonly [string, string])[];
  /** From `metadata.dynatrace.com` annotations: final attribute name and value, sorted by name. */
  readonly dynatrace: readonly (readonly [string, string])[];
  /** Whether a label, an annotation or an attribute was cut or left out, because the pod has too much of them. */
  readonly isMetadataCut: boolean;
};

/**
 * Certainty of an attribution. `exact`: the owner had the address by then and was seen with it at or after that moment.
 * `inferred`: it is the only known owner, or CoreDNS named the pod. `ambiguous`: two owners fit. `none`: no owner fits.
 */
export type Attribution = 'exact' | 'inferred' | 'ambiguous' | 'none';

/** The owner of an address at a moment. The same object is returned for the same answer, so callers may compare by identity. */
export type OwnerLookup =
  | { readonly kind: 'pod'; readonly pod: Pod; readonly attribution: 'exact' | 'inferred' }
  | { readonly kind: 'node'; readonly node: Node; readonly attribution: 'exact' | 'inferred' }
  | { readonly kind: 'ambiguous' };

/** Interval in which an owner look-up gives the same answer, epoch ms, both ends excluded. */
export type ValidityInterval = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Defined where an `exact` answer stays valid in later batches: from `fromMs` to the last sync and sign of life, unless the revision changed. */
  readonly cacheValidity: CacheValidity | undefined;
};

/** Condition under which an answer stays valid in later batches. */
export type CacheValidity = {
  /** Revision of this address's ownership. Syncs that only confirm it do not change it. */
  readonly revision: number;
  /** Time of the cluster's last complete sync, epoch ms. */
  readonly lastSync: { readonly syncedMs: number };
  /** Last sign of life of the owner's node, epoch ms: later syncs confirm nothing. Absent or Infinity: no such limit. */
  readonly life?: { readonly provedUntilMs: number };
};

declare const addressHistory: unique symbol;

/** All known owners of one address, past and present. Opaque: only the directory that returned it can read it. */
export type AddressHistory = { readonly [addressHistory]: true };

/** When a pod of some name may have lived, epoch ms; both ends included. */
export type Lifetime = { readonly fromMs: number; readonly toMs: number };

/** The history of an address that never had an owner. */
export const NO_HISTORY = {} as AddressHistory;

/**
 * A snapshot of pods, nodes and instances over time; all look-ups are synchronous.
 * Addresses are text as the logs print them; the directory compares them in canonical form.
 */
export interface Directory {
  /** Clusters that records may belong to, in configured order; several may have the same name. */
  readonly clusters: readonly Cluster[];
  /** Finds the owners of an address in any of `clusters`; look it up once, then query many moments. */
  historyOf(clusters: readonly Cluster[], ip: string): AddressHistory;
  /** The owner of the address at `atMs` (epoch ms); undefined when none is known. */
  ownerAt(history: AddressHistory, atMs: number): OwnerLookup | undefined;
  /** The interval around `atMs` in which `ownerAt` gives the same answer. */
  validityAt(history: AddressHistory, atMs: number): ValidityInterval;
  /** Revision of nodes and instances: grows with each change. */
  topologyRevision(): number;
  /** The pod of that name; the newest one when it was re-created. */
  podNamed(clusters: readonly Cluster[], namespace: string, name: string): Pod | undefined;
  /** When pods of that name may have lived, as far as remembered. */
  lifetimesOf(clusters: readonly Cluster[], namespace: string, name: string): readonly Lifetime[];
  /** Addresses of a pod, the primary one first; empty when unknown. */
  podIps(pod: Pod): readonly string[];
  /** The node of that name; the newest one when another instance took over the name. */
  nodeNamed(cluster: Cluster, name: string): Node | undefined;
  /** The node that the pod is or was on: of several with that name, the one that existed when the pod started. */
  nodeOf(pod: Pod): Node | undefined;
  /** `accountId`: the account that is asked about; what readers of other accounts tell is not considered. */
  nodeOfInstance(instanceId: string, accountId?: string): Node | undefined;
  /** Likewise. */
  instance(id: string, accountId?: string): Instance | undefined;
  /** The instance whose interface has `ip` (primary, secondary or by delegated prefix) in that VPC. Likewise. */
  instanceAt(vpcId: string | undefined, ip: string, accountId?: string): Instance | undefined;
}

/** The clients that Resolver records of one VPC name. */
export type VpcLookupKeys = {
  readonly vpcId: string | undefined;
  /** Owner of the VPC, as logged. With shared subnets, clusters and instances in it may belong to other accounts. */
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  /** `srcaddr`; empty without a `vpcId`. */
  readonly ips: ReadonlySet<string>;
  /** `srcids.instance`. */
  readonly instanceIds: ReadonlySet<string>;
};

/** The keys that a batch looks up. */
export type BatchLookupKeys = {
  /** Client addresses logged by CoreDNS. */
  readonly clientIps: ReadonlySet<string>;
  /** One entry per VPC id, account and region, as logged. */
  readonly vpcs: readonly VpcLookupKeys[];
};

/** A directory without content: that of a function without any source. */
export const EMPTY_DIRECTORY: Directory = {
  clusters: [],
  historyOf: () => NO_HISTORY,
  ownerAt: () => undefined,
  validityAt: (_, atMs) => ({ fromMs: atMs, toMs: atMs, cacheValidity: undefined }),
  topologyRevision: () => 0,
  podNamed: () => undefined,
  lifetimesOf: () => [],
  podIps: () => [],
  nodeNamed: () => undefined,
  nodeOf: () => undefined,
  nodeOfInstance: () => undefined,
  instance: () => undefined,
  instanceAt: () => undefined,
};
