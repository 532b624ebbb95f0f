import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../src/core/model/directory.ts';
import { createInstanceIndex } from '../../src/inventory/ec2/instance-index.ts';
import { createClusterTables } from '../../src/inventory/ip-ownership/index.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import { clusterStub, instanceStub, podStub } from '../support/directory-stub.ts';
import {
  ENDED,
  endedAt,
  observedNode,
  observedPod,
  ownerText,
  POD_IP,
  SHOP,
  second,
} from '../support/observations.ts';

const BANK = clusterStub('bank', { vpcId: 'vpc-1' });
/** In another account. */
const OTHER_SHOP = clusterStub(SHOP.name, { arn: 'arn:aws:eks:us-east-1:444455556666:cluster/shop' });

/** Two clusters; `shop` has a pod at `POD_IP` and is synced to second 100. */
function createWorld() {
  const [shop, bank] = [createClusterTables(SHOP), createClusterTables(BANK)];
  const instances = createInstanceIndex();
  shop.pods.observe(observedPod('cart-0'), second(100));
  shop.pods.syncedTo(second(100));
  const directory = createOwnerIndex([shop, bank], instances);
  const lookUp = (clusters: readonly Cluster[], ip: string, seconds: number): string =>
    ownerText(directory.ownerAt(directory.historyOf(clusters, ip), second(seconds)));
  const cacheValidity = (clusters: readonly Cluster[] = [SHOP], ip = POD_IP) =>
    directory.validityAt(directory.historyOf(clusters, ip), second(50)).cacheValidity;
  return { shop, bank, instances, directory, lookUp, cacheValidity };
}

describe('ownerAt', () => {
  it('finds an address in any spelling', () => {
    const { shop, lookUp } = createWorld();
    shop.pods.observe(observedPod('v6', { ips: ['2001:db8::7'] }), second(100));
    expect(lookUp([SHOP], '2001:0DB8:0::7%eth0', 50)).toBe('v6 exact');
    expect(lookUp([SHOP], `::ffff:${POD_IP}`, 50)).toBe('cart-0 exact');
    expect(lookUp([SHOP], 'text', 50)).toBe('none');
  });

  it('searches only the given clusters', () => {
    const { lookUp } = createWorld();
    expect([lookUp([BANK], POD_IP, 50), lookUp([], POD_IP, 50)]).toEqual(['none', 'none']);
    expect(lookUp([SHOP, BANK], POD_IP, 50)).toBe('cart-0 exact');
    expect(lookUp([clusterStub('other')], POD_IP, 50)).toBe('none');
  });

  it('tells clusters of one name apart', () => {
    const [shop, other] = [createClusterTables(SHOP), createClusterTables(OTHER_SHOP)];
    const directory = createOwnerIndex([shop, other], createInstanceIndex());
    const podOf = (cluster: Cluster, name: string) => ({
      owner: { kind: 'pod', pod: podStub(cluster, name, { nodeName: 'node-1' }) } as const,
    });
    shop.pods.observe(observedPod('cart-0', podOf(SHOP, 'cart-0')), second(100));
    other.pods.observe(observedPod('cart-0', podOf(OTHER_SHOP, 'cart-0')), second(100));
    for (const [tables, cluster, id] of [
      [shop, SHOP, 'i-1'],
      [other, OTHER_SHOP, 'i-2'],
    ] as const) {
      const owner = { kind: 'node', node: { cluster, name: 'node-1', instanceId: id } } as const;
      tables.nodes.observe(observedNode('node-1', id, { owner, ips: ['10.9.0.1'] }), second(100));
    }
    for (const [cluster, id] of [
      [SHOP, 'i-1'],
      [OTHER_SHOP, 'i-2'],
    ] as const) {
      const owner = directory.ownerAt(directory.historyOf([cluster], POD_IP), second(50));
      const pod = owner?.kind === 'pod' ? owner.pod : undefined;
      expect(pod?.cluster).toBe(cluster);
      expect(directory.podNamed([cluster], 'shop', 'cart-0')).toBe(pod);
      expect(directory.nodeNamed(cluster, 'node-1')?.instanceId).toBe(id);
      expect(pod && directory.nodeOf(pod)?.instanceId).toBe(id);
    }
    expect(ownerText(directory.ownerAt(directory.historyOf([SHOP, OTHER_SHOP], POD_IP), second(50)))).toBe(
      'ambiguous',
    );
    expect(directory.podNamed([SHOP, OTHER_SHOP], 'shop', 'cart-0')).toBeUndefined();
  });

  it('is ambiguous when two clusters match at that time', () => {
    const { bank, lookUp } = createWorld();
    bank.pods.observe(observedPod('loan-0', { startMs: second(40) }), second(100));
    expect([20, 50].map((at) => lookUp([SHOP, BANK], POD_IP, at))).toEqual(['cart-0 exact', 'ambiguous']);
    expect([20, 50].map((at) => lookUp([BANK, SHOP], POD_IP, at))).toEqual(['cart-0 exact', 'ambiguous']);
  });

  it('finds nodes beside pods', () => {
    const { shop, lookUp } = createWorld();
    shop.nodes.observe(observedNode('node-1', 'i-1', { ips: ['10.9.0.1'] }), second(100));
    expect(lookUp([SHOP], '10.9.0.1', 50)).toBe('node-1 exact');
  });
});

describe('validityAt', () => {
  it('intersects all ownerships of the address', () => {
    const { shop, bank, directory } = createWorld();
    bank.pods.observe(observedPod('loan-0', { startMs: second(60) }), second(100));
    shop.nodes.observe(observedNode('node-1', 'i-1', { startMs: second(40) }), second(100));
    const history = directory.historyOf([SHOP, BANK], POD_IP);
    const { fromMs, toMs } = directory.validityAt(history, second(50));
    expect([fromMs, toMs]).toEqual([second(42), second(58)]);
  });

  it('is unlimited without ownerships', () => {
    const { directory } = createWorld();
    const validity = directory.validityAt(directory.historyOf([SHOP], '10.0.0.9'), second(50));
    expect(validity).toEqual({
      fromMs: Number.NEGATIVE_INFINITY,
      toMs: Number.POSITIVE_INFINITY,
      cacheValidity: undefined,
    });
  });

  it('lets the answer outlive the batch for the only owner of an address, a live pod', () => {
    const { shop, cacheValidity } = createWorld();
    const before = cacheValidity();
    expect(before?.lastSync.syncedMs).toBe(second(100));
    shop.pods.syncedTo(second(160));
    expect(cacheValidity()).toBe(before);
    expect(before?.lastSync.syncedMs).toBe(second(160));
  });

  it('lets it outlive the batch until the last sign of life of its node only', () => {
    const { shop, cacheValidity } = createWorld();
    const [before, revision] = [cacheValidity(), cacheValidity()?.revision];
    expect(before?.life?.provedUntilMs).toBe(Number.POSITIVE_INFINITY);
    shop.pods.nodesProved(new Map([['node-1', second(90)]]));
    expect(cacheValidity()?.life?.provedUntilMs).toBe(second(90));
    expect(before?.revision).not.toBe(revision);
  });

  it.each<[string, (world: ReturnType<typeof createWorld>) => void]>([
    ['it has ended', ({ shop }) => shop.pods.observe(observedPod('cart-0', endedAt(120)), undefined)],
    ['it was deleted', ({ shop }) => shop.pods.remove(observedPod('cart-0', ENDED), second(110))],
    [
      'another pod has the address',
      ({ shop }) => shop.pods.observe(observedPod('cart-1', { startMs: second(90) }), undefined),
    ],
    ['a node has the address', ({ shop }) => shop.nodes.observe(observedNode('node-2', 'i-2'), second(100))],
  ])('does not let it outlive the batch when %s', (_, change) => {
    const world = createWorld();
    change(world);
    expect(world.cacheValidity()).toBeUndefined();
  });

  it('does not let it outlive the batch when several clusters were searched, or the owner is a node', () => {
    const { shop, cacheValidity } = createWorld();
    expect(cacheValidity([SHOP, BANK])).toBeUndefined();
    expect(cacheValidity([SHOP], '10.0.0.9')).toBeUndefined();
    shop.nodes.observe(observedNode('node-1', 'i-1', { ips: ['10.9.0.1'] }), second(100));
    expect(cacheValidity([SHOP], '10.9.0.1')).toBeUndefined();
  });
});

it('counts changes of nodes and instances, but not of pods, as the topology', () => {
  const { shop, bank, instances, directory } = createWorld();
  const revisions = [directory.topologyRevision()];
  const count = (): number => revisions.push(directory.topologyRevision());
  shop.nodes.observe(observedNode('node-1', 'i-1', { ips: [] }), second(100));
  count();
  bank.nodes.observe(observedNode('node-1', 'i-2', { ips: [] }), second(100));
  count();
  instances.put({ instance: instanceStub('i-1'), ips: [], prefixes: [] });
  count();
  expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
  const before = directory.topologyRevision();
  shop.pods.observe(observedPod('cart-1', { ips: ['10.0.0.2'] }), second(100));
  instances.put({ instance: instanceStub('i-1'), ips: [], prefixes: [] });
  expect(directory.topologyRevision()).toBe(before);
});

describe('look-ups by name', () => {
  it('find a pod when only one of the clusters has the name', () => {
    const { bank, directory } = createWorld();
    expect(directory.podNamed([SHOP, BANK], 'shop', 'cart-0')?.name).toBe('cart-0');
    expect(directory.podNamed([BANK], 'shop', 'cart-0')).toBeUndefined();
    bank.pods.observe(observedPod('cart-0'), second(100));
    expect(directory.podNamed([SHOP, BANK], 'shop', 'cart-0')).toBeUndefined();
  });

  it('find addresses of a pod', () => {
    const { directory } = createWorld();
    expect(directory.podIps(podStub(SHOP, 'cart-0'))).toEqual([POD_IP]);
    expect(directory.podIps(podStub(SHOP, 'unknown'))).toEqual([]);
    expect(directory.podIps(podStub(clusterStub('other'), 'cart-0'))).toEqual([]);
  });

  it('find nodes by name in one cluster and by instance in all', () => {
    const { bank, directory } = createWorld();
    bank.nodes.observe(observedNode('node-1', 'i-1'), second(100));
    expect(directory.nodeNamed(BANK, 'node-1')?.instanceId).toBe('i-1');
    expect(directory.nodeNamed(SHOP, 'node-1')).toBeUndefined();
    expect(directory.nodeOfInstance('i-1')?.name).toBe('node-1');
    expect(directory.nodeOfInstance('i-2')).toBeUndefined();
  });
});

describe('the node of a pod', () => {
  /** `node-1` is instance `i-1` from second 0 on and `i-2` from second 50 on. */
  const withTwoNodes = () => {
    const { shop, directory } = createWorld();
    shop.nodes.observe(observedNode('node-1', 'i-1', { key: 'uid-1', startMs: second(-10) }), second(10));
    shop.nodes.observe(observedNode('node-1', 'i-2', { key: 'uid-2', startMs: second(50) }), second(100));
    const nodeOf = (uid: string, startMs: number) => {
      const pod = podStub(SHOP, 'db-0', { uid, nodeName: 'node-1' });
      const owner = { kind: 'pod', pod } as const;
      const names = ['shop/db-0'];
      shop.pods.observe(observedPod(uid, { owner, names, startMs, ips: [`10.0.1.${uid}`] }), second(100));
      return () => directory.nodeOf(pod)?.instanceId;
    };
    return { directory, nodeOf };
  };

  it('is the node that had the name when the pod started', () => {
    const { nodeOf } = withTwoNodes();
    const [first, last] = [nodeOf('1', second(20)), nodeOf('2', second(70))];
    expect([first(), last()]).toEqual(['i-1', 'i-2']);
  });

  it('is the newest node of the name for an unknown pod, and undefined without a node name', () => {
    const { directory } = withTwoNodes();
    expect(directory.nodeOf(podStub(SHOP, 'unknown', { nodeName: 'node-1' }))?.instanceId).toBe('i-2');
    expect(directory.nodeOf(podStub(SHOP, 'cart-0'))).toBeUndefined();
    expect(directory.nodeOf(podStub(clusterStub('other'), 'x', { nodeName: 'node-1' }))).toBeUndefined();
  });
});
