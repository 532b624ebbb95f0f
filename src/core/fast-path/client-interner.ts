// Makes equal clients the same object, and gives each a slot for its encoded form: `record-caches.ts` finds the bytes on
// the client itself. A Map look-up per event instead would cost three more cache misses.
import type { Client } from '../model/client.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { EncodedClient } from '../record/client-fields.ts';
import { detachString } from '../util/detach-string.ts';
import { createTwoGenerationCache } from '../util/two-generation-cache.ts';

/** A client with its last encoded form, and the level and VPC that it was encoded for. */
export type CachedClient = Client & {
  encoded: EncodedClient | undefined;
  encodedLevel: EscapeLevel;
  encodedVpcId: string | undefined;
};

/** Returns an earlier client of equal content where there is one, else the client itself with an empty slot. */
export type InternClient = (client: Client) => CachedClient;

// Clients without a pod of the directory: few, because most differ only in their address, which is not part of a client.
const MAX_CLIENTS = 1000;

/** Creates an interner. */
export function createClientInterner(): InternClient {
  const slots = createTwoGenerationCache((_: string): { client?: CachedClient } => ({}), MAX_CLIENTS);
  return (client) => {
    const slot = slots(keyOf(client));
    const known = slot.client;
    // The key alone does not tell all clients apart: a pod may be called `undefined`.
    const isSame =
      known !== undefined &&
      known.pod === client.pod &&
      known.cluster === client.cluster &&
      known.workload === client.workload &&
      known.instance === client.instance &&
      known.namespace === client.namespace &&
      known.podName === client.podName &&
      known.nodeName === client.nodeName &&
      known.instanceId === client.instanceId;
    if (known !== undefined && isSame) return known;
    slot.client = withSlot(withDetachedNames(client));
    return slot.client;
  };
}

const keyOf = (client: Client): string => {
  const { kind, attribution, namespace, podName, nodeName, instanceId, loggedLabels } = client;
  const labels = loggedLabels.length === 0 ? '' : JSON.stringify(loggedLabels);
  return `${kind} ${attribution} ${namespace} ${podName} ${nodeName} ${instanceId} ${labels}`;
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

/** A copy whose logged names do not keep their line in memory: a client outlives its batch. */
const withDetachedNames = (client: Client): Client => ({
  ...client,
  namespace: client.namespace && detachString(client.namespace),
  podName: client.podName && detachString(client.podName),
  loggedLabels: client.loggedLabels.map(([key, value]) => [detachString(key), detachString(value)]),
});

// Members are listed, not spread: V8 creates and reads listed objects several times faster.
const withSlot = (client: Client): CachedClient => ({
  kind: client.kind,
  attribution: client.attribution,
  cluster: client.cluster,
  pod: client.pod,
  namespace: client.namespace,
  podName: client.podName,
  workload: client.workload,
  loggedLabels: client.loggedLabels,
  nodeName: client.nodeName,
  // May be a slice of a Resolver record.
  instanceId: client.instanceId && detachString(client.instanceId),
  instance: client.instance,
  encoded: undefined,
  encodedLevel: 1,
  encodedVpcId: undefined,
});
