// Attribution: which pod, node or instance sent a query, and which CoreDNS pod forwarded it.
import type { AttributionResult } from '../model/client.ts';
import type { Directory } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { CLIENT_SCOPES } from '../model/log-sources.ts';
import type { Origin } from '../model/origin.ts';
import type { Settings } from '../model/settings.ts';
import { lifetimesOfProducer, mayBeExact } from './genuine.ts';
import { resolveClient } from './resolve-client.ts';
import { resolverOfClient, resolverOfProducer } from './resolver.ts';
import { EMPTY_SCOPE, type Scope, scopeOfOrigin, scopeOfVpc } from './scope.ts';

/** Attributes the events of one batch. */
export interface Attributor {
  /** The scope of an origin, to be passed to `attribute` with each event of that origin. */
  scopeOf(origin: Origin): Scope;
  /** The client of an event and its resolver, from the directory of the batch. */
  attribute(scope: Scope, event: DnsEvent): AttributionResult;
}

/** Creates the attributor of each batch from the directory that was looked up for it. */
export type AttributorFactory = (directory: Directory) => Attributor;

/** The settings on which attribution depends. */
export type AttributionSettings = Pick<Settings, 'logGroupClusters'>;

/** Creates an attributor that resolves every event anew. */
export function createAttributor(
  directory: Directory,
  { logGroupClusters }: AttributionSettings,
): Attributor {
  const { clusters } = directory;
  return {
    scopeOf: (origin) => scopeOfOrigin(clusters, logGroupClusters, origin),
    attribute: (groupScope, event) => {
      const isExact = mayBeExact(event, (producer) => lifetimesOfProducer(directory, groupScope, producer));
      if (CLIENT_SCOPES[event.source] === 'vpc') {
        const client = resolveClient(
          directory,
          scopeOfVpc(clusters, event.vpcId, event.accountId),
          event,
          isExact,
        );
        const resolver = resolverOfClient(directory, client, event.clientIp);
        return { client, resolver, bypassesCoreDns: client.kind === 'pod' };
      }
      const scope = CLIENT_SCOPES[event.source] === 'log-group' ? groupScope : EMPTY_SCOPE;
      const client = resolveClient(directory, scope, event, isExact);
      const { producer } = event;
      const resolver = producer && resolverOfProducer(directory, groupScope, producer);
      return { client, resolver, bypassesCoreDns: false };
    },
  };
}
