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

/** Who is where, and who asked before. The same client is the same object: the record writer remembers texts by it. */
export type Clients = {
  readonly directory: Directory;
  readonly memory: ClientMemory;
};

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
  const attribution = timeIsCertain ? owner.attribution : 'inferred';
  const client = ownedClient(directory, owner, attribution, asker.instanceId);
  asker.client = remembered(clients.memory, owner, client);
  return asker.client;
}

// Small integers, which V8 keeps in the object itself. Later seconds are looked up each time.
const NO_SECOND = -1;
const LAST_SECOND = 2 ** 31 - 1;

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

/** The client as it was before, if nothing about it has changed since. */
function remembered(memory: ClientMemory, owner: Known, made: Client): Client {
  const before = memory.get(owner);
  if (before !== undefined && isSame(before, made)) return before;
  memory.set(owner, made);
  return made;
}

const MEMBERS = Object.keys({ ...NOBODY, kind: '', attribution: '', cluster: '' }) as (keyof Client)[];

const isSame = (a: Client, b: Client): boolean => MEMBERS.every((member) => a[member] === b[member]);
