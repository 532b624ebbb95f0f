import type { BatchLookupKeys } from '../model/directory.ts';
import { CLIENT_SCOPES } from '../model/log-sources.ts';
import type { EventLookupKeys } from '../model/ports.ts';
import { detachString } from '../util/detach-string.ts';

/** The look-up keys of a batch, under construction. */
export type LookupKeysBuilder = {
  readonly clientIps: Set<string>;
  readonly vpcIps: Map<string, Set<string>>;
  readonly instanceIds: Set<string>;
} & BatchLookupKeys;

/** Creates an empty set of keys. */
export const createLookupKeys = (): LookupKeysBuilder => ({
  clientIps: new Set(),
  vpcIps: new Map(),
  instanceIds: new Set(),
});

/** Adds the keys of an event. */
export function collectKeys(
  keys: LookupKeysBuilder,
  { source, clientIp, vpcId, sourceIds }: EventLookupKeys,
): void {
  const scope = CLIENT_SCOPES[source];
  if (scope === 'log-group' && clientIp !== undefined) addDetached(keys.clientIps, clientIp);
  if (scope !== 'vpc') return;
  if (sourceIds?.instance !== undefined) addDetached(keys.instanceIds, sourceIds.instance);
  if (clientIp === undefined || vpcId === undefined) return;
  const ips = keys.vpcIps.get(vpcId);
  if (ips === undefined) keys.vpcIps.set(vpcId, new Set([detachString(clientIp)]));
  else addDetached(ips, clientIp);
}

/** The directory keeps the keys: they must not keep the envelope's text alive. */
function addDetached(set: Set<string>, text: string): void {
  if (!set.has(text)) set.add(detachString(text));
}
