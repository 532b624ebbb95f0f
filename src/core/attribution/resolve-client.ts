import {
  type Asker,
  type AskerMemory,
  createAskerMemory,
  forgetAskers,
  freshen,
  isFull,
  LAST_SECOND,
  NO_SECOND,
} from '../fast-path/client-cache.ts';
import type { Client } from '../model/client.ts';
import type { Directory } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { detachString } from '../util/detach-string.ts';
import { hinted, itself, labelled, mayOverrule } from './client-from-metadata.ts';
import { type Known, ownedClient } from './client-of-owner.ts';
import type { Scope } from './scope.ts';
import { stranger } from './unattributed.ts';

/** What is kept of clients from batch to batch, and which batch this is. */
export type ClientMemory = {
  batch: number;
  directory: Directory | undefined;
  /** Its clusters as JSON: some of what is known of them is found out late. */
  clusters: string;
  readonly askers: AskerMemory;
};

/** Creates an empty `ClientMemory`. */
export const createClientMemory = (): ClientMemory => ({
  batch: 0,
  directory: undefined,
  clusters: '',
  askers: createAskerMemory(),
});

/** Who is where, in which batch. */
export type Clients = {
  readonly directory: Directory;
  readonly batch: number;
  /** The directory's `topologyRevision`. */
  readonly places: number;
};

/** The clients of the next batch. */
export function beginBatch(directory: Directory, memory: ClientMemory): Clients {
  const clusters = JSON.stringify(directory.clusters);
  const isSame = memory.directory === directory && memory.clusters === clusters;
  if (!isSame || isFull(memory.askers)) forgetAskers(memory.askers);
  memory.directory = directory;
  memory.clusters = clusters;
  memory.batch += 1;
  return {
    directory,
    batch: memory.batch,
    places: directory.topologyRevision(),
  };
}

/** The address that asks; undefined where none was logged. */
export function askerOf(clients: Clients, scope: Scope, ip: string | undefined): Asker | undefined {
  if (ip === undefined) return undefined;
  const asker = scope.askers(ip);
  const { directory, batch, places } = clients;
  if (asker.batch !== batch) freshen(asker, directory, scope.clusters, batch, places);
  return asker;
}

/** Who asked. A plain function, because V8 starts anew with every closure that a batch would make of it. */
export function clientOf(
  clients: Clients,
  scope: Scope,
  event: DnsEvent,
  asker = askerOf(clients, scope, event.clientIp),
): Client {
  const client = find(clients, scope, event, asker);
  const { clientMetadata } = event;
  return clientMetadata?.labels === undefined ? client : labelled(scope, client, clientMetadata);
}

function find(clients: Clients, scope: Scope, event: DnsEvent, asker: Asker | undefined): Client {
  const { directory } = clients;
  const { clientIp = '', clientMetadata, timeMs, timeIsCertain } = event;
  if (asker === undefined) {
    const mayBeNamed = clientMetadata !== undefined && mayOverrule(clientMetadata, undefined, timeIsCertain);
    const named = mayBeNamed ? hinted(directory, scope, '', clientMetadata) : undefined;
    return named ?? stranger(directory, scope, event, 'none');
  }
  if (asker.isLoopback && event.source === 'coredns') return itself(directory, scope, event.producer);
  const instanceId = event.sourceIds?.instance;
  if (clientMetadata === undefined && asker.client !== undefined) {
    const second = Math.floor(timeMs / 1000);
    const isSteady = asker.afterSecond < second && second < asker.beforeSecond;
    if (isSteady && asker.instanceId === instanceId && asker.isCertain === timeIsCertain) return asker.client;
  }
  const owner = directory.ownerAt(asker.history, timeMs);
  if (clientMetadata !== undefined && mayOverrule(clientMetadata, owner, timeIsCertain)) {
    return hinted(directory, scope, clientIp, clientMetadata) ?? stranger(directory, scope, event, 'none');
  }
  if (owner === undefined) return stranger(directory, scope, event, 'none');
  if (owner.kind === 'ambiguous') return stranger(directory, scope, event, 'ambiguous');
  const { fromMs, toMs, cacheValidity } = directory.validityAt(asker.history, timeMs);
  asker.cacheValidity = owner.attribution === 'exact' ? cacheValidity : undefined;
  asker.changes = cacheValidity?.changes ?? -1;
  asker.afterSecond = Math.max(NO_SECOND, Math.floor(fromMs / 1000));
  asker.beforeSecond = Math.min(LAST_SECOND, Math.floor(toMs / 1000));
  return ownerAsClient(clients, asker, owner, instanceId, timeIsCertain);
}

/** The client that the owner of an asker's address is; made anew only where the last one was made of something else. */
function ownerAsClient(
  { directory, places }: Clients,
  asker: Asker,
  owner: Known,
  instanceId: string | undefined,
  timeIsCertain: boolean,
): Client {
  const isSame =
    asker.owner === owner &&
    asker.places === places &&
    asker.instanceId === instanceId &&
    asker.isCertain === timeIsCertain;
  if (isSame && asker.client !== undefined) return asker.client;
  asker.owner = owner;
  asker.places = places;
  asker.instanceId = instanceId && detachString(instanceId);
  asker.isCertain = timeIsCertain;
  const attribution = timeIsCertain ? owner.attribution : 'inferred';
  asker.client = remembered(asker.client, ownedClient(directory, owner, attribution, asker.instanceId));
  return asker.client;
}

/** The client as it was before, if nothing about it has changed since: what was written for it is found by it. */
function remembered(before: Client | undefined, made: Client): Client {
  const isSame =
    before?.pod === made.pod &&
    before?.instance === made.instance &&
    before?.kind === made.kind &&
    before.attribution === made.attribution &&
    before.cluster === made.cluster &&
    before.nodeName === made.nodeName &&
    before.instanceId === made.instanceId;
  return isSame ? before : made;
}
