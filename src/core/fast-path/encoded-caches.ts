// Keeps the encoded form of fields that many records share.
import type { Client } from '../model/client.ts';
import type { Cluster } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { Origin } from '../model/origin.ts';
import type { EncodedClient } from '../record/client-fields.ts';
import type { Encoders } from '../record/encoders.ts';
import { bytesOf } from '../record/json-encoder.ts';
import { detachString } from '../util/detach-string.ts';
import { createTwoGenerationCache } from '../util/two-generation-cache.ts';
import type { CachedClient } from './cached-client.ts';

const MAX_INSTANCES = 1000;

/** Wraps the encoders with caches; see `Acceleration.encoders`. */
export const withEncodedCaches = (ordinary: Encoders, level: EscapeLevel): Encoders => ({
  client: createClientEncoder(ordinary, level),
  resolver: lastOf(ordinary.resolver),
  origin: createOriginEncoder(ordinary),
});

/** Keeps the encoded form on the client, see `cached-client.ts`. */
function createClientEncoder(encoders: Encoders, level: EscapeLevel): Encoders['client'] {
  // Pods of one instance share the bytes of their placement.
  const shared = createTwoGenerationCache((text: string) => bytesOf(text), MAX_INSTANCES);
  return (client: Client, vpcId: string | undefined): EncodedClient => {
    const slot = client as CachedClient;
    const { encoded } = slot;
    if (encoded !== undefined && slot.encodedVpcId === vpcId && slot.encodedLevel === level) return encoded;
    const { identity, placement, wasTruncated } = encoders.client(client, vpcId);
    const made = { identity, placement: shared(Buffer.from(placement).toString('latin1')), wasTruncated };
    slot.encoded = made;
    slot.encodedLevel = level;
    slot.encodedVpcId = vpcId && detachString(vpcId);
    return made;
  };
}

/** Keeps the last origin: the events of one record nearly always come from one account and region. */
function createOriginEncoder(encoders: Encoders): Encoders['origin'] {
  let lastOrigin: Origin | undefined;
  let lastCluster: Cluster | undefined;
  let lastAccountId: string | undefined;
  let lastRegion: string | undefined;
  let lastSource: DnsEvent['source'] | undefined;
  let lastBytes: Uint8Array | undefined;
  return (origin, event, cluster) => {
    const isLast =
      lastOrigin === origin &&
      lastCluster === cluster &&
      lastAccountId === event.accountId &&
      lastRegion === event.region &&
      lastSource === event.source;
    if (lastBytes === undefined || !isLast) {
      lastOrigin = origin;
      lastCluster = cluster;
      lastAccountId = event.accountId;
      lastRegion = event.region;
      lastSource = event.source;
      lastBytes = encoders.origin(origin, event, cluster);
    }
    return lastBytes;
  };
}

/** Keeps the last result: neighbouring lines share their resolver. */
function lastOf<K>(encode: (key: K) => Uint8Array): (key: K) => Uint8Array {
  let last: K | undefined;
  let bytes: Uint8Array | undefined;
  return (key) => {
    if (bytes === undefined || last !== key) {
      last = key;
      bytes = encode(key);
    }
    return bytes;
  };
}
