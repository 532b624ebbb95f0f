// The Leases of the nodes: the kubelet of a living node renews its Lease every 10 s. Listed once per refresh; a watch would
// transmit every renewal.
// https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats
import * as z from 'zod';
import type { NodeLease } from '../ip-ownership/node-health.ts';
import type { KubernetesApi } from './api.ts';

/** Needs the Role of `scripts/kubernetes/rbac.yaml`. */
const PATH = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases?limit=500';

/** More than the nodes of any cluster; Leases beyond that are not read. */
const MAX_PAGES = 40;

const pageSchema = z.object({
  metadata: z.object({ continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});

const leaseSchema = z.object({
  metadata: z.object({
    name: z.string(),
    ownerReferences: z.array(z.object({ kind: z.string(), uid: z.string() })).nullish(),
  }),
  spec: z.object({ renewTime: z.string() }),
});

/** Lists all Leases. Rejects with the fault of the API; a Lease that was never renewed is left out. */
export async function listLeases(api: KubernetesApi, signal: AbortSignal): Promise<readonly NodeLease[]> {
  const leases: NodeLease[] = [];
  let token = '';
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = pageSchema.parse(await api.get(`${PATH}${token}`, signal));
    leases.push(...(page.items ?? []).flatMap(readLease));
    if (!page.metadata.continue) break;
    token = `&continue=${encodeURIComponent(page.metadata.continue)}`;
  }
  return leases;
}

function readLease(object: unknown): readonly NodeLease[] {
  const parsed = leaseSchema.safeParse(object);
  // 2026-03-01T12:00:00.123456Z
  const renewedMs = Date.parse(parsed.data?.spec.renewTime ?? '');
  if (!parsed.success || !(renewedMs > 0)) return [];
  const { name, ownerReferences } = parsed.data.metadata;
  const nodeUid = ownerReferences?.find(({ kind }) => kind === 'Node')?.uid;
  return [{ nodeName: name, nodeUid, renewedMs }];
}
