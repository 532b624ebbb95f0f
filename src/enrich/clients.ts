import type { Client } from '../model/client.ts';
import type { Directory } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { ownText } from '../model/own-text.ts';
import { type Known, NOBODY, ownedClient } from './known.ts';
import { hinted, isLoopback, itself, mayOverrule } from './named.ts';
import type { Asker, Scope } from './scope.ts';
import { stranger } from './strangers.ts';

/** Clients of earlier batches by their owner, so that a pod that asks again is the same object again. */
export type ClientMemory = WeakMap<Known, Client>;

/** Creates an empty `ClientMemory`. */
export const createClientMemory = (): ClientMemory => new WeakMap();

/** What has been found out of the clients of a batch. Nothing is made twice: the record writer remembers texts by object. */
export type Clients = {
  readonly directory: Directory;
  readonly memory: ClientMemory;
  /** By certainty of time, by instance (of Resolver records), by answer of the directory. */
  readonly owned: readonly [Map<string, Map<Known, Client>>, Map<string, Map<Known, Client>>];
};

/** The clients of a batch that nobody has asked for yet. */
export const createClients = (directory: Directory, memory: ClientMemory): Clients => ({
  directory,
  memory,
  owned: [new Map(), new Map()],
});

/** Who asked. A plain function, because V8 starts anew with every closure that a batch would make of it. */
export function clientOf(clients: Clients, scope: Scope, event: DnsEvent): Client {
  const { directory } = clients;
  const { clientIp, clientHint, timeMs, timeIsCertain } = event;
  if (clientIp === undefined) {
    return clientHint !== undefined && mayOverrule(clientHint, undefined, timeIsCertain)
      ? hinted(directory, scope, '', clientHint)
      : stranger(directory, scope, event, 'none');
  }
  const asker = scope.askers.get(clientIp) ?? newAsker(directory, scope, clientIp);
  if (asker.isLoopback && event.source === 'coredns') return itself(directory, scope, event.emitter);
  const instanceId = event.sourceIds?.instance;
  if (clientHint === undefined && asker.client !== undefined) {
    const second = Math.floor(timeMs / 1000);
    const isSteady = asker.afterSecond < second && second < asker.beforeSecond;
    if (isSteady && asker.instanceId === instanceId && asker.isCertain === timeIsCertain) return asker.client;
  }
  const owner = directory.ownerAt(asker.history, timeMs);
  if (clientHint !== undefined && mayOverrule(clientHint, owner, timeIsCertain)) {
    return hinted(directory, scope, clientIp, clientHint);
  }
  if (owner === undefined) return stranger(directory, scope, event, 'none');
  if (owner.kind === 'ambiguous') return stranger(directory, scope, event, 'ambiguous');
  const { fromMs, toMs } = directory.steadyAround(asker.history, timeMs);
  asker.afterSecond = Math.max(NO_SECOND, Math.floor(fromMs / 1000));
  asker.beforeSecond = Math.min(LAST_SECOND, Math.floor(toMs / 1000));
  asker.instanceId = instanceId && ownText(instanceId);
  asker.isCertain = timeIsCertain;
  asker.client = ofOwner(clients, owner, asker.instanceId, timeIsCertain);
  return asker.client;
}

// Small integers, which V8 keeps in the object itself. Later seconds are looked up each time.
const NO_SECOND = -1;
const LAST_SECOND = 2 ** 31 - 1;

function ofOwner(
  { directory, memory, owned }: Clients,
  owner: Known,
  instanceId: string | undefined,
  isCertain: boolean,
): Client {
  const byInstance = owned[isCertain ? 1 : 0];
  let byOwner = byInstance.get(instanceId ?? '');
  if (byOwner === undefined) {
    byOwner = new Map();
    byInstance.set(instanceId ?? '', byOwner);
  }
  let client = byOwner.get(owner);
  if (client === undefined) {
    const attribution = isCertain ? owner.attribution : 'inferred';
    client = remembered(memory, owner, ownedClient(directory, owner, attribution, instanceId));
    byOwner.set(owner, client);
  }
  return client;
}

function newAsker(directory: Directory, scope: Scope, ip: string): Asker {
  const asker: Asker = {
    isLoopback: isLoopback(ip),
    history: directory.historyOf(scope.clusters, ip),
    afterSecond: NO_SECOND,
    beforeSecond: NO_SECOND,
    instanceId: undefined,
    isCertain: false,
    client: undefined,
  };
  scope.askers.set(ip, asker);
  return asker;
}

/** The client of an earlier batch, if nothing about it has changed since. */
function remembered(memory: ClientMemory, owner: Known, made: Client): Client {
  const before = memory.get(owner);
  if (before !== undefined && isSame(before, made)) return before;
  memory.set(owner, made);
  return made;
}

const MEMBERS = Object.keys({ ...NOBODY, kind: '', attribution: '', cluster: '' }) as (keyof Client)[];

const isSame = (a: Client, b: Client): boolean => MEMBERS.every((member) => a[member] === b[member]);
