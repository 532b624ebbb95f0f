// EC2 instances by id, by address and by delegated block.
import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../core/model/directory.ts';
import { blockOfPrefix, canonicalAddress, delegatedBlock } from './address.ts';

/** An instance with the addresses and blocks of its interfaces, as EC2 or the file prints them. */
export type InstanceFacts = {
  readonly instance: Instance;
  readonly ips: readonly string[];
  readonly prefixes: readonly string[];
};

/** Instances seen so far. */
export type InstanceIndex = {
  readonly put: (facts: InstanceFacts) => void;
  readonly byId: (id: string) => Instance | undefined;
  /** By primary or secondary address, else by delegated block; any VPC when `vpcId` is undefined and only one fits. */
  readonly byIp: (vpcId: string | undefined, ip: string) => Instance | undefined;
  /** Takes an address or a block (as `delegatedBlock` names it) from all instances of a VPC but `owners`. */
  readonly leaveTo: (vpcId: string, key: string, owners: ReadonlySet<string>) => void;
  /** Drops the instances seen longest ago until `most` are left. */
  readonly trim: (most: number) => void;
  readonly size: () => number;
  /** Counts what changed the answers. */
  readonly changes: () => number;
};

/** An empty index. */
export function createInstanceIndex(): InstanceIndex {
  const byId = new Map<string, { readonly instance: Instance; readonly keys: readonly string[] }>();
  /** Address or block -> instances of any VPC. */
  const byKey = new Map<string, Instance[]>();
  let changes = 0;

  const drop = (id: string): void => {
    changes += 1;
    for (const key of byId.get(id)?.keys ?? []) {
      const left = byKey.get(key)?.filter((instance) => instance.id !== id) ?? [];
      if (left.length > 0) byKey.set(key, left);
      else byKey.delete(key);
    }
    byId.delete(id);
  };

  const find = (vpcId: string | undefined, key: string): Instance | undefined => {
    const found = byKey.get(key)?.filter((instance) => vpcId === undefined || instance.vpcId === vpcId);
    // An address has one interface per VPC; the one seen last is the one that has it now.
    return vpcId === undefined && found?.length !== 1 ? undefined : found?.at(-1);
  };

  return {
    put: ({ instance, ips, prefixes }) => {
      const all = new Set([...ips.map(canonicalAddress), ...prefixes.map(blockOfPrefix)]);
      const entry = { instance, keys: [...all].filter((key) => key !== undefined) };
      const known = byId.get(instance.id);
      const isLast = (key: string): boolean => byKey.get(key)?.at(-1) === known?.instance;
      if (known !== undefined && isDeepStrictEqual(known, entry) && entry.keys.every(isLast)) {
        // No news but that it is among those seen last.
        byId.delete(instance.id);
        byId.set(instance.id, known);
        return;
      }
      drop(instance.id);
      byId.set(instance.id, entry);
      for (const key of entry.keys) {
        const others = byKey.get(key);
        if (others === undefined) byKey.set(key, [instance]);
        else others.push(instance);
      }
    },
    byId: (id) => byId.get(id)?.instance,
    byIp: (vpcId, text) => {
      const ip = canonicalAddress(text);
      return ip === undefined ? undefined : (find(vpcId, ip) ?? find(vpcId, delegatedBlock(ip)));
    },
    leaveTo: (vpcId, key, owners) => {
      const holders = byKey.get(key) ?? [];
      const left = holders.filter(({ id, vpcId: at }) => at !== vpcId || owners.has(id));
      if (left.length === holders.length) return;
      changes += 1;
      if (left.length > 0) byKey.set(key, left);
      else byKey.delete(key);
    },
    trim: (most) => {
      for (const id of byId.keys()) {
        if (byId.size <= most) return;
        drop(id);
      }
    },
    size: () => byId.size,
    changes: () => changes,
  };
}

/** Tags that name an instance's EKS cluster, best first: managed node groups, Auto Mode. */
const CLUSTER_TAGS = ['eks:cluster-name', 'aws:eks:cluster-name', 'eks:eks-cluster-name'];

/** Tags that name the group of nodes: managed node group, Auto Mode pool, Karpenter pool, eksctl group. */
const GROUP_TAGS = [
  'eks:nodegroup-name',
  'eks:kubernetes-node-pool-name',
  'karpenter.sh/nodepool',
  'karpenter.sh/provisioner-name',
  'alpha.eksctl.io/nodegroup-name',
];

/** Cluster and node group by tag; the members are absent where no tag tells. */
export function membership(tags: ReadonlyMap<string, string>): Pick<Instance, 'clusterName' | 'nodeGroup'> {
  const first = (names: readonly string[]) => names.map((name) => tags.get(name)).find(Boolean);
  const prefix = 'kubernetes.io/cluster/';
  const owned = [...tags.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
  // Several clusters may share an instance's security group or subnet tags; then none of them is its own.
  return {
    clusterName: first(CLUSTER_TAGS) ?? (owned.length === 1 ? owned[0] : undefined),
    nodeGroup: first(GROUP_TAGS),
  };
}
