import { expect, it } from '@jest/globals';
import { readNode } from '../../../src/inventory/kubernetes/objects.ts';
import { clusterStub } from '../../support/directory-stub.ts';
import { nodeObject } from '../../support/kubernetes-objects.ts';
import { second } from '../../support/observations.ts';

const CLUSTER = clusterStub('prod');

it('reads a node with its instance', () => {
  expect(readNode(nodeObject('node-a', '10.9.0.1', 'i-0a1b', second(0)), false, CLUSTER)).toEqual({
    key: 'uid-node-a',
    names: ['node-a', 'i-0a1b'],
    owner: { kind: 'node', node: { cluster: CLUSTER, name: 'node-a', instanceId: 'i-0a1b' } },
    ips: ['10.9.0.1'],
    ownsIps: true,
    startMs: second(0),
    startIsCertain: true,
    ending: undefined,
    aliveAtMs: undefined,
  });
});

it('reads only internal addresses of a node, and ends it when it is deleted', () => {
  const node = nodeObject('node-a', '10.9.0.1', 'i-0a1b');
  const addresses = [
    { type: 'ExternalIP', address: '203.0.113.9' },
    { type: 'InternalIP', address: '10.9.0.1' },
    { type: 'InternalIP', address: '2001:DB8::1' },
  ];
  const observation = readNode({ ...node, status: { addresses } }, true, CLUSTER);
  expect(observation).toMatchObject({ ips: ['10.9.0.1', '2001:db8::1'], ending: { kind: 'unknown' } });
  const bare = readNode({ metadata: node.metadata, spec: null, status: null }, false, CLUSTER);
  expect(bare).toMatchObject({ names: ['node-a'], ips: [], unreachableSinceMs: undefined });
});

it.each([
  ['healthy', 'True', second(0), second(0), undefined],
  ['not ready, but with heartbeats', 'False', second(0), second(60), undefined],
  ['unreachable some time before it was noticed', 'Unknown', second(-200), second(60), second(0)],
  ['heartbeat since then', 'Unknown', second(30), second(60), second(30)],
])(
  'reads since when a node is unreachable: %s',
  (_, status, heartbeatMs, transitionMs, unreachableSinceMs) => {
    const node = nodeObject('node-a', '10.9.0.1', 'i-0a1b', second(-500));
    const times = {
      lastHeartbeatTime: new Date(heartbeatMs).toISOString(),
      lastTransitionTime: new Date(transitionMs).toISOString(),
    };
    const conditions = [
      { type: 'DiskPressure', status: 'Unknown' },
      { type: 'Ready', status, ...times },
    ];
    const observation = readNode(
      { ...node, status: { ...(node.status as object), conditions } },
      false,
      CLUSTER,
    );
    expect(observation?.unreachableSinceMs).toBe(unreachableSinceMs);
  },
);

it.each([
  [{ lastTransitionTime: '2026-03-01T12:01:00Z' }, second(0)],
  [{ lastHeartbeatTime: '2026-03-01T12:00:00Z' }, second(0)],
  [{}, 0],
])('reads an unreachable node with incomplete times: %j', (times, expected) => {
  const node = nodeObject('node-a', '10.9.0.1', 'i-0a1b');
  const conditions = [{ type: 'Ready', status: 'Unknown', ...times }];
  expect(readNode({ ...node, status: { conditions } }, false, CLUSTER)?.unreachableSinceMs).toBe(expected);
});

it('gives a Fargate node no address, because it shares that of its pod', () => {
  const node = nodeObject('fargate-1', '10.9.0.1', 'x');
  const labels = { 'eks.amazonaws.com/compute-type': 'fargate' };
  const observation = readNode({ ...node, metadata: { ...node.metadata, labels } }, false, CLUSTER);
  expect(observation).toMatchObject({ ownsIps: false, names: ['fargate-1'] });
});
