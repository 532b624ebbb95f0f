// Attribution: which pod, node or instance sent a query, and which CoreDNS pod forwarded it.
import type { AttributionResult } from '../model/client.ts';
import type { Directory } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { CLIENT_SCOPES } from '../model/log-sources.ts';
import type { Settings } from '../model/settings.ts';
import { resolveClient } from './resolve-client.ts';
import { resolverOfClient, resolverOfProducer } from './resolver.ts';
import { EMPTY_SCOPE, type Scope, scopeOfLogGroup, scopeOfVpc } from './scope.ts';

/** Attributes the events of one batch. */
export interface Attributor {
  /** The scope of a record's log group, to be passed to `attribute` with each of its events. */
  scopeOf(logGroup: string | undefined): Scope;
  /** The client of an event and its resolver, from the directory of the batch. */
  attribute(scope: Scope, event: DnsEvent): AttributionResult;
}

/** Creates the attributor of each batch from the directory that was looked up for it. */
export type AttributorFactory = (directory: Directory) => Attributor;

/** Creates an attributor that resolves every event anew. */
export function createAttributor(
  directory: Directory,
  settings: Pick<Settings, 'logGroupClusters'>,
): Attributor {
  const { clusters } = directory;
  return {
    scopeOf: (logGroup) => scopeOfLogGroup(clusters, settings.logGroupClusters, logGroup),
    attribute: (groupScope, event) => {
      if (CLIENT_SCOPES[event.source] === 'vpc') {
        const client = resolveClient(directory, scopeOfVpc(clusters, event.vpcId), event);
        const resolver = resolverOfClient(directory, client, event.clientIp);
        return { client, resolver, bypassesCoreDns: client.kind === 'pod' };
      }
      const scope = CLIENT_SCOPES[event.source] === 'log-group' ? groupScope : EMPTY_SCOPE;
      const client = resolveClient(directory, scope, event);
      const { producer } = event;
      const resolver = producer && resolverOfProducer(directory, groupScope, producer);
      return { client, resolver, bypassesCoreDns: false };
    },
  };
}
