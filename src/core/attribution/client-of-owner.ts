import type { Client } from '../model/client.ts';
import type { Attribution, Cluster, Directory, OwnerLookup } from '../model/directory.ts';

/** An owner look-up with one answer. */
export type UnambiguousOwner = Exclude<OwnerLookup, { readonly kind: 'ambiguous' }>;

/** A client with no optional attribute set. */
export const EMPTY_CLIENT: Omit<Client, 'kind' | 'attribution' | 'cluster'> = {
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
export function clientOfOwner(
  directory: Directory,
  owner: UnambiguousOwner,
  attribution: Attribution,
  loggedId: string | undefined,
): Client {
  const pod = owner.kind === 'pod' ? owner.pod : undefined;
  const node = owner.kind === 'node' ? owner.node : directory.nodeOf(owner.pod);
  const { cluster } = owner.kind === 'node' ? owner.node : owner.pod;
  if (loggedId !== undefined && node?.instanceId !== undefined && node.instanceId !== loggedId) {
    // AWS saw another instance send this packet: the directory's owner of the address is out of date.
    return clientOfInstance(directory, loggedId, cluster.accountId, 'ambiguous', undefined);
  }
  const instanceId = loggedId ?? node?.instanceId;
  // Members are listed, not spread: V8 creates and reads listed objects several times faster.
  return {
    kind: pod === undefined ? 'node' : pod.isCoreDns ? 'coredns' : 'pod',
    attribution,
    cluster,
    pod,
    namespace: pod?.namespace,
    podName: pod?.name,
    workload: pod?.workload,
    loggedLabels: EMPTY_CLIENT.loggedLabels,
    nodeName: node?.name ?? pod?.nodeName,
    instanceId,
    instance: instanceId === undefined ? undefined : directory.instance(instanceId, cluster.accountId),
  };
}

/** A client of which only the instance is known, and its account; the instance's node, if any, determines the cluster. */
export function clientOfInstance(
  directory: Directory,
  instanceId: string,
  accountId: string | undefined,
  attribution: Attribution,
  cluster: Cluster | undefined,
): Client {
  const node = directory.nodeOfInstance(instanceId, accountId);
  return {
    ...EMPTY_CLIENT,
    kind: 'unknown',
    attribution,
    cluster: node?.cluster ?? cluster,
    nodeName: node?.name,
    instanceId,
    instance: directory.instance(instanceId, accountId),
  };
}
