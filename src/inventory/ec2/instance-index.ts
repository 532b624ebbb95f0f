// EC2 instances by id, by address and by delegated block.
import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../core/model/directory.ts';
import { blockOfPrefix, canonicalAddress, delegatedBlock } from '../address.ts';

/** An instance with the addresses and delegated prefixes of its interfaces, as EC2 or the file prints them. */
export type InstanceObservation = {
  readonly instance: Instance;
  readonly ips: readonly string[];
  readonly prefixes: readonly string[];
};

/** An instance for other copies of the function. */
export type SavedInstance = {
  readonly instance: Instance;
  /** Its addresses and delegated blocks, in canonical spelling. */
  readonly keys: readonly string[];
  /** When EC2 is to be asked again, epoch ms. */
  readonly requestMs: number;
};

/** The instances observed so far. */
export type InstanceIndex = {
  /** Adds or replaces an instance; it becomes the one observed last. */
  readonly put: (observation: InstanceObservation) => void;
  /** Likewise, with canonical addresses and blocks (as `delegatedBlock` names them). */
  readonly restore: (saved: Pick<SavedInstance, 'instance' | 'keys'>) => void;
  /** The instances of a VPC with the addresses and blocks that they have; the one observed longest ago comes first. */
  readonly ofVpc: (vpcId: string) => readonly Pick<SavedInstance, 'instance' | 'keys'>[];
  readonly byId: (id: string) => Instance | undefined;
  /**
   * The instance with a primary or secondary address, or with the delegated block of that address. Without a `vpcId`
   * the address must belong to one instance only.
   */
  readonly byIp: (vpcId: string | undefined, ip: string) => Instance | undefined;
  /** Removes an address or a block (as `delegatedBlock` names it) from all instances of a VPC except `owners`. */
  readonly restrictTo: (vpcId: string, key: string, owners: ReadonlySet<string>) => void;
  /** Removes the instances observed longest ago until `maxSize` are left. */
  readonly trim: (maxSize: number) => void;
  readonly size: () => number;
  /** Grows with every change of a possible answer. */
  readonly revision: () => number;
};

/** What a directory reads of one index or several. */
export type InstanceLookup = Pick<InstanceIndex, 'byId' | 'byIp' | 'revision'>;

/**
 * Searches several indexes, one per account and region. With shared subnets, two accounts have instances in one VPC: an
 * address that both know has changed hands, and nobody can tell when.
 */
export const combineIndexes = (indexes: readonly InstanceLookup[]): InstanceLookup => ({
  byId: (id) => {
    for (const index of indexes) {
      const instance = index.byId(id);
      if (instance !== undefined) return instance;
    }
    return undefined;
  },
  byIp: (vpcId, ip) => {
    const found = indexes.flatMap((index) => index.byIp(vpcId, ip) ?? []);
    return found.length === 1 ? found[0] : undefined;
  },
  revision: () => indexes.reduce((sum, index) => sum + index.revision(), 0),
});

/** An empty index. */
export function createInstanceIndex(): InstanceIndex {
  /** In the order of their last observation. */
  const byId = new Map<string, { readonly instance: Instance; readonly keys: readonly string[] }>();
  /** Instances of all VPCs by address or block. */
  const byKey = new Map<string, Instance[]>();
  let revision = 0;

  const setInstances = (key: string, instances: Instance[]): void => {
    if (instances.length > 0) byKey.set(key, instances);
    else byKey.delete(key);
  };

  const remove = (id: string): void => {
    revision += 1;
    for (const key of byId.get(id)?.keys ?? []) {
      setInstances(key, byKey.get(key)?.filter((instance) => instance.id !== id) ?? []);
    }
    byId.delete(id);
  };

  const find = (vpcId: string | undefined, key: string): Instance | undefined => {
    const found = byKey.get(key)?.filter((instance) => vpcId === undefined || instance.vpcId === vpcId);
    // An address belongs to one interface per VPC: the instance observed last is the current one.
    return vpcId === undefined && found?.length !== 1 ? undefined : found?.at(-1);
  };

  const set = (entry: { readonly instance: Instance; readonly keys: readonly string[] }): void => {
    const { instance } = entry;
    const known = byId.get(instance.id);
    const isLast = (key: string): boolean => byKey.get(key)?.at(-1) === known?.instance;
    if (known !== undefined && isDeepStrictEqual(known, entry) && entry.keys.every(isLast)) {
      // Unchanged: only the order of the last observations is updated.
      byId.delete(instance.id);
      byId.set(instance.id, known);
      return;
    }
    remove(instance.id);
    byId.set(instance.id, entry);
    for (const key of entry.keys) {
      const others = byKey.get(key);
      if (others === undefined) byKey.set(key, [instance]);
      else others.push(instance);
    }
  };

  return {
    put: ({ instance, ips, prefixes }) => {
      const all = new Set([...ips.map(canonicalAddress), ...prefixes.map(blockOfPrefix)]);
      set({ instance, keys: [...all].filter((key) => key !== undefined) });
    },
    restore: set,
    ofVpc: (vpcId) =>
      [...byId.values()]
        .filter(({ instance }) => instance.vpcId === vpcId)
        .map(({ instance, keys }) => ({
          instance,
          keys: keys.filter((key) => byKey.get(key)?.includes(instance)),
        })),
    byId: (id) => byId.get(id)?.instance,
    byIp: (vpcId, text) => {
      const ip = canonicalAddress(text);
      return ip === undefined ? undefined : (find(vpcId, ip) ?? find(vpcId, delegatedBlock(ip)));
    },
    restrictTo: (vpcId, key, owners) => {
      const current = byKey.get(key) ?? [];
      const left = current.filter((instance) => instance.vpcId !== vpcId || owners.has(instance.id));
      if (left.length === current.length) return;
      revision += 1;
      setInstances(key, left);
    },
    trim: (maxSize) => {
      for (const id of byId.keys()) {
        if (byId.size <= maxSize) return;
        remove(id);
      }
    },
    size: () => byId.size,
    revision: () => revision,
  };
}

/** Tags with the name of an instance's EKS cluster, in order of precedence: managed node groups, EKS Auto Mode. */
const CLUSTER_TAGS = ['eks:cluster-name', 'aws:eks:cluster-name', 'eks:eks-cluster-name'];

/** Tags with the name of the node group: managed node group, Auto Mode pool, Karpenter pool, eksctl group. */
const GROUP_TAGS = [
  'eks:nodegroup-name',
  'eks:kubernetes-node-pool-name',
  'karpenter.sh/nodepool',
  'karpenter.sh/provisioner-name',
  'alpha.eksctl.io/nodegroup-name',
];

/** Cluster and node group by tag; undefined where no tag names them. */
export function membership(tags: ReadonlyMap<string, string>): Pick<Instance, 'clusterName' | 'nodeGroup'> {
  const first = (names: readonly string[]) => names.map((name) => tags.get(name)).find(Boolean);
  const prefix = 'kubernetes.io/cluster/';
  const clusters = [...tags.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
  // An instance that several clusters share carries one such tag per cluster and is a node of none of them.
  return {
    clusterName: first(CLUSTER_TAGS) ?? (clusters.length === 1 ? clusters[0] : undefined),
    nodeGroup: first(GROUP_TAGS),
  };
}
