// The client cache while the directory changes from batch to batch: its results must be those of the ordinary attributor,
// which caches nothing.
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAttributor } from '../../src/core/attribution/index.ts';
import { createCachedAttributors } from '../../src/core/fast-path/cached-attributor.ts';
import type { CachedClient } from '../../src/core/fast-path/cached-client.ts';
import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import { createInstanceIndex } from '../../src/inventory/ec2/instance-index.ts';
import { createClusterTables } from '../../src/inventory/ip-ownership/index.ts';
import type { Observation } from '../../src/inventory/ip-ownership/interval.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import { attributeIn } from '../support/attributors.ts';
import { clusterStub, instanceStub, podStub } from '../support/directory-stub.ts';
import { corednsEvent, resolverEvent } from '../support/dns-event.ts';
import { RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';

const START_MS = Date.UTC(2026, 2, 1);
const s = (second: number) => START_MS + second * 1000;

const shop = clusterStub('shop', { vpcId: 'vpc-1' });
const bank = clusterStub('bank', { vpcId: 'vpc-1' });
const settings = { logGroupClusters: new Map([['/bank', 'bank']]) };

// Few moments, so that they coincide; any other moment now and then, for differences within the skew of clocks.
const second = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 10, 20, 30, 35, 40, 45, 50, 60) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
);
const ip = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('10.0.0.1', '10.0.0.2') },
  { weight: 3, arbitrary: fc.constantFrom('10.0.0.3', '127.0.0.1', '2001:db8::1') },
);
const nodeName = fc.constantFrom('n1', 'n2');
const instanceId = fc.constantFrom('i-1', 'i-2');
const cluster = fc.constantFrom(0, 0, 0, 1);

type World = ReturnType<typeof createWorld>;
function createWorld() {
  const tables = [createClusterTables(shop), createClusterTables(bank)] as const;
  const instances = createInstanceIndex();
  // A state that may stay valid: pods that run all the time; the other cluster was last synced long ago.
  const settle = (at: 0 | 1, names: readonly string[], listedMs: number): void => {
    const { pods } = tables[at];
    pods.beginList();
    for (const name of names) {
      const owner = { kind: 'pod', pod: podStub(at === 0 ? shop : bank, name, { nodeName: 'n1' }) } as const;
      const address = { names: [`shop/${name}`], ips: [`10.0.0.${name.slice(1)}`], ownsIps: true };
      const life = { startMs: s(0), startIsCertain: true, ending: undefined, aliveAtMs: undefined };
      pods.observe({ key: name, owner, ...address, ...life }, listedMs);
    }
    pods.endList(listedMs);
  };
  settle(0, ['p1', 'p2'], s(30));
  settle(1, ['p2'], s(0));
  return { tables, instances, settle, directory: createOwnerIndex(tables, instances) };
}

const lifetime = fc.record({
  startMs: fc.option(second.map(s), { nil: undefined }),
  startIsCertain: fc.boolean(),
  ending: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant({ kind: 'unknown' as const }) },
    { weight: 1, arbitrary: second.map((at) => ({ kind: 'known' as const, atMs: s(at) })) },
  ),
});

const podFacts = fc
  .tuple(
    fc.constantFrom('p1', 'p2', 'p3'),
    ip,
    fc.option(nodeName, { nil: undefined }),
    fc.boolean(),
    lifetime,
  )
  .map(
    ([name, address, node, isOther, life]) =>
      (at: number): Observation => ({
        key: name,
        names: [`shop/${name}`],
        owner: {
          kind: 'pod',
          pod: podStub(at === 0 ? shop : bank, name, { nodeName: node, labels: isOther ? [['a', 'b']] : [] }),
        },
        ips: [address],
        ownsIps: true,
        aliveAtMs: undefined,
        ...life,
      }),
  );

const lostMs = fc.option(second.map(s), { nil: undefined });
const nodeFacts = fc.tuple(nodeName, ip, fc.option(instanceId, { nil: undefined }), lifetime, lostMs).map(
  ([name, address, id, life, lost]) =>
    (at: number): Observation => ({
      key: name,
      names: [name, ...(id === undefined ? [] : [id])],
      owner: { kind: 'node', node: { cluster: at === 0 ? shop : bank, name, instanceId: id } },
      ips: [address],
      ownsIps: true,
      aliveAtMs: undefined,
      unreachableSinceMs: lost,
      ...life,
    }),
);

type Change = (world: World) => void;
const observed = (
  kind: 'pods' | 'nodes',
  facts: fc.Arbitrary<(at: number) => Observation>,
): fc.Arbitrary<Change> =>
  fc.tuple(cluster, facts, fc.option(second, { nil: undefined })).map(
    ([at, make, when]) =>
      (world) =>
        world.tables[at as 0 | 1][kind].observe(make(at), when === undefined ? undefined : s(when)),
  );
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: observed('pods', podFacts) },
  { weight: 2, arbitrary: observed('nodes', nodeFacts) },
  fc.tuple(cluster, nodeName, second).map(
    ([at, name, when]): Change =>
      ({ tables }) => {
        const { observeLeases, apply } = tables[at as 0 | 1];
        observeLeases([{ nodeName: name, nodeUid: undefined, renewedMs: s(when) }], s(when));
        apply();
      },
  ),
  fc.tuple(cluster, podFacts, second).map(
    ([at, make, when]): Change =>
      ({ tables }) =>
        tables[at as 0 | 1].pods.remove(make(at), s(when)),
  ),
  {
    weight: 3,
    arbitrary: fc.tuple(cluster, fc.constantFrom('pods' as const, 'nodes' as const), second).map(
      ([at, kind, when]): Change =>
        ({ tables }) =>
          tables[at as 0 | 1][kind].syncedTo(s(when)),
    ),
  },
  fc.tuple(cluster, fc.array(podFacts, { maxLength: 2 }), second).map(([at, made, when]): Change => {
    return ({ tables }) => {
      const { pods } = tables[at as 0 | 1];
      pods.beginList();
      for (const make of made) pods.observe(make(at), s(when));
      pods.endList(s(when));
    };
  }),
  // The same pods again, or some of them.
  {
    weight: 3,
    arbitrary: fc.tuple(cluster, fc.subarray(['p1', 'p2']), second).map(
      ([at, names, when]): Change =>
        ({ settle }) =>
          settle(at as 0 | 1, names, s(when)),
    ),
  },
  fc.tuple(cluster, second).map(
    ([at, when]): Change =>
      ({ tables }) =>
        tables[at as 0 | 1].pods.prune(s(when)),
  ),
  fc.tuple(instanceId, fc.constantFrom('m7g.large', 'c7g.large'), fc.array(ip, { maxLength: 2 })).map(
    ([id, type, ips]): Change =>
      ({ instances }) => {
        instances.put({ instance: instanceStub(id, { type, vpcId: 'vpc-1' }), ips, prefixes: [] });
      },
  ),
  fc.constant<Change>(({ instances }) => instances.trim(1)),
);

type Ask = { readonly group: string; readonly event: DnsEvent };
const SHOP_GROUP = '/aws/containerinsights/shop/application';
const ask: fc.Arbitrary<Ask> = fc
  .record({
    group: fc.constantFrom(SHOP_GROUP, SHOP_GROUP, SHOP_GROUP, '/bank', '/other'),
    isResolver: fc.constantFrom(false, false, false, true),
    clientIp: fc.option(ip, { nil: undefined, freq: 20 }),
    timeMs: fc.tuple(second, fc.constantFrom(0, 0, 500)).map(([at, ms]) => s(at) + ms),
    timeIsCertain: fc.constantFrom(true, true, false),
    instance: fc.option(instanceId, { nil: undefined }),
    hint: fc.option(fc.constantFrom('p1', 'p9'), { nil: undefined, freq: 4 }),
  })
  .map(({ group, isResolver, instance, hint, ...members }) => {
    const sourceIds = { instance, resolverEndpoint: undefined, resolverNetworkInterface: undefined };
    const clientMetadata =
      hint === undefined ? undefined : { namespace: 'shop', pod: hint, labels: undefined };
    const event = isResolver
      ? resolverEvent({ ...members, sourceIds })
      : corednsEvent({ ...members, clientMetadata });
    return { group, event };
  });

// The same events in every batch with few changes in between, so that most cached clients stay valid.
const story = fc.record({
  batches: fc.array(fc.array(change, { maxLength: 2 }), { minLength: 2, maxLength: 5 }),
  asked: fc.array(ask, { minLength: 3, maxLength: 8 }),
});

it(
  'gives the results of an attributor without a cache',
  () => {
    let remembered = 0;
    fc.assert(
      fc.property(story, ({ batches, asked }) => {
        const world = createWorld();
        const attributors = createCachedAttributors(settings);
        let before = new Set<unknown>();
        for (const changes of batches) {
          for (const apply of changes) apply(world);
          const cached = attributors(world.directory);
          const clients = new Set<unknown>();
          // Twice, so that the second time uses the cache.
          for (const { group, event } of [...asked, ...asked]) {
            const expected = attributeIn(createAttributor(world.directory, settings), group)(event);
            const { client, resolver, bypassesCoreDns } = attributeIn(cached, group)(event);
            const { encoded, encodedLevel, encodedVpcId, ...content } = client as CachedClient;
            const actual = { client: content, resolver, bypassesCoreDns };
            // `expect` is slow: it only explains a difference.
            if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
            if (before.has(client)) remembered++;
            clients.add(client);
          }
          before = clients;
        }
      }),
      { ...RUNS, numRuns: RUNS.numRuns * 4 },
    );
    // Otherwise the cache was not tested.
    expect(remembered).toBeGreaterThan(200);
  },
  TIME_LIMIT_MS,
);
