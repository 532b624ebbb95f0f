import type { Client } from '../model/client.ts';
import type { Directory } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { detachString } from '../util/detach-string.ts';
import { clientOfInstance, EMPTY_CLIENT } from './client-of-owner.ts';
import { isPublicAddress } from './public-address.ts';
import type { Scope } from './scope.ts';

/** Classifies a client without a known pod or node by its instance, Resolver endpoint or IP address. */
export function unattributedClient(
  directory: Directory,
  { cluster, vpcId, accountId = cluster?.accountId }: Scope,
  { clientIp, sourceIds }: Pick<DnsEvent, 'clientIp' | 'sourceIds'>,
  attribution: 'none' | 'ambiguous',
  mayBeExact: boolean,
): Client {
  const loggedId = sourceIds?.instance && detachString(sourceIds.instance);
  const hasAddress = loggedId === undefined && clientIp !== undefined && vpcId !== undefined;
  const instanceId =
    loggedId ?? (hasAddress ? directory.instanceAt(vpcId, clientIp, accountId)?.id : undefined);
  if (instanceId === undefined) {
    const isPublic = clientIp !== undefined && attribution === 'none' && isPublicAddress(clientIp);
    const byAddress = isPublic ? 'external' : 'unknown';
    const kind = sourceIds?.resolverEndpoint === undefined ? byAddress : 'endpoint';
    return { ...EMPTY_CLIENT, kind, attribution, cluster };
  }
  const client = clientOfInstance(directory, instanceId, accountId, attribution, cluster);
  const isNode = client.nodeName !== undefined;
  if (isNode || attribution === 'ambiguous') return client;
  if (client.instance === undefined) {
    return sourceIds?.resolverEndpoint === undefined ? client : { ...client, kind: 'endpoint' };
  }
  // The instance id in the record is as certain as the record; EC2 knows only the present owner of an address.
  const isCertain = loggedId !== undefined && mayBeExact;
  return { ...client, kind: 'instance', attribution: isCertain ? 'exact' : 'inferred' };
}
