// The CoreDNS pod between a client and Route 53 Resolver: `dns.resolver.*`.
import type { Client, Resolver } from '../model/client.ts';
import type { Directory } from '../model/directory.ts';
import type { LogProducer } from '../model/log-line.ts';
import { detachString } from '../util/detach-string.ts';
import { inferredClient } from './client-from-metadata.ts';
import { EMPTY_CLIENT } from './client-of-owner.ts';
import type { Scope } from './scope.ts';

/** The CoreDNS pod that printed a line. */
export function resolverOfProducer(directory: Directory, scope: Scope, producer: LogProducer): Resolver {
  const { namespace = '', pod: podName = '' } = producer;
  const pod = directory.podNamed(scope.clusters, namespace, podName);
  const cluster = pod?.cluster ?? scope.cluster;
  const node =
    (pod && directory.nodeOf(pod)) ??
    (cluster && producer.node !== undefined ? directory.nodeNamed(cluster, producer.node) : undefined);
  return {
    ip: (pod === undefined ? undefined : directory.podIps(pod)[0]) ?? producer.ip,
    pod: producer.pod,
    instanceId: node?.instanceId,
  };
}

/** The CoreDNS pod that is itself the client of a Resolver record; undefined for any other client. */
export function resolverOfClient(
  directory: Directory,
  client: Client,
  clientIp: string | undefined,
): Resolver | undefined {
  if (client.kind !== 'coredns' || client.pod === undefined) return undefined;
  // The address that CoreDNS records of this pod have, even if this query came over the other address family.
  const ip = directory.podIps(client.pod)[0] ?? clientIp;
  return { ip: ip && detachString(ip), pod: client.pod.name, instanceId: client.instanceId };
}

/** Whether an address is a loopback address: `127.0.0.1`, `::1`. */
export function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.');
}

/** The client of a query over loopback: the CoreDNS pod that printed the line, unless it uses host networking. */
export function coreDnsItself(directory: Directory, scope: Scope, producer: LogProducer | undefined): Client {
  const { namespace = '', pod: podName = '' } = producer ?? {};
  const pod = directory.podNamed(scope.clusters, namespace, podName);
  return pod?.isCoreDns === true
    ? inferredClient(directory, pod)
    : { ...EMPTY_CLIENT, kind: 'unknown', attribution: 'none', cluster: scope.cluster };
}
