import type { AttributionResult, Client, Resolver } from '../model/client.ts';
import type { BatchLookupKeys, Directory } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { EventLookupKeys } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { detachString } from '../util/detach-string.ts';
import { resolverOf } from './client-from-metadata.ts';
import {
  askerOf,
  beginBatch,
  type ClientMemory,
  type Clients,
  clientOf,
  createClientMemory,
} from './resolve-client.ts';
import { createScopes, type Scope, type Scopes, scopeOfGroup, scopeOfVpc } from './scope.ts';

export { createClientMemory, type Scope };

/** What is known of the clients of a batch: a snapshot of the directory, and the answers given so far. */
export type Enricher = {
  readonly clients: Clients;
  readonly scopes: Scopes;
  readonly configured: ReadonlyMap<string, string>;
  /** CoreDNS pods that asked the Resolver. */
  readonly asking: Map<Client, Resolver>;
};

/** An enricher for one snapshot of the directory; `memory` is kept from batch to batch. The same answer is the same object, for all of its batches. */
export const createEnricher = (
  directory: Directory,
  settings: Pick<Settings, 'logGroupClusters'>,
  memory: ClientMemory = createClientMemory(),
): Enricher => ({
  clients: beginBatch(directory, memory),
  scopes: createScopes(directory.clusters, memory.askers),
  configured: settings.logGroupClusters,
  asking: new Map(),
});

/** Where the clients of a log group are; it tells the cluster where there are several. */
export const scopeOf = ({ scopes, configured }: Enricher, logGroup: string | undefined): Scope =>
  scopeOfGroup(scopes, configured, logGroup);

/** Tells who asked, and who answered; `scope` is that of the event's log group. */
export function attribute(enricher: Enricher, scope: Scope, event: DnsEvent): AttributionResult {
  const { clients, scopes } = enricher;
  if (event.source === 'aws.vpcdnsquerylogs') return ofResolver(enricher, event);
  // Public zones are asked by resolvers of the whole world: their addresses are nobody's here.
  const place = event.source === 'coredns' ? scope : scopes.nowhere;
  const { producer } = event;
  const resolver = producer === undefined ? undefined : resolverOf(clients.directory, scope, producer);
  const asker = askerOf(clients, place, event.clientIp);
  const client = clientOf(clients, place, event, asker);
  return { client, note: asker, resolver, bypassesCoreDns: false };
}

function ofResolver({ clients, scopes, asking }: Enricher, event: DnsEvent): AttributionResult {
  const scope = scopeOfVpc(scopes, event.vpcId);
  const asker = askerOf(clients, scope, event.clientIp);
  const client = clientOf(clients, scope, event, asker);
  if (client.kind !== 'coredns' || client.pod === undefined) {
    return { client, note: asker, resolver: undefined, bypassesCoreDns: client.kind === 'pod' };
  }
  let resolver = asking.get(client);
  if (resolver === undefined) {
    // The address that CoreDNS records of this pod have, whichever family this query came by.
    const ip = clients.directory.podIps(client.pod)[0] ?? event.clientIp;
    resolver = { ip: ip && detachString(ip), pod: client.pod.name, instanceId: client.instanceId };
    asking.set(client, resolver);
  }
  return { client, note: asker, resolver, bypassesCoreDns: false };
}

/** What a batch wants to know of the directory, in the making. */
export type LookupKeysBuilder = {
  readonly clientIps: Set<string>;
  readonly vpcIps: Map<string, Set<string>>;
  readonly instanceIds: Set<string>;
} & BatchLookupKeys;

/** Nothing is wanted yet. */
export const createLookupKeys = (): LookupKeysBuilder => ({
  clientIps: new Set(),
  vpcIps: new Map(),
  instanceIds: new Set(),
});

/** Adds what an event wants to know. */
export function collectKeys(
  keys: LookupKeysBuilder,
  { source, clientIp, vpcId, sourceIds }: EventLookupKeys,
): void {
  if (source === 'coredns' && clientIp !== undefined) addCopy(keys.clientIps, clientIp);
  if (source !== 'aws.vpcdnsquerylogs') return;
  if (sourceIds?.instance !== undefined) addCopy(keys.instanceIds, sourceIds.instance);
  if (clientIp === undefined || vpcId === undefined) return;
  const ips = keys.vpcIps.get(vpcId);
  if (ips === undefined) keys.vpcIps.set(vpcId, new Set([detachString(clientIp)]));
  else addCopy(ips, clientIp);
}

/** The directory remembers what it was asked for. */
function addCopy(set: Set<string>, text: string): void {
  if (!set.has(text)) set.add(detachString(text));
}
