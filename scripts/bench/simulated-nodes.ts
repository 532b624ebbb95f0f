// Nodes in simulated time: kubelets renew Leases, until a node dies without a word. The control plane notices it later.
import type { KubernetesCluster } from '../../test/support/kubernetes-cluster.ts';
import { leaseObject, nodeObject } from '../../test/support/kubernetes-objects.ts';

const NODES = '/api/v1/nodes';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

/** The kubelet renews the Lease of its node this often. */
const RENEWAL_MS = 10_000;

/** The control plane calls a node `Unknown` this long after its last renewal. */
const NOTICE_MS = 50_000;

/** A node with its clock and its unused addresses. */
export type SimulatedNode = {
  readonly index: number;
  readonly name: string;
  readonly ip: string;
  readonly skewMs: number;
  readonly free: { ip: string; sinceMs: number }[];
  isDead: boolean;
};

/** The simulation as far as nodes need it: its storage, its clock and its agenda. */
export type NodeWorld = {
  readonly api: KubernetesCluster;
  readonly nowMs: () => number;
  readonly at: (atMs: number, action: () => void) => void;
  readonly random: () => number;
};

/** Writes nodes and Leases into the storage. */
export function createNodes({ api, nowMs, at, random }: NodeWorld) {
  const objectOf = ({ index, name, ip }: SimulatedNode, createdMs: number, unknownSinceMs?: number) =>
    nodeObject(name, ip, `i-0${index.toString(16)}`, createdMs, unknownSinceMs);

  return {
    /** Registers a node, which renews its Lease from now on. */
    register: (node: SimulatedNode, createdMs: number): void => {
      api.put(NODES, objectOf(node, createdMs), nowMs());
      const renew = (): void => {
        if (node.isDead) return;
        api.put(LEASES, leaseObject(node.name, nowMs() + node.skewMs), nowMs());
        at(nowMs() + RENEWAL_MS, renew);
      };
      at(nowMs() + random() * RENEWAL_MS, renew);
      api.put(LEASES, leaseObject(node.name, nowMs() + node.skewMs), nowMs());
    },
    /** The node dies. It is deleted early, or only after the control plane noticed it; `whenDeleted` runs then. */
    kill: (node: SimulatedNode, createdMs: number, whenDeleted: () => void): void => {
      node.isDead = true;
      const isEarly = random() < 0.5;
      const noticedMs = nowMs() + NOTICE_MS - random() * RENEWAL_MS;
      const deletedMs = isEarly ? nowMs() + 15_000 + random() * 20_000 : noticedMs + 60_000;
      if (!isEarly) at(noticedMs, () => api.put(NODES, objectOf(node, createdMs, nowMs()), nowMs()));
      at(deletedMs, () => {
        api.remove(NODES, objectOf(node, createdMs), nowMs());
        api.remove(LEASES, leaseObject(node.name, 1), nowMs());
        whenDeleted();
      });
    },
  };
}
