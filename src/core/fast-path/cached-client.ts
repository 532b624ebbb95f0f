// Gives clients a slot for their encoded form: `encoded-caches.ts` finds the bytes on the client itself. A Map look-up per
// event instead would cost three more cache misses.
import type { Client } from '../model/client.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { EncodedClient } from '../record/client-fields.ts';
import { detachString } from '../util/detach-string.ts';

/** A client with its last encoded form, and the level and VPC that it was encoded for. */
export type CachedClient = Client & {
  encoded: EncodedClient | undefined;
  encodedLevel: EscapeLevel;
  encodedVpcId: string | undefined;
};

/** `previous` if `client`, which owns the same address, has the same content; else `client` with an empty slot. */
export function reuseClient(client: Client, previous: Client | undefined): Client {
  const isSame =
    previous?.pod === client.pod &&
    previous?.instance === client.instance &&
    previous?.kind === client.kind &&
    previous.attribution === client.attribution &&
    previous.cluster === client.cluster &&
    previous.nodeName === client.nodeName &&
    previous.instanceId === client.instanceId;
  return isSame ? previous : withSlot(client);
}

/**
 * The client with an empty slot. Names that were logged do not keep their line in memory: a client outlives its batch.
 * Members are listed, not spread: V8 creates and reads listed objects several times faster.
 */
export const withSlot = (client: Client): CachedClient => ({
  kind: client.kind,
  attribution: client.attribution,
  cluster: client.cluster,
  pod: client.pod,
  namespace: client.namespace && detachString(client.namespace),
  podName: client.podName && detachString(client.podName),
  workload: client.workload,
  loggedLabels: client.loggedLabels.map(([key, value]) => [detachString(key), detachString(value)]),
  nodeName: client.nodeName,
  instanceId: client.instanceId && detachString(client.instanceId),
  instance: client.instance,
  encoded: undefined,
  encodedLevel: 1,
  encodedVpcId: undefined,
});
