import { describe, expect, it } from '@jest/globals';
import { readNode, readPod } from '../../../src/inventory/kubernetes/objects.ts';
import { clusterStub } from '../../support/directory-stub.ts';
import { nodeObject, type PodSpec, podObject } from '../../support/kubernetes-objects.ts';
import { second } from '../../support/observations.ts';

const CLUSTER = clusterStub('prod');
const NO_SELECTION = { podLabels: [], podAnnotations: [] };

const read = (spec: Partial<PodSpec>, isDeleted = false) =>
  readPod(podObject({ name: 'p', ips: ['10.0.0.1'], ...spec }), isDeleted, CLUSTER, NO_SELECTION);

describe('the start of a pod', () => {
  it.each<[string, Partial<PodSpec>, number | undefined, boolean]>([
    [
      'when its network was ready',
      { acceptedMs: second(0), readyMs: second(3), startedMs: second(5) },
      second(3),
      true,
    ],
    [
      'a running container started before the kubelet reported the network',
      { readyMs: second(6), startedMs: second(1) },
      second(1),
      true,
    ],
    [
      'a terminated container may have had an earlier network',
      { readyMs: second(6), startedMs: second(1), finishedMs: second(4) },
      second(6),
      true,
    ],
    ['when its first container started', { acceptedMs: second(0), startedMs: second(5) }, second(5), true],
    ['too early: when it was accepted', { acceptedMs: second(0) }, second(0), false],
    ['unknown', {}, undefined, false],
  ])('%s', (_, spec, startMs, startIsCertain) => {
    expect(read(spec)).toMatchObject({ startMs, startIsCertain });
  });

  it('is not the end of its network, which the same condition reports later', () => {
    const pod = podObject({
      name: 'p',
      ips: ['10.0.0.1'],
      startedMs: second(5),
      finishedMs: second(60),
      phase: 'Succeeded',
    });
    const conditions = [
      { type: 'PodReadyToStartContainers', status: 'False', lastTransitionTime: '2026-03-01T12:01:02Z' },
    ];
    const observation = readPod(
      { ...pod, status: { ...(pod.status as object), conditions } },
      false,
      CLUSTER,
      NO_SELECTION,
    );
    expect(observation).toMatchObject({ startMs: second(5), startIsCertain: true });
  });
});

describe('the end of a pod', () => {
  const deleting = { deletionMs: second(90), graceSeconds: 30 };
  it.each<[string, Partial<PodSpec>, boolean, object | undefined]>([
    ['running', { startedMs: second(5) }, false, undefined],
    ['a container stopped and will be restarted', { finishedMs: second(60) }, false, undefined],
    [
      'finished: the last second may be a full one',
      { phase: 'Succeeded', finishedMs: second(60) },
      false,
      { kind: 'known', atMs: second(61) },
    ],
    ['evicted: no container has a finish time', { phase: 'Failed' }, false, { kind: 'unknown' }],
    ['deletion requested, still running', { startedMs: second(5), ...deleting }, false, undefined],
    ['deletion requested, no container yet', deleting, false, undefined],
    [
      'deletion requested, all stopped',
      { finishedMs: second(70), ...deleting },
      false,
      { kind: 'known', atMs: second(71) },
    ],
    [
      'deleted, all stopped',
      { finishedMs: second(70), ...deleting },
      true,
      { kind: 'known', atMs: second(71) },
    ],
    [
      'force-deleted while running',
      { startedMs: second(5), deletionMs: second(60) },
      true,
      { kind: 'unknown' },
    ],
  ])('%s', (_, spec, isDeleted, ending) => {
    expect(read(spec, isDeleted)?.ending).toEqual(ending);
  });

  it('was alive at the deletion request, which is before the deletion timestamp', () => {
    expect(read({ startedMs: second(5), ...deleting })?.aliveAtMs).toBe(second(60));
    expect(read({ phase: 'Failed', ...deleting })?.aliveAtMs).toBeUndefined();
  });

  it.each([
    [
      'evicted, finish time of its container unknown',
      { phase: 'Failed' },
      false,
      { terminated: { startedAt: null, finishedAt: null, reason: 'ContainerStatusUnknown', exitCode: 137 } },
    ],
    ['force-deleted while waiting for a restart', {}, true, { waiting: { reason: 'CrashLoopBackOff' } }],
  ])('is not the end of an init container: %s', (_, spec, isDeleted, state) => {
    const pod = podObject({ name: 'p', ips: ['10.0.0.1'], ...spec });
    const terminated = { startedAt: '2026-03-01T12:00:01Z', finishedAt: '2026-03-01T12:00:02Z', exitCode: 0 };
    const status = {
      ...(pod.status as object),
      initContainerStatuses: [{ state: { terminated } }],
      containerStatuses: [{ state }],
    };
    expect(readPod({ ...pod, status }, isDeleted, CLUSTER, NO_SELECTION)?.ending).toEqual({
      kind: 'unknown',
    });
  });

  it('waits for a sidecar that is still running', () => {
    const pod = podObject({ name: 'p', ips: ['10.0.0.1'], finishedMs: second(60), phase: 'Failed' });
    const initContainerStatuses = [{ state: { running: { startedAt: '2026-03-01T12:00:01Z' } } }];
    const observation = readPod(
      { ...pod, status: { ...(pod.status as object), initContainerStatuses } },
      false,
      CLUSTER,
      NO_SELECTION,
    );
    expect(observation?.ending).toEqual({ kind: 'unknown' });
  });
});

describe('addresses of a pod', () => {
  it('are all of them, in canonical form', () => {
    expect(read({ ips: ['10.0.0.1', '2001:DB8:0::1'] })?.ips).toEqual(['10.0.0.1', '2001:db8::1']);
  });

  it('are not its own with host networking', () => {
    expect(read({ hostNetwork: true })).toMatchObject({ ownsIps: false, ips: ['10.0.0.1'] });
  });

  it('fall back to the older single member', () => {
    const pod = podObject({ name: 'p', ips: ['10.0.0.1'] });
    const status = { ...(pod.status as object), podIPs: null };
    expect(readPod({ ...pod, status }, false, CLUSTER, NO_SELECTION)?.ips).toEqual(['10.0.0.1']);
  });

  it('are awaited', () => {
    expect(read({ ips: [], phase: 'Pending' })).toBeUndefined();
  });
});

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
    const conditions = [{ type: 'Ready', status, ...times }];
    const observation = readNode(
      { ...node, status: { ...(node.status as object), conditions } },
      false,
      CLUSTER,
    );
    expect(observation?.unreachableSinceMs).toBe(unreachableSinceMs);
  },
);

it('gives a Fargate node no address, because it shares that of its pod', () => {
  const node = nodeObject('fargate-1', '10.9.0.1', 'x');
  const labels = { 'eks.amazonaws.com/compute-type': 'fargate' };
  const observation = readNode({ ...node, metadata: { ...node.metadata, labels } }, false, CLUSTER);
  expect(observation).toMatchObject({ ownsIps: false, names: ['fargate-1'] });
});

it.each([undefined, null, {}, { metadata: { name: 'p' } }, 'text'])(
  'ignores what is neither a pod nor a node: %j',
  (object) => {
    expect(readPod(object, false, CLUSTER, NO_SELECTION)).toBeUndefined();
    expect(readNode(object, false, CLUSTER)).toBeUndefined();
  },
);
