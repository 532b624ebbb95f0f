// When the attributor of the fast path looks an address up again, and when it does not.
import { describe, expect, it } from '@jest/globals';
import { createAttributor } from '../../../src/core/attribution/index.ts';
import { createCachedAttributors } from '../../../src/core/fast-path/cached-attributor.ts';
import type { CachedClient } from '../../../src/core/fast-path/cached-client.ts';
import type {
  CacheValidity,
  Directory,
  OwnerLookup,
  ValidityInterval,
} from '../../../src/core/model/directory.ts';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import { attributeIn } from '../../support/attributors.ts';
import { clusterStub, createDirectoryStub, instanceStub, podStub } from '../../support/directory-stub.ts';
import { corednsEvent, loggedIds, resolverEvent } from '../../support/dns-event.ts';
import { producerStub } from '../../support/producer-stub.ts';

const shop = clusterStub('shop', { vpcId: 'vpc-1' });
const node = { cluster: shop, name: 'n1', instanceId: 'i-node' };
const web = podStub(shop, 'web-1', { nodeName: 'n1' });
const other = podStub(shop, 'web-2');
const settings = { logGroupClusters: new Map<string, string>() };
const IP = '10.0.1.1';

const podOwner = (pod: typeof web, attribution: 'exact' | 'inferred' = 'exact'): OwnerLookup => ({
  kind: 'pod',
  pod,
  attribution,
});

/** A directory whose answers a test changes, and which counts its owner look-ups. */
function createWorld(members: Partial<Directory> = {}) {
  const world = {
    lookups: 0,
    owner: podOwner(web) as OwnerLookup | undefined,
    interval: { fromMs: 1_000_500, toMs: 1_010_500 } as Pick<ValidityInterval, 'fromMs' | 'toMs'>,
    cacheValidity: undefined as CacheValidity | undefined,
    topology: 1,
  };
  const directory: Directory = {
    ...createDirectoryStub({
      clusters: [shop],
      nodes: [node],
      instances: [
        [instanceStub('i-1')],
        [instanceStub('i-2')],
        [instanceStub('i-vpc', { vpcId: 'vpc-2' }), IP],
      ],
    }),
    ownerAt: () => {
      world.lookups++;
      return world.owner;
    },
    validityAt: () => ({ ...world.interval, cacheValidity: world.cacheValidity }),
    topologyRevision: () => world.topology,
    ...members,
  };
  const attributors = createCachedAttributors(settings);
  /** Attributes the events of one batch; the clients, and how many look-ups that took. */
  const batch = (...events: readonly DnsEvent[]) => {
    const before = world.lookups;
    const attribute = attributeIn(attributors(directory), 'g');
    const clients = events.map((event) => attribute(event).client);
    return { clients, lookups: world.lookups - before };
  };
  return Object.assign(world, { directory, batch });
}
const at = (second: number, ms = 0, members: Partial<DnsEvent> = {}) =>
  corednsEvent({ clientIp: IP, timeMs: second * 1000 + ms, ...members });

describe('within a batch', () => {
  it.each([
    ['inside', at(1005), 1],
    ['the first whole second', at(1001), 1],
    ['its last millisecond', at(1001, 999), 1],
    ['the last whole second', at(1009, 999), 1],
    ['the second in which it begins', at(1000, 999), 2],
    ['the second in which it ends', at(1010), 2],
    ['before', at(900), 2],
    ['after', at(2000), 2],
    ['another certainty', at(1005, 0, { timeIsCertain: false }), 2],
    ['another instance', at(1005, 0, loggedIds('i-1')), 2],
  ])('an event in the interval of the one before is not looked up: %s', (_, event, lookups) => {
    const world = createWorld();
    expect(world.batch(at(1005), event).lookups).toBe(lookups);
  });

  it('an interval without ends stands for all seconds that are kept', () => {
    const world = createWorld();
    world.interval = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
    const last = 2 ** 31 - 2;
    expect(world.batch(at(1005), at(0), at(last)).lookups).toBe(1);
    expect(world.batch(at(last + 1), at(last + 1)).lookups).toBe(2);
  });

  it('the instance and the certainty of the event before are compared each time', () => {
    const world = createWorld();
    const ordinary = attributeIn(createAttributor(world.directory, settings), 'g');
    const events = [
      at(1005),
      at(1005, 0, loggedIds('i-1')),
      at(1005, 0, loggedIds('i-node')),
      at(1005, 0, { timeIsCertain: false }),
    ];
    // i-1 is another instance than that of the pod's node.
    expect(events.map((event) => ordinary(event).client.attribution)).toEqual([
      'exact',
      'ambiguous',
      'exact',
      'inferred',
    ]);
    for (const first of events)
      for (const second of events) {
        const clients = createWorld().batch(first, second).clients.map(content);
        expect(clients).toMatchObject([ordinary(first).client, ordinary(second).client]);
      }
  });

  it('an address without a client yet is looked up', () => {
    const world = createWorld();
    world.owner = undefined;
    expect(world.batch(at(1005), at(1005)).lookups).toBe(2);
  });
});

describe('from batch to batch', () => {
  const validity = (revision: number, syncedSec: number): CacheValidity => ({
    revision,
    lastSync: { syncedMs: syncedSec * 1000 },
  });

  it('a client of one batch is looked up again', () => {
    const world = createWorld();
    world.batch(at(1005));
    world.owner = podOwner(other);
    const { clients, lookups } = world.batch(at(1005));
    expect([clients[0]?.podName, lookups]).toEqual(['web-2', 1]);
  });

  it('a client that stays valid is not, up to the last sync', () => {
    const world = createWorld();
    const cacheValidity = { revision: 3, lastSync: { syncedMs: 1_010_500 } };
    world.cacheValidity = cacheValidity;
    const [first] = world.batch(at(1005)).clients;
    cacheValidity.lastSync.syncedMs = 1_020_500;
    const { clients, lookups } = world.batch(at(1005), at(1019, 999), at(1001));
    expect([new Set(clients).size, clients[0] === first, lookups]).toEqual([1, true, 0]);
    expect(world.batch(at(1020)).lookups).toBe(1);
  });

  it.each([
    [
      'the address has another revision',
      (world: World) => Object.assign(world.cacheValidity ?? {}, { revision: 4 }),
    ],
    ['nodes or instances have another revision', (world: World) => Object.assign(world, { topology: 2 })],
  ])('a client is looked up again where %s', (_, change) => {
    const world = createWorld();
    world.cacheValidity = validity(3, 1010);
    world.batch(at(1005));
    expect(world.batch(at(1005)).lookups).toBe(0);
    world.owner = podOwner(other);
    change(world);
    expect(world.batch(at(1005), at(1006))).toMatchObject({
      clients: [{ podName: 'web-2' }, {}],
      lookups: 1,
    });
    expect(world.batch(at(1005)).lookups).toBe(0);
  });

  it('an inferred client is looked up again, whatever the directory says of its answer', () => {
    const world = createWorld();
    world.cacheValidity = validity(3, 1010);
    world.owner = podOwner(web, 'inferred');
    world.batch(at(1005));
    world.owner = podOwner(other, 'inferred');
    expect(world.batch(at(1005))).toMatchObject({ clients: [{ podName: 'web-2' }], lookups: 1 });
  });

  it('a client that is looked up again with the same content is the same object', () => {
    const world = createWorld();
    const [first] = world.batch(at(1005)).clients;
    expect(world.batch(at(1005)).clients[0]).toBe(first);
  });
});

type World = ReturnType<typeof createWorld>;

describe('a client without an owner', () => {
  const none = (members: Partial<DnsEvent> = {}) =>
    resolverEvent({ clientIp: IP, timeMs: 1_005_000, ...members });
  /** The owner is ambiguous in odd seconds, and unknown in even ones. */
  const directory = createWorld({
    ownerAt: (_, atMs) => (Math.floor(atMs / 1000) % 2 === 1 ? { kind: 'ambiguous' } : undefined),
  }).directory;

  it.each([
    ['attribution', none(), none({ timeMs: 1_006_000 })],
    [
      'instance',
      none({ timeMs: 1_006_000, ...loggedIds('i-1') }),
      none({ timeMs: 1_006_000, ...loggedIds('i-2') }),
    ],
    ['missing instance', none({ timeMs: 1_006_000 }), none({ timeMs: 1_006_000, ...loggedIds('i-2') })],
    ['endpoint', none(loggedIds(undefined, 'rslvr-1')), none(loggedIds(undefined, undefined))],
    [
      'certainty',
      none({ timeMs: 1_006_000, ...loggedIds('i-1') }),
      none({ timeMs: 1_006_000, ...loggedIds('i-1'), timeIsCertain: false }),
    ],
    ['VPC', none({ timeMs: 1_006_000, vpcId: 'vpc-2' }), none({ timeMs: 1_006_000, vpcId: 'vpc-3' })],
  ])('is found anew for another %s', (_, first, second) => {
    const cached = attributeIn(createCachedAttributors(settings)(directory), 'g');
    const ordinary = attributeIn(createAttributor(directory, settings), 'g');
    for (const event of [first, first, second, second, first])
      expect({ ...cached(event), client: content(cached(event).client) }).toEqual(ordinary(event));
    expect(cached(first).client).not.toEqual(cached(second).client);
  });

  it('is found once for the same event', () => {
    let found = 0;
    const counting: Directory = {
      ...directory,
      instanceAt: () => {
        found++;
        return undefined;
      },
    };
    const attributors = createCachedAttributors(settings);
    const event = none({ timeMs: 1_006_000 });
    const attribute = attributeIn(attributors(counting), 'g');
    expect(attribute(event).client).toBe(attribute({ ...event }).client);
    expect(found).toBe(1);
    // The instances may have changed by the next batch.
    attributeIn(attributors(counting), 'g')(event);
    expect(found).toBe(2);
  });
});

it('looks for no client of a source without one, whatever the log group', () => {
  const world = createWorld();
  world.owner = undefined;
  const event = { ...at(1005), source: 'aws.route53.public' as const };
  const { client } = attributeIn(createCachedAttributors(settings)(world.directory), 'g')(event);
  expect(content(client)).toEqual(
    attributeIn(createAttributor(world.directory, settings), 'g')(event).client,
  );
  expect(client.cluster).toBeUndefined();
});

it('gives each producer its own resolver', () => {
  const { directory } = createWorld();
  const attribute = attributeIn(createCachedAttributors(settings)(directory), 'g');
  const resolverOf = (pod: string) => attribute(at(1005, 0, { producer: producerStub({ pod }) })).resolver;
  expect([resolverOf('a')?.pod, resolverOf('b')?.pod]).toEqual(['a', 'b']);
});

function content(client: object): object {
  const { encoded, encodedLevel, encodedVpcId, ...rest } = client as CachedClient;
  return rest;
}
