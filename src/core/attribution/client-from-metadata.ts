// Clients that CoreDNS itself names with its `metadata` and `kubernetes` plugins (`{/kubernetes/client-pod-name}`).
// https://coredns.io/plugins/kubernetes/#metadata
import type { Client } from '../model/client.ts';
import type { Directory, OwnerLookup, Pod } from '../model/directory.ts';
import type { ClientMetadata } from '../model/dns-event.ts';
import { clientOfOwner, EMPTY_CLIENT } from './client-of-owner.ts';
import type { Scope } from './scope.ts';

/** Whether CoreDNS's metadata is used instead of the directory's owner. A certain owner is never overridden. */
export function overridesOwner(
  metadata: ClientMetadata,
  owner: OwnerLookup | undefined,
  mayBeExact: boolean,
): boolean {
  if (metadata.namespace === undefined && metadata.pod === undefined) return false;
  if (owner === undefined || owner.kind === 'ambiguous') return true;
  // CoreDNS finds any pod of the host network by the address of its node, so its metadata may name another pod.
  if (owner.kind === 'node' || (owner.attribution === 'exact' && mayBeExact)) return false;
  const { namespace = owner.pod.namespace, pod = owner.pod.name } = metadata;
  return namespace !== owner.pod.namespace || pod !== owner.pod.name;
}

/** The client that CoreDNS named; undefined where that pod uses host networking, see `overridesOwner`. */
export function clientFromMetadata(
  directory: Directory,
  { cluster, clusters }: Scope,
  ip: string,
  { namespace, pod: podName }: ClientMetadata,
): Client | undefined {
  const isNamed = namespace !== undefined && podName !== undefined;
  const pod = isNamed ? directory.podNamed(clusters, namespace, podName) : undefined;
  if (pod?.isHostNetwork) return undefined;
  // A pod of a StatefulSet is re-created under its name: only a pod with this address is the client.
  if (pod !== undefined && directory.podIps(pod).includes(ip)) return inferredClient(directory, pod);
  const kind = pod?.isCoreDns === true ? 'coredns' : 'pod';
  return {
    ...EMPTY_CLIENT,
    kind,
    attribution: 'inferred',
    cluster,
    namespace,
    podName,
    workload: pod?.workload,
  };
}

/** Adds the pod labels that CoreDNS logged (`{/kubernetes/client-label/<key>}`), if they belong to that client. */
export function withLoggedLabels(client: Client, metadata: ClientMetadata | undefined): Client {
  if (metadata?.labels === undefined || metadata.labels.size === 0) return client;
  const { namespace = client.namespace, pod = client.podName, labels } = metadata;
  const isSamePod = namespace === client.namespace && pod === client.podName;
  const mayBePod = client.kind === 'pod' || client.kind === 'coredns' || client.kind === 'unknown';
  return isSamePod && mayBePod ? { ...client, loggedLabels: [...labels] } : client;
}

/** A pod as client, with attribution `inferred`. */
export const inferredClient = (directory: Directory, pod: Pod): Client =>
  clientOfOwner(directory, { kind: 'pod', pod, attribution: 'inferred' }, 'inferred', undefined);
