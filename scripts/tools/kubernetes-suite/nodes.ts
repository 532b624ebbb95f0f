// Simulated nodes: they register, renew their Leases, and die.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AddressPool, createAddressPool } from './addresses.ts';
import type { Admin } from './admin.ts';
import { wholeSeconds } from './pod-status.ts';

/** The kubelet renews the Lease of its node this often. */
const RENEWAL_MS = 10_000;

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

/** A node with its clock and its addresses. */
export type SimulatedNode = {
  readonly name: string;
  readonly skewMs: number;
  readonly pool: AddressPool;
  /** Its kubelet does nothing any more, and its pods do not run. */
  isDead: boolean;
};

/** Registers a node and renews its Lease until it dies or `signal` is aborted; `index` names it and its network. */
export async function startNode(
  admin: Admin,
  index: number,
  {
    skewMs,
    addresses,
    signal,
  }: { readonly skewMs: number; readonly addresses: number; readonly signal: AbortSignal },
): Promise<SimulatedNode> {
  const name = `node-${index}`;
  const node: SimulatedNode = { name, skewMs, pool: createAddressPool(index, addresses), isDead: false };
  const now = (): number => Date.now() + skewMs;
  const created = (await admin('POST', '/api/v1/nodes', {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name },
    spec: { providerID: `aws:///eu-west-1a/i-0${index.toString(16).padStart(8, '0')}` },
  })) as { metadata: { uid: string } };
  const time = wholeSeconds(now());
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  };
  await admin('PATCH', `/api/v1/nodes/${name}/status`, {
    status: {
      conditions: [ready],
      addresses: [{ type: 'InternalIP', address: `172.16.${index >> 8}.${index & 255}` }],
      capacity: { pods: '110' },
      allocatable: { pods: '110' },
    },
  });
  const renewTime = (): string => new Date(now()).toISOString().replace('Z', '000Z');
  const owner = { apiVersion: 'v1', kind: 'Node', name, uid: created.metadata.uid };
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: renewTime() };
  await admin('POST', LEASES, {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    metadata: { name, ownerReferences: [owner] },
    spec,
  });
  const renew = async (): Promise<void> => {
    for (;;) {
      await sleep(RENEWAL_MS, undefined, { signal });
      if (node.isDead) return;
      await admin('PATCH', `${LEASES}/${name}`, { spec: { renewTime: renewTime() } }, [404]);
    }
  };
  renew().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return node;
}
