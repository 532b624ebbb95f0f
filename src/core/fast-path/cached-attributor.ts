import { withLoggedLabels } from '../attribution/client-from-metadata.ts';
import type { Attributor, AttributorFactory } from '../attribution/index.ts';
import { clientByLookup } from '../attribution/resolve-client.ts';
import { coreDnsItself, resolverOfClient, resolverOfProducer } from '../attribution/resolver.ts';
import { NOWHERE, type Scope, scopeOfLogGroup, scopeOfVpc } from '../attribution/scope.ts';
import type { AttributionResult, Client, Resolver } from '../model/client.ts';
import type { Directory } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { LogProducer } from '../model/log-line.ts';
import { CLIENT_SCOPES } from '../model/log-sources.ts';
import type { Settings } from '../model/settings.ts';
import { detachString } from '../util/detach-string.ts';
import {
  type ClientCache,
  type ClientCacheEntry,
  type ClientCaches,
  clearClientCaches,
  clientCacheFor,
  createClientCaches,
  isFull,
  LAST_SECOND,
  NO_SECOND,
  revalidate,
} from './client-cache.ts';
import { createClientInterner, type InternClient, reuseClient } from './client-interner.ts';

/** A scope with its caches. */
type CachedScope = Scope & {
  readonly cache: ClientCache;
  readonly resolvers: Map<LogProducer, Resolver>;
};

/** The state of one batch. */
type Batch = {
  readonly number: number;
  readonly directory: Directory;
  readonly topologyRevision: number;
  readonly intern: InternClient;
};

/**
 * Creates attributors with the results of `createAttributor`, which cache clients by address. The caches are kept from
 * batch to batch; they are cleared when the directory or what is known of its clusters changes.
 */
export function createCachedAttributors(settings: Pick<Settings, 'logGroupClusters'>): AttributorFactory {
  const caches = createClientCaches();
  const intern = createClientInterner();
  let number = 0;
  let lastDirectory: Directory | undefined;
  let lastClusters = '';
  return (directory) => {
    // As JSON, to notice attributes (such as a cluster's UID) that are learned after the first batch.
    const clusters = JSON.stringify(directory.clusters);
    if (directory !== lastDirectory || clusters !== lastClusters || isFull(caches)) clearClientCaches(caches);
    lastDirectory = directory;
    lastClusters = clusters;
    number++;
    const batch: Batch = { number, directory, topologyRevision: directory.topologyRevision(), intern };
    return createBatchAttributor(batch, caches, settings);
  };
}

function createBatchAttributor(
  batch: Batch,
  caches: ClientCaches,
  { logGroupClusters }: Pick<Settings, 'logGroupClusters'>,
): Attributor {
  const { directory } = batch;
  const { clusters } = directory;
  const groups = new Map<string | undefined, CachedScope>();
  const vpcs = new Map<string | undefined, CachedScope>();
  const resolvers = new Map<Client, Resolver | undefined>();
  const cached = (scope: Scope, kind: 'group' | 'vpc'): CachedScope => ({
    ...scope,
    cache: clientCacheFor(caches, kind, scope.clusters),
    resolvers: new Map(),
  });
  const nowhere = cached(NOWHERE, 'group');

  const ofResolver = (event: DnsEvent): AttributionResult => {
    let scope = vpcs.get(event.vpcId);
    if (scope === undefined) {
      scope = cached(scopeOfVpc(clusters, event.vpcId), 'vpc');
      vpcs.set(event.vpcId, scope);
    }
    const client = clientOf(batch, scope, event);
    if (client.kind !== 'coredns') {
      return { client, resolver: undefined, bypassesCoreDns: client.kind === 'pod' };
    }
    if (!resolvers.has(client)) resolvers.set(client, resolverOfClient(directory, client, event.clientIp));
    return { client, resolver: resolvers.get(client), bypassesCoreDns: false };
  };

  return {
    scopeOf: (logGroup) => {
      let scope = groups.get(logGroup);
      if (scope === undefined) {
        scope = cached(scopeOfLogGroup(clusters, logGroupClusters, logGroup), 'group');
        groups.set(logGroup, scope);
      }
      return scope;
    },
    attribute: (groupScope, event) => {
      const clientScope = CLIENT_SCOPES[event.source];
      if (clientScope === 'vpc') return ofResolver(event);
      const scope = groupScope as CachedScope;
      const client = clientOf(batch, clientScope === 'log-group' ? scope : nowhere, event);
      const { producer } = event;
      const resolver = producer && resolverOf(directory, scope, producer);
      return { client, resolver, bypassesCoreDns: false };
    },
  };
}

/** One producer object stands for one pod within a record, so identity is the key. */
function resolverOf(directory: Directory, scope: CachedScope, producer: LogProducer): Resolver {
  let resolver = scope.resolvers.get(producer);
  if (resolver === undefined) {
    resolver = resolverOfProducer(directory, scope, producer);
    scope.resolvers.set(producer, resolver);
  }
  return resolver;
}

/** The client of an event, see `resolveClient`. */
function clientOf(batch: Batch, scope: CachedScope, event: DnsEvent): Client {
  const { directory, intern } = batch;
  const { clientIp, clientMetadata, sourceIds, source, timeMs, timeIsCertain } = event;
  if (clientIp === undefined) {
    const client = clientByLookup(directory, scope, event, undefined);
    return intern(withLoggedLabels(client, clientMetadata));
  }
  const entry = scope.cache(clientIp);
  if (entry.batch !== batch.number)
    revalidate(entry, directory, scope.clusters, batch.number, batch.topologyRevision);
  if (entry.isLoopback && CLIENT_SCOPES[source] === 'log-group') {
    const client = coreDnsItself(directory, scope, event.producer);
    return intern(withLoggedLabels(client, clientMetadata));
  }
  if (clientMetadata !== undefined) {
    const client = clientByLookup(directory, scope, event, directory.ownerAt(entry.history, timeMs));
    return intern(withLoggedLabels(client, clientMetadata));
  }
  const second = Math.floor(timeMs / 1000);
  const isWithin = entry.validAfterSec < second && second < entry.validBeforeSec;
  const instanceId = sourceIds?.instance;
  const hasSameKeys = entry.instanceId === instanceId && entry.timeIsCertain === timeIsCertain;
  if (isWithin && hasSameKeys && entry.client !== undefined) return entry.client;
  return lookUp(batch, scope, entry, event);
}

function lookUp(batch: Batch, scope: CachedScope, entry: ClientCacheEntry, event: DnsEvent): Client {
  const { directory, topologyRevision } = batch;
  const owner = directory.ownerAt(entry.history, event.timeMs);
  if (owner === undefined || owner.kind === 'ambiguous') {
    return unattributed(batch, scope, entry, event, owner === undefined ? 'none' : 'ambiguous');
  }
  const { fromMs, toMs, cacheValidity } = directory.validityAt(entry.history, event.timeMs);
  const instanceId = event.sourceIds?.instance;
  entry.validity = owner.attribution === 'exact' ? cacheValidity : undefined;
  entry.revision = cacheValidity?.changes ?? -1;
  entry.topologyRevision = topologyRevision;
  entry.validAfterSec = Math.max(NO_SECOND, Math.floor(fromMs / 1000));
  entry.validBeforeSec = Math.min(LAST_SECOND, Math.floor(toMs / 1000));
  entry.instanceId = instanceId && detachString(instanceId);
  entry.timeIsCertain = event.timeIsCertain;
  entry.client = reuseClient(clientByLookup(directory, scope, event, owner), entry.client);
  return entry.client;
}

function unattributed(
  { number: batch, directory, intern }: Batch,
  scope: CachedScope,
  entry: ClientCacheEntry,
  event: DnsEvent,
  attribution: 'none' | 'ambiguous',
): Client {
  const { sourceIds, timeIsCertain } = event;
  const last = entry.unattributed;
  if (
    last?.batch === batch &&
    last.scope === scope &&
    last.attribution === attribution &&
    last.instanceId === sourceIds?.instance &&
    last.endpoint === sourceIds?.resolverEndpoint &&
    last.timeIsCertain === timeIsCertain
  ) {
    return last.client;
  }
  const owner = attribution === 'none' ? undefined : ({ kind: 'ambiguous' } as const);
  const client = intern(clientByLookup(directory, scope, event, owner));
  entry.unattributed = {
    batch,
    scope,
    attribution,
    instanceId: sourceIds?.instance && detachString(sourceIds.instance),
    endpoint: sourceIds?.resolverEndpoint && detachString(sourceIds.resolverEndpoint),
    timeIsCertain,
    client,
  };
  return client;
}
