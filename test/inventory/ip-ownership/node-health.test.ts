import { describe, expect, it } from '@jest/globals';
import { createClusterTables } from '../../../src/inventory/ip-ownership/index.ts';
import type { Observation } from '../../../src/inventory/ip-ownership/interval.ts';
import { ownerAt } from '../../../src/inventory/ip-ownership/owner-at.ts';
import { podStub } from '../../support/directory-stub.ts';
import {
  ENDED,
  endedAt,
  observedNode,
  observedPod,
  ownerText,
  POD_IP,
  SHOP,
  second,
} from '../../support/observations.ts';

/** `node-1` with this uid, healthy, or unreachable since a second. */
const node = (uid: string, unreachableSince?: number) =>
  observedNode('node-1', 'i-1', {
    key: uid,
    ips: ['10.9.0.1'],
    unreachableSinceMs: unreachableSince === undefined ? undefined : second(unreachableSince),
  });

/** A pod on a healthy node, synced to second 100. */
function createWorld() {
  const tables = createClusterTables(SHOP);
  const { pods, nodes } = tables;
  nodes.observe(node('uid-a'), second(100));
  pods.observe(observedPod('p'), second(100));
  const syncedTo = (seconds: number): void => {
    pods.syncedTo(second(seconds));
    nodes.syncedTo(second(seconds));
  };
  syncedTo(100);
  const ownersAt = (ip: string, ...seconds: number[]) =>
    seconds.map((each) => ownerText(ownerAt(pods.byIp(ip), undefined, second(each))));
  return { ...tables, syncedTo, ownersAt, owners: (...seconds: number[]) => ownersAt(POD_IP, ...seconds) };
}

describe('an unreachable node', () => {
  it('confirms its pods until its last heartbeat only, although they are still listed', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    syncedTo(200);
    expect(owners(50, 60, 61, 85, 86, 200)).toEqual([
      'p exact',
      'p exact',
      'p inferred',
      'p inferred',
      'none',
      'none',
    ]);
  });

  it('does not block its addresses for other pods', () => {
    const { nodes, pods, syncedTo, owners } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    const owner = { kind: 'pod', pod: podStub(SHOP, 'q') } as const;
    pods.observe(observedPod('q', { owner, startMs: second(120) }), undefined);
    syncedTo(200);
    expect(owners(118, 120, 150)).toEqual(['q inferred', 'q exact', 'q exact']);
  });

  it('that recovers confirms its pods for the whole time', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    nodes.observe(node('uid-a'), undefined);
    syncedTo(200);
    expect(owners(61, 200)).toEqual(['p exact', 'p exact']);
  });

  it('that recovers also confirms pods observed from then on', () => {
    const { nodes, pods, syncedTo, ownersAt } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    nodes.observe(node('uid-a'), undefined);
    pods.observe(observedPod('late', { ips: ['10.0.0.2'], startMs: second(50) }), undefined);
    syncedTo(200);
    expect(ownersAt('10.0.0.2', 150)).toEqual(['late exact']);
  });

  it('does not recover when another node takes its name', () => {
    const { nodes, pods, syncedTo, owners } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    nodes.observe(node('uid-b'), undefined);
    nodes.observe(node('uid-b'), undefined);
    nodes.observe(node('uid-a'), undefined);
    pods.observe(observedPod('r', { startMs: second(130) }), undefined);
    syncedTo(200);
    expect(owners(61, 100, 150)).toEqual(['p inferred', 'none', 'r exact']);
  });

  it('does not confirm pods observed later either, whenever they started', () => {
    const { nodes, pods, syncedTo, owners, ownersAt } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    pods.remove(observedPod('p'), second(110));
    pods.observe(observedPod('new', { startMs: second(70) }), undefined);
    pods.observe(observedPod('old', { ips: ['10.0.0.2'], startMs: second(50) }), undefined);
    pods.observe(observedPod('same', { ips: ['10.0.0.3'], startMs: second(60) }), undefined);
    syncedTo(200);
    expect(owners(50, 75, 95, 96)).toEqual(['p exact', 'new inferred', 'new inferred', 'none']);
    expect([...ownersAt('10.0.0.2', 100), ...ownersAt('10.0.0.3', 100)]).toEqual(['none', 'none']);
  });

  it('ends its pods at its last heartbeat, whenever they are deleted', () => {
    const { nodes, pods, syncedTo, owners } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    syncedTo(400);
    pods.remove(observedPod('p'), second(400));
    expect(owners(60, 61, 86)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('does not affect pods on other nodes', () => {
    const { nodes, pods, syncedTo, ownersAt } = createWorld();
    const owner = { kind: 'pod', pod: podStub(SHOP, 'q', { nodeName: 'node-2' }) } as const;
    pods.observe(observedPod('q', { owner, ips: ['10.0.0.2'] }), second(100));
    nodes.observe(node('uid-a', 60), undefined);
    syncedTo(200);
    expect(ownersAt('10.0.0.2', 150)).toEqual(['q exact']);
  });
});

describe('a deleted node', () => {
  it('had its pods until a minute before the last sync in which it was listed', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.remove(node('uid-a'), second(150));
    syncedTo(200);
    expect(owners(40, 41, 65, 66)).toEqual(['p exact', 'p inferred', 'p inferred', 'none']);
  });

  it('had its pods until a minute before the deletion was noticed, if that is earlier than the last sync', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.remove(node('uid-a'), second(80));
    syncedTo(200);
    expect(owners(20, 21, 46)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('had its pods until a minute before the last sync when a list no longer shows it', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.beginList();
    nodes.endList(second(150));
    syncedTo(200);
    expect(owners(40, 41, 66)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('had its pods until a minute before another node of that name was listed', () => {
    const { nodes, pods, syncedTo, owners } = createWorld();
    nodes.observe({ ...node('uid-b'), startMs: second(130) }, second(150));
    pods.observe(observedPod('r', { startMs: second(140) }), undefined);
    syncedTo(200);
    expect(owners(40, 41, 66, 150)).toEqual(['p exact', 'p inferred', 'none', 'r exact']);
  });

  it('ended also a pod that was deleted by force shortly before it was noticed', () => {
    const { nodes, pods, syncedTo, owners } = createWorld();
    syncedTo(150);
    pods.remove(observedPod('p', ENDED), second(155));
    nodes.remove(node('uid-a'), second(160));
    syncedTo(200);
    expect(owners(90, 91, 116)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('leaves known ends as they are: the kubelet reported them', () => {
    const { nodes, pods, syncedTo, owners } = createWorld();
    pods.remove(observedPod('p', endedAt(95)), second(98));
    nodes.remove(node('uid-a'), second(100));
    syncedTo(200);
    expect(owners(95, 96, 97)).toEqual(['p exact', 'p inferred', 'none']);
  });

  /** Pods on `node-1`, which is not listed, and on `node-2`, which is; the Leases are as given. */
  const afterwards = (leases: Parameters<ReturnType<typeof createClusterTables>['observeLeases']>[0]) => {
    const { pods, nodes, apply, observeLeases } = createClusterTables(SHOP);
    const on = (name: string, node: string, members: Partial<Observation>) => {
      const owner = { kind: 'pod', pod: podStub(SHOP, name, { nodeName: node }) } as const;
      pods.observe(observedPod(name, { owner, ...members }), second(200));
    };
    on('p', 'node-1', { startMs: second(50) });
    // Its node may have joined after the nodes were listed.
    on('young', 'node-1', { ips: ['10.0.0.2'], startMs: second(199) });
    on('q', 'node-2', { ips: ['10.0.0.3'] });
    pods.syncedTo(second(200));
    observeLeases(leases, second(200));
    nodes.syncedTo(second(200));
    apply();
    const ownersAt = (ip: string, ...seconds: number[]) =>
      seconds.map((each) => ownerText(ownerAt(pods.byIp(ip), undefined, second(each))));
    // Without any node, the nodes were not read, which proves nothing either way.
    expect(ownersAt(POD_IP, 190)).toEqual(['p exact']);
    nodes.observe(observedNode('node-2', 'i-2', { ips: [] }), second(200));
    apply();
    expect([...ownersAt('10.0.0.2', 199), ...ownersAt('10.0.0.3', 180)]).toEqual(['young exact', 'q exact']);
    return (...seconds: number[]) => ownersAt(POD_IP, ...seconds);
  };

  it('before the first look at the cluster: nothing proves that its pods live', () => {
    const owners = afterwards([{ nodeName: 'node-2', nodeUid: undefined, renewedMs: second(195) }]);
    expect(owners(50, 75, 76)).toEqual(['p inferred', 'p inferred', 'none']);
  });

  it('before the first look at the cluster, without Leases: until a minute before it', () => {
    expect(afterwards('forbidden')(140, 141, 166)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('is not concluded from a list of no Leases at all', () => {
    expect(afterwards([])(190)).toEqual(['p exact']);
  });

  it('is not found again by a node with the same key', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    nodes.remove(node('uid-a', 60), second(150));
    nodes.observe(node('uid-a'), undefined);
    syncedTo(200);
    expect(owners(60, 61)).toEqual(['p exact', 'p inferred']);
  });

  it('in tables that were never synced had its pods until the deletion was noticed', () => {
    const { pods, nodes } = createClusterTables(SHOP);
    pods.observe(observedPod('p'), second(100));
    nodes.remove(node('uid-a'), second(90));
    const owners = [30, 31].map((each) => ownerText(ownerAt(pods.byIp(POD_IP), undefined, second(each))));
    expect(owners).toEqual(['p exact', 'p inferred']);
  });
});

it('the table of nodes records the nodes themselves', () => {
  const { nodes } = createWorld();
  expect(nodes.byName('i-1')?.hasEnded).toBe(false);
  nodes.remove(node('uid-a'), second(150));
  expect(nodes.byName('i-1')?.hasEnded).toBe(true);
});

describe('Leases', () => {
  const lease = (renewed: number, nodeUid: string | undefined = 'uid-a') => ({
    nodeName: 'node-1',
    nodeUid,
    renewedMs: second(renewed),
  });
  /** The world above, with a Lease renewed at second 95. */
  const withLease = () => {
    const world = createWorld();
    const observe = (at: number, ...leases: ReturnType<typeof lease>[]): void => {
      world.observeLeases(leases, second(at));
      world.apply();
    };
    observe(100, lease(95));
    return { ...world, observe };
  };

  it('prove pods until the last renewal, whatever the API lists', () => {
    const { syncedTo, owners, observe } = withLease();
    expect(owners(95, 96, 120, 121)).toEqual(['p exact', 'p inferred', 'p inferred', 'none']);
    syncedTo(150);
    observe(150, lease(95));
    expect(owners(95, 96, 121)).toEqual(['p exact', 'p inferred', 'none']);
    observe(151, lease(145));
    expect(owners(145, 146, 171)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('prove also a pod whose node became known after the pod', () => {
    const { pods, syncedTo, ownersAt } = withLease();
    const late = { ips: ['10.0.0.7'] };
    pods.observe(observedPod('q', { ...late, owner: { kind: 'pod', pod: podStub(SHOP, 'q') } }), second(110));
    syncedTo(110);
    expect(ownersAt('10.0.0.7', 110)).toEqual(['q exact']);
    const owner = { kind: 'pod', pod: podStub(SHOP, 'q', { nodeName: 'node-1' }) } as const;
    pods.observe(observedPod('q', { ...late, owner }), second(111));
    expect(ownersAt('10.0.0.7', 95, 110)).toEqual(['q exact', 'q inferred']);
  });

  it('prove more than the estimate from the condition of an unreachable node', () => {
    const { nodes, syncedTo, owners } = withLease();
    nodes.observe(node('uid-a', 60), undefined);
    syncedTo(150);
    expect(owners(95, 96)).toEqual(['p exact', 'p inferred']);
  });

  it('limit pods that were deleted by force before the death of the node was noticed', () => {
    const { pods, syncedTo, owners, observe } = withLease();
    syncedTo(130);
    pods.remove(observedPod('p', ENDED), second(131), second(130));
    expect(owners(95, 96, 121)).toEqual(['p exact', 'p inferred', 'none']);
    // The node lives: the pod did so until it was deleted.
    observe(150, lease(140));
    expect(owners(130, 131, 156)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('stay the last sign of life of a node that was deleted', () => {
    const { pods, nodes, syncedTo, owners, observe } = withLease();
    nodes.remove(node('uid-a'), second(150));
    observe(150);
    pods.remove(observedPod('p', ENDED), second(160), second(155));
    syncedTo(200);
    expect(owners(95, 96, 121)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('of another node with the name prove nothing for the pods of the former', () => {
    const { pods, nodes, syncedTo, owners, observe } = withLease();
    nodes.remove(node('uid-a'), second(150));
    nodes.observe({ ...node('uid-b'), startMs: second(160) }, undefined);
    pods.observe(observedPod('r', { startMs: second(170) }), undefined);
    syncedTo(200);
    observe(200, lease(195, 'uid-b'));
    expect(owners(95, 96, 121, 180, 195, 196)).toEqual([
      'p exact',
      'p inferred',
      'none',
      'r exact',
      'r exact',
      'r inferred',
    ]);
  });

  it('without an owner count for the present node of the name', () => {
    const { owners, observe } = withLease();
    observe(120, lease(97, undefined));
    expect(owners(97, 98)).toEqual(['p exact', 'p inferred']);
  });

  it('count without any nodes: the function may not list them', () => {
    const { pods, observeLeases, apply } = createClusterTables(SHOP);
    pods.observe(observedPod('p'), second(100));
    pods.syncedTo(second(100));
    observeLeases([lease(80)], second(100));
    apply();
    const owners = [80, 81].map((each) => ownerText(ownerAt(pods.byIp(POD_IP), undefined, second(each))));
    expect(owners).toEqual(['p exact', 'p inferred']);
  });

  it.each([
    [160, ['p inferred', 'none']],
    [161, ['p exact', 'p exact']],
  ])('that could not be read for long no longer count: synced to %d', (seconds, expected) => {
    const { syncedTo, apply, owners } = withLease();
    syncedTo(seconds);
    apply();
    expect(owners(96, 150)).toEqual(expected);
  });

  it('are not missed on nodes that have none', () => {
    const { syncedTo, owners, observe } = withLease();
    observe(110);
    expect(owners(95, 96)).toEqual(['p exact', 'p inferred']);
    const world = createWorld();
    world.observeLeases([], second(100));
    world.apply();
    expect(world.owners(100)).toEqual(['p exact']);
    syncedTo(100);
  });

  it('are forgotten with the cluster', () => {
    const { pods, nodes, owners, clear, apply } = withLease();
    clear();
    nodes.observe(node('uid-a'), second(100));
    pods.observe(observedPod('p'), second(100));
    pods.syncedTo(second(100));
    apply();
    expect(owners(100)).toEqual(['p exact']);
  });
});
