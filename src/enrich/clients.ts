import type { Client, ClientKind, Resolver } from '../model/client.ts';
import type { Attribution, Cluster, Directory, Node, Owner, Pod } from '../model/directory.ts';
import type { ClientHint, DnsEvent } from '../model/dns-event.ts';
import type { Emitter } from '../model/line.ts';
import { isPublicAddress } from './public-address.ts';
import type { Scope } from './scope.ts';

/** Finds out who asked. Nothing is made twice: the record writer remembers texts by object. */
export type Clients = {
  of(scope: Scope, event: DnsEvent): Client;
  /** The CoreDNS that printed a line. */
  emitter(scope: Scope, emitter: Emitter): Resolver;
};

/** The namespace of every CoreDNS that EKS runs. */
const DNS_NAMESPACE = 'kube-system';

const NOBODY: Omit<Client, 'kind' | 'attribution' | 'cluster'> = {
  pod: undefined,
  namespace: undefined,
  podName: undefined,
  workload: undefined,
  hintLabels: [],
  nodeName: undefined,
  instanceId: undefined,
  instance: undefined,
};

type Known = Exclude<Owner, { readonly kind: 'ambiguous' }>;

/** Clients of one snapshot of the directory. */
export function createClients(directory: Directory): Clients {
  // By certainty of time, by instance (of Resolver records), by answer of the directory.
  const owned = [new Map<string, Map<Known, Client>>(), new Map<string, Map<Known, Client>>()] as const;

  const ofOwner = (owner: Known, instanceId: string | undefined, isCertain: boolean): Client => {
    const byInstance = owned[isCertain ? 1 : 0];
    let byOwner = byInstance.get(instanceId ?? '');
    if (byOwner === undefined) {
      byOwner = new Map();
      byInstance.set(instanceId ?? '', byOwner);
    }
    let client = byOwner.get(owner);
    if (client === undefined) {
      const attribution = isCertain ? owner.attribution : 'inferred';
      client = ownedClient(directory, owner, attribution, instanceId);
      byOwner.set(owner, client);
    }
    return client;
  };

  return {
    of: (scope, event) => {
      const { clientIp, clientHint, timeMs, timeIsCertain, sourceIds } = event;
      const instanceId = sourceIds?.instance;
      if (event.source === 'coredns' && clientIp !== undefined && isLoopback(clientIp)) {
        return itself(directory, scope, event.emitter);
      }
      const owner = clientIp === undefined ? undefined : directory.ownerAt(scope.clusters, clientIp, timeMs);
      if (clientHint !== undefined && mayOverrule(clientHint, owner, timeIsCertain)) {
        return hinted(directory, scope, clientIp ?? '', clientHint);
      }
      if (owner === undefined || owner.kind === 'ambiguous') {
        return stranger(directory, scope, event, owner === undefined ? 'none' : 'ambiguous');
      }
      return ofOwner(owner, instanceId, timeIsCertain);
    },
    emitter: (scope, emitter) => {
      const { namespace = DNS_NAMESPACE, pod = '', ip = '', node = '' } = emitter;
      const key = `${namespace} ${pod} ${ip} ${node}`;
      let resolver = scope.emitters.get(key);
      if (resolver === undefined) {
        resolver = emitterOf(directory, scope, emitter, namespace);
        scope.emitters.set(key, resolver);
      }
      return resolver;
    },
  };
}

function ownedClient(
  directory: Directory,
  owner: Known,
  attribution: Attribution,
  loggedId: string | undefined,
): Client {
  const pod = owner.kind === 'pod' ? owner.pod : undefined;
  const node = owner.kind === 'node' ? owner.node : nodeOf(directory, owner.pod);
  if (loggedId !== undefined && node?.instanceId !== undefined && node.instanceId !== loggedId) {
    // AWS saw another instance send this packet, so what the directory knows of the address is out of date.
    return onInstance(directory, loggedId, 'unknown', 'ambiguous', undefined);
  }
  const instanceId = loggedId ?? node?.instanceId;
  const place = {
    nodeName: node?.name ?? pod?.nodeName,
    instanceId,
    instance: instanceId === undefined ? undefined : directory.instance(instanceId),
  };
  if (owner.kind === 'node') {
    return { ...NOBODY, kind: 'node', attribution, cluster: owner.node.cluster, ...place };
  }
  return { ...podClient(owner.pod, attribution), ...place };
}

function podClient(pod: Pod, attribution: Attribution): Client {
  return {
    ...NOBODY,
    kind: pod.isCoreDns ? 'coredns' : 'pod',
    attribution,
    cluster: pod.cluster,
    pod,
    namespace: pod.namespace,
    podName: pod.name,
    workload: pod.workload,
  };
}

function nodeOf(directory: Directory, pod: Pod): Node | undefined {
  return pod.nodeName === undefined ? undefined : directory.nodeNamed(pod.cluster, pod.nodeName);
}

/** A client of which only the instance is known; the instance's node gives the cluster. */
function onInstance(
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

/** A client that no pod or node is known for; what it is shows from the instance, the endpoint or the address. */
function stranger(
  directory: Directory,
  scope: Scope,
  event: DnsEvent,
  attribution: 'none' | 'ambiguous',
): Client {
  const { clientIp = '', sourceIds, timeIsCertain } = event;
  const { instance = '', resolverEndpoint = '' } = sourceIds ?? {};
  const asked = sourceIds === undefined ? clientIp : `${clientIp} ${instance} ${resolverEndpoint}`;
  const key = attribution === 'none' && timeIsCertain ? asked : `${asked} ${attribution} ${timeIsCertain}`;
  let client = scope.strangers.get(key);
  if (client === undefined) {
    client = strangerClient(directory, scope, event, attribution);
    const same = `${client.kind} ${client.attribution} ${client.instanceId}`;
    client = scope.plain.get(same) ?? client;
    scope.plain.set(same, client);
    scope.strangers.set(key, client);
  }
  return client;
}

function strangerClient(
  directory: Directory,
  { cluster, vpcId }: Scope,
  { clientIp, sourceIds, timeIsCertain }: DnsEvent,
  attribution: 'none' | 'ambiguous',
): Client {
  const loggedId = sourceIds?.instance;
  const isAddressed = loggedId === undefined && clientIp !== undefined && vpcId !== undefined;
  const instanceId = loggedId ?? (isAddressed ? directory.instanceAt(vpcId, clientIp)?.id : undefined);
  if (instanceId === undefined) {
    const isPublic = clientIp !== undefined && attribution === 'none' && isPublicAddress(clientIp);
    const elsewhere = isPublic ? 'external' : 'unknown';
    const kind = sourceIds?.resolverEndpoint === undefined ? elsewhere : 'endpoint';
    return { ...NOBODY, kind, attribution, cluster };
  }
  const client = onInstance(directory, instanceId, 'unknown', attribution, cluster);
  const isNode = client.nodeName !== undefined;
  if (isNode || attribution === 'ambiguous') return client;
  if (client.instance === undefined) {
    return sourceIds?.resolverEndpoint === undefined ? client : { ...client, kind: 'endpoint' };
  }
  // What the record itself says is as sure as its time; what EC2 says of the address is what it is now.
  const isSure = loggedId !== undefined && timeIsCertain;
  return { ...client, kind: 'instance', attribution: isSure ? 'exact' : 'inferred' };
}

/** Whether the pod that CoreDNS names tells more than the directory, which is never overruled when it is sure. */
function mayOverrule(hint: ClientHint, owner: Owner | undefined, timeIsCertain: boolean): boolean {
  if (hint.namespace === undefined && hint.pod === undefined) return false;
  if (owner === undefined || owner.kind === 'ambiguous') return true;
  // CoreDNS finds pods of the host network under the address of their node: any of them, so none.
  if (owner.kind === 'node' || (owner.attribution === 'exact' && timeIsCertain)) return false;
  const { namespace = owner.pod.namespace, pod = owner.pod.name } = hint;
  return namespace !== owner.pod.namespace || pod !== owner.pod.name;
}

function hinted(directory: Directory, scope: Scope, ip: string, hint: ClientHint): Client {
  const { namespace, pod: podName } = hint;
  const key = `${ip} ${namespace ?? ''} ${podName ?? ''}`;
  let client = scope.hinted.get(key);
  if (client === undefined) {
    const isNamed = namespace !== undefined && podName !== undefined;
    const pod = isNamed ? directory.podNamed(scope.clusters, namespace, podName) : undefined;
    const hintLabels = [...(hint.labels ?? [])];
    // A pod of a StatefulSet comes back under its name: only with this very address is it this one.
    const isSame = pod !== undefined && directory.podIps(pod).includes(ip);
    client = isSame
      ? {
          ...ownedClient(directory, { kind: 'pod', pod, attribution: 'inferred' }, 'inferred', undefined),
          hintLabels,
        }
      : {
          ...NOBODY,
          kind: 'pod',
          attribution: 'inferred',
          cluster: scope.cluster,
          namespace,
          podName,
          hintLabels,
        };
    scope.hinted.set(key, client);
  }
  return client;
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.');
}

/** Who asks over loopback: the CoreDNS pod that printed the line, unless it shares the node's network. */
function itself(directory: Directory, scope: Scope, emitter: Emitter | undefined): Client {
  const { namespace = DNS_NAMESPACE, pod: podName = '' } = emitter ?? {};
  const key = `itself ${namespace} ${podName}`;
  let client = scope.hinted.get(key);
  if (client === undefined) {
    const pod = directory.podNamed(scope.clusters, namespace, podName);
    client =
      pod?.isCoreDns === true
        ? ownedClient(directory, { kind: 'pod', pod, attribution: 'inferred' }, 'inferred', undefined)
        : { ...NOBODY, kind: 'unknown', attribution: 'none', cluster: scope.cluster };
    scope.hinted.set(key, client);
  }
  return client;
}

function emitterOf(directory: Directory, scope: Scope, emitter: Emitter, namespace: string): Resolver {
  const named =
    emitter.pod === undefined ? undefined : directory.podNamed(scope.clusters, namespace, emitter.pod);
  const cluster = named?.cluster ?? scope.cluster;
  const nodeName = named?.nodeName ?? emitter.node;
  const hasNode = cluster !== undefined && nodeName !== undefined;
  return {
    ip: (named === undefined ? undefined : directory.podIps(named)[0]) ?? emitter.ip,
    pod: emitter.pod,
    instanceId: hasNode ? directory.nodeNamed(cluster, nodeName)?.instanceId : undefined,
  };
}
