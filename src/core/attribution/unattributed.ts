import type { Client } from '../model/client.ts';
import type { Directory } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { detachString } from '../util/detach-string.ts';
import { NOBODY, onInstance } from './client-of-owner.ts';
import { isPublicAddress } from './public-address.ts';
import type { Scope } from './scope.ts';

/** A client that no pod or node is known for; what it is shows from the instance, the endpoint or the address. */
export function stranger(
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
  const loggedId = sourceIds?.instance && detachString(sourceIds.instance);
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
