import type { Client, Resolver } from '../model/client.ts';
import type { Directory, OwnerLookup, Pod } from '../model/directory.ts';
import type { ClientMetadata } from '../model/dns-event.ts';
import type { LogProducer } from '../model/log-line.ts';
import { NOBODY, ownedClient } from './client-of-owner.ts';
import type { Scope } from './scope.ts';

/** The namespace of every CoreDNS that EKS runs. */
const DNS_NAMESPACE = 'kube-system';

/** Whether the pod that CoreDNS names tells more than the directory, which is never overruled when it is sure. */
export function mayOverrule(
  hint: ClientMetadata,
  owner: OwnerLookup | undefined,
  timeIsCertain: boolean,
): boolean {
  if (hint.namespace === undefined && hint.pod === undefined) return false;
  if (owner === undefined || owner.kind === 'ambiguous') return true;
  // CoreDNS finds pods of the host network under the address of their node: any of them, so none.
  if (owner.kind === 'node' || (owner.attribution === 'exact' && timeIsCertain)) return false;
  const { namespace = owner.pod.namespace, pod = owner.pod.name } = hint;
  return namespace !== owner.pod.namespace || pod !== owner.pod.name;
}

/**
 * The client that CoreDNS named (`{/kubernetes/client-pod-name}`); undefined where that is a pod in the network of its
 * node, which CoreDNS finds for any of them.
 */
export function hinted(
  directory: Directory,
  scope: Scope,
  ip: string,
  hint: ClientMetadata,
): Client | undefined {
  const { namespace, pod: podName } = hint;
  const key = `${ip} ${namespace ?? ''} ${podName ?? ''}`;
  let client = scope.hinted.get(key);
  if (client === undefined) {
    const isNamed = namespace !== undefined && podName !== undefined;
    const pod = isNamed ? directory.podNamed(scope.clusters, namespace, podName) : undefined;
    if (pod?.isHostNetwork) return undefined;
    client = hintedClient(directory, scope, ip, hint, pod);
    scope.hinted.set(key, client);
  }
  return client;
}

/** `client` with the pod labels that CoreDNS logged, where they are its own (`{/kubernetes/client-label/<key>}`). */
export function labelled({ labelled: known }: Scope, client: Client, hint: ClientMetadata): Client {
  const { namespace = client.namespace, pod = client.podName, labels = new Map() } = hint;
  const isMeant = namespace === client.namespace && pod === client.podName;
  const mayBePod = client.kind === 'pod' || client.kind === 'coredns' || client.kind === 'unknown';
  if (labels.size === 0 || !isMeant || !mayBePod) return client;
  const loggedLabels = [...labels];
  const key = JSON.stringify(loggedLabels);
  const same = known.get(client) ?? new Map<string, Client>();
  const made = same.get(key) ?? { ...client, loggedLabels };
  known.set(client, same.set(key, made));
  return made;
}

function hintedClient(
  directory: Directory,
  { cluster }: Scope,
  ip: string,
  { namespace, pod: podName }: ClientMetadata,
  pod: Pod | undefined,
): Client {
  // A pod of a StatefulSet comes back under its name: only with this very address it is this one.
  if (pod !== undefined && directory.podIps(pod).includes(ip)) return inferredClient(directory, pod);
  const kind = pod?.isCoreDns === true ? 'coredns' : 'pod';
  return { ...NOBODY, kind, attribution: 'inferred', cluster, namespace, podName, workload: pod?.workload };
}

function inferredClient(directory: Directory, pod: Pod): Client {
  return ownedClient(directory, { kind: 'pod', pod, attribution: 'inferred' }, 'inferred', undefined);
}

/** `127.0.0.1`, `::1`. */
export function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.');
}

/** Who asks over loopback: the CoreDNS pod that printed the line, unless it shares the node's network. */
export function itself(directory: Directory, scope: Scope, producer: LogProducer | undefined): Client {
  const { namespace = DNS_NAMESPACE, pod: podName = '' } = producer ?? {};
  const key = `itself ${namespace} ${podName}`;
  let client = scope.hinted.get(key);
  if (client === undefined) {
    const pod = directory.podNamed(scope.clusters, namespace, podName);
    client =
      pod?.isCoreDns === true
        ? inferredClient(directory, pod)
        : { ...NOBODY, kind: 'unknown', attribution: 'none', cluster: scope.cluster };
    scope.hinted.set(key, client);
  }
  return client;
}

/** The CoreDNS that printed a line; the unwrapper gives one object per pod. */
export function resolverOf(directory: Directory, scope: Scope, producer: LogProducer): Resolver {
  let resolver = scope.producers.get(producer);
  if (resolver === undefined) {
    const { namespace = DNS_NAMESPACE, pod = '' } = producer;
    const named = directory.podNamed(scope.clusters, namespace, pod);
    const cluster = named?.cluster ?? scope.cluster;
    const node =
      (named && directory.nodeOf(named)) ??
      (cluster && producer.node !== undefined ? directory.nodeNamed(cluster, producer.node) : undefined);
    resolver = {
      ip: (named === undefined ? undefined : directory.podIps(named)[0]) ?? producer.ip,
      pod: producer.pod,
      instanceId: node?.instanceId,
    };
    scope.producers.set(producer, resolver);
  }
  return resolver;
}
