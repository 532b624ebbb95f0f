import { withLoggedLabels } from '../attribution/client-from-metadata.ts';
import { lifetimesOfProducer, mayBeExact } from '../attribution/genuine.ts';
import type { AttributionSettings, Attributor, AttributorFactory } from '../attribution/index.ts';
import { clientByLookup } from '../attribution/resolve-client.ts';
import { coreDnsItself, resolverOfClient, resolverOfProducer } from '../attribution/resolver.ts';
import { EMPTY_SCOPE, type Scope, scopeOfOrigin, scopeOfVpc } from '../attribution/scope.ts';
import type { AttributionResult, Client, Resolver } from '../model/client.ts';
import { type Directory, EMPTY_DIRECTORY, type Lifetime } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { LogProducer } from '../model/log-line.ts';
import { CLIENT_SCOPES } from '../model/log-sources.ts';
import { writtenTo } from '../model/origin.ts';
import { detachString } from '../util/detach-string.ts';
import { reuseClient, withSlot } from './cached-client.ts';
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

/** A scope with its caches. */
type CachedScope = Scope & {
  readonly cache: ClientCache;
  readonly resolvers: Map<LogProducer, Resolver>;
  readonly lifetimes: Map<LogProducer, readonly Lifetime[]>;
};

/** The state of one batch. */
type Batch = {
  readonly number: number;
  readonly directory: Directory;
  readonly topologyRevision: number;
  readonly caches: ClientCaches;
  readonly emptyScope: CachedScope;
  readonly origins: Map<string, CachedScope>;
  /** By VPC and its owner. */
  readonly vpcs: Map<string, CachedScope>;
  readonly resolvers: Map<Client, Resolver>;
};

/**
 * Creates attributors with the results of `createAttributor`, which cache clients by address. The caches are kept from
 * batch to batch; they are cleared when the directory or an attribute of its clusters changes. All batches get the same
 * attributor object, so only that of the last batch may be used.
 */
export function createCachedAttributors({ logGroupClusters }: AttributionSettings): AttributorFactory {
  const caches = createClientCaches();
  let batch = createBatch(EMPTY_DIRECTORY, 0, caches);
  let lastClusters = '';

  const attributor: Attributor = {
    scopeOf: (origin) => {
      const { origins, directory } = batch;
      const key = [origin.accountId, origin.region, writtenTo(origin)].join('\n');
      let scope = origins.get(key);
      if (scope === undefined) {
        const ordinary = scopeOfOrigin(directory.clusters, logGroupClusters, origin);
        scope = withCaches(ordinary, 'group', caches);
        origins.set(key, scope);
      }
      return scope;
    },
    attribute: (groupScope, event) => {
      const scope = groupScope as CachedScope;
      const isExact = mayBeExact(event, (producer) => lifetimesOf(batch.directory, scope, producer));
      const clientScope = CLIENT_SCOPES[event.source];
      if (clientScope === 'vpc') return attributeInVpc(batch, event, isExact);
      const client = clientOf(batch, clientScope === 'log-group' ? scope : batch.emptyScope, event, isExact);
      const { producer } = event;
      const resolver = producer && resolverOf(batch.directory, scope, producer);
      return { client, resolver, bypassesCoreDns: false };
    },
  };

  return (directory) => {
    // As JSON, to notice attributes (such as a cluster's UID) that are learned after the first batch.
    const clusters = JSON.stringify(directory.clusters);
    const isSame = directory === batch.directory && clusters === lastClusters;
    if (!isSame || isFull(caches)) clearClientCaches(caches);
    lastClusters = clusters;
    batch = createBatch(directory, batch.number + 1, caches);
    return attributor;
  };
}

const createBatch = (directory: Directory, number: number, caches: ClientCaches): Batch => ({
  number,
  directory,
  topologyRevision: directory.topologyRevision(),
  caches,
  emptyScope: withCaches(EMPTY_SCOPE, 'group', caches),
  origins: new Map(),
  vpcs: new Map(),
  resolvers: new Map(),
});

const withCaches = (scope: Scope, kind: 'group' | 'vpc', caches: ClientCaches): CachedScope => ({
  cluster: scope.cluster,
  clusters: scope.clusters,
  vpcId: scope.vpcId,
  accountId: scope.accountId,
  cache: clientCacheFor(caches, kind, scope.clusters),
  resolvers: new Map(),
  lifetimes: new Map(),
});

function attributeInVpc(batch: Batch, event: DnsEvent, isExact: boolean): AttributionResult {
  const { directory, resolvers, vpcs, caches } = batch;
  const key = `${event.vpcId} ${event.accountId}`;
  let scope = vpcs.get(key);
  if (scope === undefined) {
    scope = withCaches(scopeOfVpc(directory.clusters, event.vpcId, event.accountId), 'vpc', caches);
    vpcs.set(key, scope);
  }
  const client = clientOf(batch, scope, event, isExact);
  if (client.kind !== 'coredns') {
    return { client, resolver: undefined, bypassesCoreDns: client.kind === 'pod' };
  }
  let resolver = resolvers.get(client);
  if (resolver === undefined) {
    resolver = resolverOfClient(directory, client, event.clientIp);
    if (resolver !== undefined) resolvers.set(client, resolver);
  }
  return { client, resolver, bypassesCoreDns: false };
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

/** Likewise when that pod may have lived. */
function lifetimesOf(directory: Directory, scope: CachedScope, producer: LogProducer): readonly Lifetime[] {
  let lifetimes = scope.lifetimes.get(producer);
  if (lifetimes === undefined) {
    lifetimes = lifetimesOfProducer(directory, scope, producer);
    scope.lifetimes.set(producer, lifetimes);
  }
  return lifetimes;
}

/** The client of an event, see `resolveClient`. */
function clientOf(batch: Batch, scope: CachedScope, event: DnsEvent, isExact: boolean): Client {
  const { directory } = batch;
  const { clientIp, clientMetadata, sourceIds, source, timeMs } = event;
  if (clientIp === undefined) {
    const client = clientByLookup(directory, scope, event, undefined, isExact);
    return withSlot(withLoggedLabels(client, clientMetadata));
  }
  const entry = scope.cache(clientIp);
  if (entry.batch !== batch.number)
    revalidate(entry, directory, scope.clusters, batch.number, batch.topologyRevision);
  if (entry.isLoopback && CLIENT_SCOPES[source] === 'log-group') {
    const client = coreDnsItself(directory, scope, event.producer);
    return withSlot(withLoggedLabels(client, clientMetadata));
  }
  if (clientMetadata !== undefined) {
    const owner = directory.ownerAt(entry.history, timeMs);
    const client = clientByLookup(directory, scope, event, owner, isExact);
    return withSlot(withLoggedLabels(client, clientMetadata));
  }
  const second = Math.floor(timeMs / 1000);
  const isWithin = entry.validAfterSec < second && second < entry.validBeforeSec;
  const instanceId = sourceIds?.instance;
  const hasSameKeys = entry.instanceId === instanceId && entry.mayBeExact === isExact;
  if (isWithin && hasSameKeys && entry.client !== undefined) return entry.client;
  return lookUp(batch, scope, entry, event, isExact);
}

function lookUp(
  batch: Batch,
  scope: CachedScope,
  entry: ClientCacheEntry,
  event: DnsEvent,
  isExact: boolean,
): Client {
  const { directory, topologyRevision } = batch;
  const owner = directory.ownerAt(entry.history, event.timeMs);
  if (owner === undefined || owner.kind === 'ambiguous') {
    return unattributed(batch, scope, entry, event, owner === undefined ? 'none' : 'ambiguous', isExact);
  }
  const { fromMs, toMs, cacheValidity } = directory.validityAt(entry.history, event.timeMs);
  const instanceId = event.sourceIds?.instance;
  entry.validity = owner.attribution === 'exact' ? cacheValidity : undefined;
  entry.revision = cacheValidity?.revision ?? -1;
  entry.topologyRevision = topologyRevision;
  entry.validAfterSec = Math.max(NO_SECOND, Math.floor(fromMs / 1000));
  entry.validBeforeSec = Math.min(LAST_SECOND, Math.floor(toMs / 1000));
  entry.instanceId = instanceId && detachString(instanceId);
  entry.mayBeExact = isExact;
  entry.client = reuseClient(clientByLookup(directory, scope, event, owner, isExact), entry.client);
  return entry.client;
}

function unattributed(
  { number: batch, directory }: Batch,
  scope: CachedScope,
  entry: ClientCacheEntry,
  event: DnsEvent,
  attribution: 'none' | 'ambiguous',
  isExact: boolean,
): Client {
  const { sourceIds } = event;
  const last = entry.unattributed;
  if (
    last?.batch === batch &&
    last.scope === scope &&
    last.attribution === attribution &&
    last.instanceId === sourceIds?.instance &&
    last.endpoint === sourceIds?.resolverEndpoint &&
    last.mayBeExact === isExact
  ) {
    return last.client;
  }
  const owner = attribution === 'none' ? undefined : ({ kind: 'ambiguous' } as const);
  const client = withSlot(clientByLookup(directory, scope, event, owner, isExact));
  entry.unattributed = {
    batch,
    scope,
    attribution,
    instanceId: sourceIds?.instance && detachString(sourceIds.instance),
    endpoint: sourceIds?.resolverEndpoint && detachString(sourceIds.resolverEndpoint),
    mayBeExact: isExact,
    client,
  };
  return client;
}
