import { expect, it } from '@jest/globals';
import { type Facts, ownerOf } from '../../../src/inventory/ip-ownership/interval.ts';
import { readNode } from '../../../src/inventory/kubernetes/objects.ts';
import { createClusterTables } from '../../../src/inventory/owner-index.ts';
import { clusterStub, podStub } from '../../support/directory-stub.ts';
import { nodeObject } from '../../support/kubernetes-objects.ts';

const START_MS = Date.parse('2026-03-01T12:00:00Z');
const s = (second: number) => START_MS + second * 1000;
const shop = clusterStub('shop');

const pod = (name: string, start: number, more: Partial<Facts> = {}): Facts => ({
  key: name,
  names: [`shop/${name}`],
  holder: { kind: 'pod', pod: podStub(shop, name, { nodeName: 'node-1' }) },
  ips: ['10.0.0.1'],
  ownsIps: true,
  startMs: s(start),
  startIsCertain: true,
  ending: undefined,
  aliveAtMs: undefined,
  ...more,
});

/** A node that was heard of at `heardAt` last, which the control plane notices 50 s later. */
function node(uid: string, heardAt: number | undefined): Facts {
  const object = nodeObject('node-1', '10.9.0.1', 'i-1', s(-1000));
  const time = (second: number) => new Date(s(second)).toISOString();
  const ready =
    heardAt === undefined
      ? { type: 'Ready', status: 'True', lastHeartbeatTime: time(0), lastTransitionTime: time(0) }
      : {
          type: 'Ready',
          status: 'Unknown',
          lastHeartbeatTime: time(heardAt - 200),
          lastTransitionTime: time(heardAt + 60),
        };
  const made = {
    ...object,
    metadata: { ...object.metadata, uid },
    status: {
      ...(object.status as object),
      conditions: [{ type: 'DiskPressure', status: 'Unknown' }, ready],
    },
  };
  const facts = readNode(made, false, shop);
  if (facts === undefined) throw new Error('no node');
  return facts;
}

/** A pod on a node that is well, and everything known up to second 100. */
function world() {
  const { pods, nodes } = createClusterTables(shop);
  nodes.observe(node('a', undefined), s(100));
  pods.observe(pod('p', 0), s(100));
  const syncedTo = (second: number): void => {
    pods.syncedTo(s(second));
    nodes.syncedTo(s(second));
  };
  syncedTo(100);
  const who = (...seconds: number[]) =>
    seconds.map((second) => {
      const owner = ownerOf(pods.at('10.0.0.1'), undefined, s(second));
      return owner?.kind === 'pod' ? `${owner.pod.name} ${owner.attribution}` : (owner?.kind ?? 'none');
    });
  return { pods, nodes, syncedTo, who };
}

it('is no proof that its pods are alive: only up to its last word they are', () => {
  const { nodes, syncedTo, who } = world();
  nodes.observe(node('a', 60), undefined);
  syncedTo(200);
  expect(who(50, 60, 61, 85, 87, 200)).toEqual([
    'p exact',
    'p exact',
    'p inferred',
    'p inferred',
    'none',
    'none',
  ]);
});

it('leaves its addresses to others', () => {
  const { nodes, pods, syncedTo, who } = world();
  nodes.observe(node('a', 60), undefined);
  pods.observe({ ...pod('q', 120), holder: { kind: 'pod', pod: podStub(shop, 'q') } }, undefined);
  syncedTo(200);
  expect(who(118, 120, 150)).toEqual(['q inferred', 'q exact', 'q exact']);
});

it('is found again, and its pods were there all the time', () => {
  const { nodes, syncedTo, who } = world();
  nodes.observe(node('a', 60), undefined);
  nodes.observe(node('a', undefined), undefined);
  syncedTo(200);
  expect(who(61, 200)).toEqual(['p exact', 'p exact']);
});

it('is not found again when another one takes its name', () => {
  const { nodes, pods, syncedTo, who } = world();
  nodes.observe(node('a', 60), undefined);
  nodes.observe(node('b', undefined), undefined);
  pods.observe(pod('r', 130), undefined);
  syncedTo(200);
  expect(who(61, 100, 150)).toEqual(['p inferred', 'none', 'r exact']);
});

it('is gone: nothing that was on it is alive after it was seen last', () => {
  const { nodes, syncedTo, who } = world();
  nodes.remove(node('a', undefined), s(150));
  syncedTo(200);
  expect(who(100, 101, 127)).toEqual(['p exact', 'p inferred', 'none']);
});

it('is lost for pods, too, that come to be known later, but not for those that began since', () => {
  const { nodes, pods, syncedTo, who } = world();
  nodes.observe(node('a', 60), undefined);
  pods.remove(pod('p', 0), s(110));
  pods.observe(pod('late', 70), undefined);
  pods.observe({ ...pod('known-late', 50), ips: ['10.0.0.2'] }, undefined);
  syncedTo(200);
  const owner = ownerOf(pods.at('10.0.0.2'), undefined, s(100));
  expect([...who(50, 75, 150), owner?.kind ?? 'none']).toEqual([
    'p exact',
    'late exact',
    'late exact',
    'none',
  ]);
});

it('has its pods end when it was heard of last, whenever they are deleted', () => {
  const { nodes, pods, syncedTo, who } = world();
  nodes.observe(node('a', 60), undefined);
  syncedTo(400);
  pods.remove(pod('p', 0), s(400));
  expect(who(60, 61, 87)).toEqual(['p exact', 'p inferred', 'none']);
});
