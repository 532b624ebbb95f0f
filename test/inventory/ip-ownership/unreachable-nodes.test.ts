import { describe, expect, it } from '@jest/globals';
import { createClusterTables } from '../../../src/inventory/ip-ownership/index.ts';
import { ownerAt } from '../../../src/inventory/ip-ownership/owner-at.ts';
import { createIpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { podStub } from '../../support/directory-stub.ts';
import { observedNode, observedPod, ownerText, POD_IP, SHOP, second } from '../../support/observations.ts';

/** `node-1` with this uid, healthy, or unreachable since a second. */
const node = (uid: string, unreachableSince?: number) =>
  observedNode('node-1', 'i-1', {
    key: uid,
    ips: ['10.9.0.1'],
    unreachableSinceMs: unreachableSince === undefined ? undefined : second(unreachableSince),
  });

/** A pod on a healthy node, synced to second 100. */
function createWorld() {
  const { pods, nodes } = createClusterTables(SHOP);
  nodes.observe(node('uid-a'), second(100));
  pods.observe(observedPod('p'), second(100));
  const syncedTo = (seconds: number): void => {
    pods.syncedTo(second(seconds));
    nodes.syncedTo(second(seconds));
  };
  syncedTo(100);
  const ownersAt = (ip: string, ...seconds: number[]) =>
    seconds.map((each) => ownerText(ownerAt(pods.byIp(ip), undefined, second(each))));
  return { pods, nodes, syncedTo, ownersAt, owners: (...seconds: number[]) => ownersAt(POD_IP, ...seconds) };
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

  it('does not confirm pods observed later either, except those that started since', () => {
    const { nodes, pods, syncedTo, owners, ownersAt } = createWorld();
    nodes.observe(node('uid-a', 60), undefined);
    pods.remove(observedPod('p'), second(110));
    pods.observe(observedPod('new', { startMs: second(70) }), undefined);
    pods.observe(observedPod('old', { ips: ['10.0.0.2'], startMs: second(50) }), undefined);
    pods.observe(observedPod('same', { ips: ['10.0.0.3'], startMs: second(60) }), undefined);
    syncedTo(200);
    expect(owners(50, 75, 150)).toEqual(['p exact', 'new exact', 'new exact']);
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
  it('had its pods until the last sync before the deletion was noticed', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.remove(node('uid-a'), second(150));
    syncedTo(200);
    expect(owners(100, 101, 126)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('had its pods until the deletion was noticed, if that is earlier than the last sync', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.remove(node('uid-a'), second(80));
    syncedTo(200);
    expect(owners(80, 81, 106)).toEqual(['p exact', 'p inferred', 'none']);
  });

  it('had its pods until its last heartbeat when it was unreachable', () => {
    const { nodes, syncedTo, owners } = createWorld();
    nodes.remove(node('uid-a', 60), second(150));
    syncedTo(200);
    expect(owners(60, 61, 86)).toEqual(['p exact', 'p inferred', 'none']);
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
    const owners = [90, 91].map((each) => ownerText(ownerAt(pods.byIp(POD_IP), undefined, second(each))));
    expect(owners).toEqual(['p exact', 'p inferred']);
  });
});

it('the table of nodes records the nodes themselves', () => {
  const { nodes } = createWorld();
  expect(nodes.byName('i-1')?.hasEnded).toBe(false);
  nodes.remove(node('uid-a'), second(150));
  expect(nodes.byName('i-1')?.hasEnded).toBe(true);
});

it('remembers a thousand unreachable nodes, the ones marked last', () => {
  const table = createIpOwnershipTable();
  table.markNodeUnreachable('node-0', second(60));
  for (let n = 1; n <= 999; n += 1) table.markNodeUnreachable(`node-${n}`, second(60));
  table.markNodeUnreachable('node-0', second(60));
  table.markNodeUnreachable('node-1000', second(60));
  const isConfirmed = (node: string): boolean => {
    const owner = { kind: 'pod', pod: podStub(SHOP, `on-${node}`, { nodeName: node }) } as const;
    table.observe(observedPod(`on-${node}`, { owner, ips: [node] }), second(100));
    return ownerText(ownerAt(table.byIp(node), undefined, second(100))).endsWith('exact');
  };
  expect(['node-0', 'node-1', 'node-2', 'node-1000'].map(isConfirmed)).toEqual([false, true, false, false]);
});
