// What is kept of pods and nodes while they arrive is all that is read of them.
import { expect, it } from '@jest/globals';
import { createProjection } from '../../../src/inventory/kubernetes/json-projection.ts';
import { NODE_SHAPE, podShape, readNode, readPod } from '../../../src/inventory/kubernetes/objects.ts';
import type { Shape } from '../../../src/inventory/kubernetes/shape.ts';
import { nodeObject, podObject } from '../../support/kubernetes-objects.ts';
import { SHOP, second } from '../../support/observations.ts';

const selection = {
  corednsNamespace: 'kube-system',
  podLabels: ['app'],
  podAnnotations: ['note', '__proto__', 'toString'],
};

function projected(object: object, shape: Shape): unknown {
  let document: unknown;
  const onDocument = (read: unknown): boolean => {
    document = read;
    return true;
  };
  createProjection({ shape, maxBytes: 1e9, onDocument }).write(Buffer.from(JSON.stringify(object)));
  return document;
}

const pod = podObject({
  name: 'p',
  namespace: 'kube-system',
  ips: ['10.0.0.1', '2001:db8::1'],
  labels: { app: 'cart', 'k8s-app': 'kube-dns', 'pod-template-hash': '5d4f6c7b89', tier: 'x' },
  annotations: {
    note: 'n',
    other: 'o',
    'metadata.dynatrace.com': '{"team":"a"}',
    'metadata.dynatrace.com/owner': 'b',
  },
  owner: { kind: 'ReplicaSet', name: 'cart-5d4f6c7b89' },
  readyMs: second(5),
  startedMs: second(6),
  acceptedMs: second(1),
});
const rollout = {
  labels: { 'rollouts-pod-template-hash': 'abc' },
  owner: { kind: 'ReplicaSet', name: 'cart-abc' },
};

it.each<[string, object]>([
  ['a running pod', pod],
  ['a pod of a rollout', podObject({ name: 'p', ips: ['10.0.0.1'], ...rollout })],
  ['a pod with host networking', podObject({ name: 'p', ips: ['10.0.0.1'], hostNetwork: true })],
  [
    'a pod that is being deleted',
    podObject({ name: 'p', ips: ['10.0.0.1'], deletionMs: second(60), graceSeconds: 30 }),
  ],
  [
    'a pod that has finished',
    podObject({ name: 'p', ips: ['10.0.0.1'], phase: 'Failed', startedMs: second(1), finishedMs: second(9) }),
  ],
  [
    'a pod with null for everything',
    {
      metadata: { uid: 'u', namespace: 'n', name: 'p', labels: null, annotations: null },
      spec: {},
      status: {},
    },
  ],
  ['something else', { metadata: { name: 'x' } }],
])('%s', (_, object) => {
  const read = (from: unknown) => [false, true].map((gone) => readPod(from, gone, SHOP, selection));
  expect(read(projected(object, podShape(selection)))).toEqual(read(object));
});

it('a node', () => {
  const node = nodeObject('node-a', '10.9.0.1', 'i-0a1b');
  const conditions = [
    {
      type: 'Ready',
      status: 'Unknown',
      lastHeartbeatTime: '2026-01-01T00:00:00Z',
      lastTransitionTime: '2026-01-01T00:01:00Z',
    },
  ];
  const labels = { 'eks.amazonaws.com/compute-type': 'fargate', other: 'x' };
  const unreachable = {
    ...node,
    metadata: { ...node.metadata, labels },
    status: { ...(node.status as object), conditions },
  };
  for (const object of [node, unreachable]) {
    expect(readNode(projected(object, NODE_SHAPE), false, SHOP)).toEqual(readNode(object, false, SHOP));
  }
});

it('only what is read is kept', () => {
  const managedFields = [{ manager: 'kubelet', fieldsV1: {} }];
  const fat = {
    ...pod,
    metadata: { ...pod.metadata, managedFields },
    spec: { ...(pod.spec as object), volumes: [1] },
  };
  const kept = JSON.stringify(projected(fat, podShape(selection)));
  expect(kept).not.toMatch(/managedFields|volumes|containers"|tier|other/);
  expect(kept).toContain('"note":"n"');
});

it('a pod with too many labels or annotations has its name, addresses, times and workload, and no metadata', () => {
  const annotations = { note: 'x'.repeat(70_000), 'metadata.dynatrace.com/owner': 'b' };
  const fat = { ...pod, metadata: { ...pod.metadata, annotations } };
  const bare = { ...pod, metadata: { ...pod.metadata, annotations: undefined } };
  const read = (object: unknown) => readPod(object, false, SHOP, selection);
  expect(read(projected(fat, podShape(selection)))).toEqual(read(bare));
});

it('names of the prototype are names like all others', () => {
  const text = JSON.stringify(pod).replace(
    '"annotations":{',
    '"annotations":{"__proto__":"p","constructor":"c",',
  );
  const read = readPod(projected(JSON.parse(text), podShape(selection)), false, SHOP, selection);
  expect(read?.owner).toMatchObject({ pod: { annotations: [['note', 'n']] } });
  expect(({} as { note?: string }).note).toBeUndefined();
});
