import type { Client, ClientKind } from '../model/client.ts';
import type { Attribution, Cluster, Directory, OwnerLookup } from '../model/directory.ts';

/** An owner that is one. */
export type Known = Exclude<OwnerLookup, { readonly kind: 'ambiguous' }>;

/** Everything of a client that may be unknown, unknown. */
export const NOBODY: Omit<Client, 'kind' | 'attribution' | 'cluster'> = {
  pod: undefined,
  namespace: undefined,
  podName: undefined,
  workload: undefined,
  loggedLabels: [],
  nodeName: undefined,
  instanceId: undefined,
  instance: undefined,
};

/** The client that owns its address; `loggedId` is the instance that a Resolver record names. */
export function ownedClient(
  directory: Directory,
  owner: Known,
  attribution: Attribution,
  loggedId: string | undefined,
): Client {
  const pod = owner.kind === 'pod' ? owner.pod : undefined;
  const node = owner.kind === 'node' ? owner.node : directory.nodeOf(owner.pod);
  if (loggedId !== undefined && node?.instanceId !== undefined && node.instanceId !== loggedId) {
    // AWS saw another instance send this packet, so what the directory knows of the address is out of date.
    return onInstance(directory, loggedId, 'unknown', 'ambiguous', undefined);
  }
  const instanceId = loggedId ?? node?.instanceId;
  // Written out: made thousands of times in a batch, and spread objects are slow to make and to read.
  return {
    kind: pod === undefined ? 'node' : pod.isCoreDns ? 'coredns' : 'pod',
    attribution,
    cluster: owner.kind === 'node' ? owner.node.cluster : owner.pod.cluster,
    pod,
    namespace: pod?.namespace,
    podName: pod?.name,
    workload: pod?.workload,
    loggedLabels: NOBODY.loggedLabels,
    nodeName: node?.name ?? pod?.nodeName,
    instanceId,
    instance: instanceId === undefined ? undefined : directory.instance(instanceId),
  };
}

/** A client of which only the instance is known; the instance's node gives the cluster. */
export function onInstance(
  directory: Directory,
  instanceId: string,
  kind: ClientKind,
  attribution: Attribution,
  cluster: Cluster | undefined,
): Client {
  const node = directory.nodeOfInstance(instanceId);
  const instance = directory.instance(instanceId);
  const place = { nodeName: node?.name, instanceId, instance };
  return { ...NOBODY, kind, attribution, cluster: node?.cluster ?? cluster, ...place };
}
