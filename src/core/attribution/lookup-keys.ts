import type { VpcLookupKeys } from '../model/directory.ts';
import { CLIENT_SCOPES } from '../model/log-sources.ts';
import type { EventLookupKeys } from '../model/ports.ts';
import { detachString } from '../util/detach-string.ts';

type VpcKeysBuilder = VpcLookupKeys & { readonly ips: Set<string>; readonly instanceIds: Set<string> };

/** The `BatchLookupKeys` of a batch, under construction. */
export type LookupKeysBuilder = {
  readonly clientIps: Set<string>;
  readonly vpcs: VpcKeysBuilder[];
  /** `vpcs` by id, account and region. */
  readonly byOrigin: Map<string, VpcKeysBuilder>;
};

/** Creates an empty set of keys. */
export const createLookupKeys = (): LookupKeysBuilder => ({
  clientIps: new Set(),
  vpcs: [],
  byOrigin: new Map(),
});

/** Adds the keys of an event. */
export function collectKeys(keys: LookupKeysBuilder, event: EventLookupKeys): void {
  const { source, clientIp, vpcId } = event;
  const scope = CLIENT_SCOPES[source];
  if (scope === 'log-group' && clientIp !== undefined) addDetached(keys.clientIps, clientIp);
  if (scope !== 'vpc') return;
  const instanceId = event.sourceIds?.instance;
  const hasAddress = clientIp !== undefined && vpcId !== undefined;
  if (instanceId === undefined && !hasAddress) return;
  const vpc = vpcKeysOf(keys, event);
  if (instanceId !== undefined) addDetached(vpc.instanceIds, instanceId);
  if (hasAddress) addDetached(vpc.ips, clientIp);
}

/** The keys of the event's VPC, created when they are missing. */
function vpcKeysOf(
  keys: LookupKeysBuilder,
  { vpcId, accountId, region }: Pick<EventLookupKeys, 'vpcId' | 'accountId' | 'region'>,
): VpcKeysBuilder {
  // Nearly all records of a batch come from one VPC.
  const last = keys.vpcs.at(-1);
  if (last?.vpcId === vpcId && last?.accountId === accountId && last?.region === region && last) return last;
  const origin = JSON.stringify([vpcId, accountId, region]);
  const known = keys.byOrigin.get(origin);
  if (known !== undefined) return known;
  const created: VpcKeysBuilder = {
    vpcId: vpcId && detachString(vpcId),
    accountId: accountId && detachString(accountId),
    region: region && detachString(region),
    ips: new Set(),
    instanceIds: new Set(),
  };
  keys.byOrigin.set(origin, created);
  keys.vpcs.push(created);
  return created;
}

/** The directory keeps the keys: they must not keep the envelope's text alive. */
function addDetached(set: Set<string>, text: string): void {
  if (!set.has(text)) set.add(detachString(text));
}
