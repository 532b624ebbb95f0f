import type { Client } from '../model/client.ts';
import type { Directory, OwnerLookup } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { CLIENT_SCOPES } from '../model/log-sources.ts';
import { clientFromMetadata, overridesOwner, withLoggedLabels } from './client-from-metadata.ts';
import { clientOfOwner } from './client-of-owner.ts';
import { coreDnsItself, isLoopback } from './resolver.ts';
import type { Scope } from './scope.ts';
import { unattributedClient } from './unattributed.ts';

/**
 * Finds the client of an event: the pod, node or instance that owned its IP address at the time of the query. Without
 * `mayBeExact` the attribution is at most `inferred`.
 */
export function resolveClient(
  directory: Directory,
  scope: Scope,
  event: DnsEvent,
  mayBeExact: boolean,
): Client {
  return withLoggedLabels(clientWithoutLabels(directory, scope, event, mayBeExact), event.clientMetadata);
}

function clientWithoutLabels(
  directory: Directory,
  scope: Scope,
  event: DnsEvent,
  mayBeExact: boolean,
): Client {
  const { clientIp, timeMs } = event;
  if (clientIp === undefined) return clientByLookup(directory, scope, event, undefined, mayBeExact);
  if (isOwnLoopback(event, clientIp)) return coreDnsItself(directory, scope, event.producer);
  const owner = directory.ownerAt(directory.historyOf(scope.clusters, clientIp), timeMs);
  return clientByLookup(directory, scope, event, owner, mayBeExact);
}

/** Whether the query came over loopback, from the machine or pod of the CoreDNS that printed the line. */
const isOwnLoopback = (event: DnsEvent, clientIp: string): boolean =>
  CLIENT_SCOPES[event.source] === 'log-group' && isLoopback(clientIp);

/** The client for an owner look-up: CoreDNS's metadata where it overrides, else the owner, else the instance or address. */
export function clientByLookup(
  directory: Directory,
  scope: Scope,
  event: DnsEvent,
  owner: OwnerLookup | undefined,
  mayBeExact: boolean,
): Client {
  const { clientIp = '', clientMetadata } = event;
  if (clientMetadata !== undefined && overridesOwner(clientMetadata, owner, mayBeExact)) {
    const named = clientFromMetadata(directory, scope, clientIp, clientMetadata);
    return named ?? unattributedClient(directory, scope, event, 'none', mayBeExact);
  }
  if (owner === undefined) return unattributedClient(directory, scope, event, 'none', mayBeExact);
  if (owner.kind === 'ambiguous') return unattributedClient(directory, scope, event, 'ambiguous', mayBeExact);
  const attribution = mayBeExact ? owner.attribution : 'inferred';
  return clientOfOwner(directory, owner, attribution, event.sourceIds?.instance);
}
