import { type ClientMemory, createClientMemory, createClients } from './enrich/clients.ts';
import { resolverOf } from './enrich/named.ts';
import { createScopes } from './enrich/scope.ts';
import type { Attributed, Client, Resolver } from './model/client.ts';
import type { Directory, LookupKeys } from './model/directory.ts';
import type { DnsEvent } from './model/dns-event.ts';
import type { Settings } from './model/settings.ts';

/** Tells of each event of a batch who asked; the log group tells the cluster where there are several. */
export type Enricher = { forBatch(logGroup: string | undefined): (event: DnsEvent) => Attributed };

/** An enricher for one snapshot of the directory; `memory` is kept from batch to batch. The same answer is the same object, for all of its batches. */
export function createEnricher(
  directory: Directory,
  settings: Pick<Settings, 'logGroupClusters'>,
  memory: ClientMemory = createClientMemory(),
): Enricher {
  const clientOf = createClients(directory, memory);
  const scopes = createScopes(directory.clusters, settings.logGroupClusters);
  const asking = new Map<Client, Resolver>();

  const ofResolver = (event: DnsEvent): Attributed => {
    const client = clientOf(scopes.ofVpc(event.vpcId), event);
    if (client.kind !== 'coredns' || client.pod === undefined) {
      return { client, resolver: undefined, bypassesCoreDns: client.kind === 'pod' };
    }
    let resolver = asking.get(client);
    if (resolver === undefined) {
      // The address that CoreDNS records of this pod have, whichever family this query came by.
      const ip = directory.podIps(client.pod)[0] ?? event.clientIp;
      resolver = { ip, pod: client.pod.name, instanceId: client.instanceId };
      asking.set(client, resolver);
    }
    return { client, resolver, bypassesCoreDns: false };
  };

  return {
    forBatch: (logGroup) => {
      const scope = scopes.ofGroup(logGroup);
      return (event) => {
        if (event.source === 'aws.vpcdnsquerylogs') return ofResolver(event);
        // Public zones are asked by resolvers of the whole world: their addresses are nobody's here.
        const place = event.source === 'coredns' ? scope : scopes.nowhere;
        const resolver =
          event.emitter === undefined ? undefined : resolverOf(directory, scope, event.emitter);
        return { client: clientOf(place, event), resolver, bypassesCoreDns: false };
      };
    },
  };
}

export { createClientMemory };

/** Gathers what a batch wants to know of the directory. */
export function createKeyCollector(): { add(event: DnsEvent): void; keys(): LookupKeys } {
  const clientIps = new Set<string>();
  const vpcIps = new Map<string, Set<string>>();
  const instanceIds = new Set<string>();
  return {
    add: ({ source, clientIp, vpcId, sourceIds }) => {
      if (source === 'coredns' && clientIp !== undefined) clientIps.add(clientIp);
      if (source !== 'aws.vpcdnsquerylogs') return;
      if (sourceIds?.instance !== undefined) instanceIds.add(sourceIds.instance);
      if (clientIp === undefined || vpcId === undefined) return;
      const ips = vpcIps.get(vpcId);
      if (ips === undefined) vpcIps.set(vpcId, new Set([clientIp]));
      else ips.add(clientIp);
    },
    keys: () => ({ clientIps, vpcIps, instanceIds }),
  };
}
