import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../../src/core/model/directory.ts';
import { readNode, readPod } from '../../../src/inventory/kubernetes/objects.ts';
import { nodeObject, type PodSpec, podObject } from '../../support/kubernetes-objects.ts';

const CLUSTER: Cluster = {
  name: 'prod',
  uid: undefined,
  arn: undefined,
  vpcId: undefined,
  region: undefined,
  accountId: undefined,
};
const lifted = { podLabels: [], podAnnotations: [] };
const T = Date.parse('2026-03-01T12:00:00Z');
const s = (seconds: number) => T + seconds * 1000;

const read = (spec: Partial<PodSpec>, isDeleted = false) =>
  readPod(podObject({ name: 'p', ips: ['10.0.0.1'], ...spec }), isDeleted, CLUSTER, lifted);

describe('the start of a pod', () => {
  it.each<[string, Partial<PodSpec>, number | undefined, boolean]>([
    ['its network was ready', { acceptedMs: s(0), readyMs: s(3), startedMs: s(5) }, s(3), true],
    ['a container ran before the kubelet said so', { readyMs: s(6), startedMs: s(1) }, s(1), true],
    [
      'a container that has ended may be of an older network',
      { readyMs: s(6), startedMs: s(1), finishedMs: s(4) },
      s(6),
      true,
    ],
    ['its first container started', { acceptedMs: s(0), startedMs: s(5) }, s(5), true],
    ['too early: it was taken on', { acceptedMs: s(0) }, s(0), false],
    ['not told', {}, undefined, false],
  ])('%s', (_, spec, startMs, startIsCertain) => {
    expect(read(spec)).toMatchObject({ startMs, startIsCertain });
  });

  it('is not the end of its network, which the same condition tells later', () => {
    const pod = podObject({
      name: 'p',
      ips: ['10.0.0.1'],
      startedMs: s(5),
      finishedMs: s(60),
      phase: 'Succeeded',
    });
    const conditions = [
      { type: 'PodReadyToStartContainers', status: 'False', lastTransitionTime: '2026-03-01T12:01:02Z' },
    ];
    const facts = readPod(
      { ...pod, status: { ...(pod.status as object), conditions } },
      false,
      CLUSTER,
      lifted,
    );
    expect(facts).toMatchObject({ startMs: s(5), startIsCertain: true });
  });
});

describe('the end of a pod', () => {
  const deleting = { deletionMs: s(90), graceSeconds: 30 };
  it.each<[string, Partial<PodSpec>, boolean, object | undefined]>([
    ['running', { startedMs: s(5) }, false, undefined],
    ['a container stopped and will be restarted', { finishedMs: s(60) }, false, undefined],
    [
      'finished: the last second may be a whole one',
      { phase: 'Succeeded', finishedMs: s(60) },
      false,
      { kind: 'known', atMs: s(61) },
    ],
    ['evicted: no container tells', { phase: 'Failed' }, false, { kind: 'unknown' }],
    ['asked to go, still running', { startedMs: s(5), ...deleting }, false, undefined],
    ['asked to go, no container yet', deleting, false, undefined],
    ['asked to go, all stopped', { finishedMs: s(70), ...deleting }, false, { kind: 'known', atMs: s(71) }],
    ['deleted, all stopped', { finishedMs: s(70), ...deleting }, true, { kind: 'known', atMs: s(71) }],
    ['deleted by force while running', { startedMs: s(5), deletionMs: s(60) }, true, { kind: 'unknown' }],
  ])('%s', (_, spec, isDeleted, ending) => {
    expect(read(spec, isDeleted)?.ending).toEqual(ending);
  });

  it('was alive when it was asked to go, which is before the deletion timestamp', () => {
    expect(read({ startedMs: s(5), ...deleting })?.aliveAtMs).toBe(s(60));
    expect(read({ phase: 'Failed', ...deleting })?.aliveAtMs).toBeUndefined();
  });

  it.each([
    [
      'evicted, and nobody knows when its container stopped',
      { phase: 'Failed' },
      false,
      { terminated: { startedAt: null, finishedAt: null, reason: 'ContainerStatusUnknown', exitCode: 137 } },
    ],
    ['deleted by force while it waited for a restart', {}, true, { waiting: { reason: 'CrashLoopBackOff' } }],
  ])('is not the end of an init container: %s', (_, spec, isDeleted, state) => {
    const pod = podObject({ name: 'p', ips: ['10.0.0.1'], ...spec });
    const terminated = { startedAt: '2026-03-01T12:00:01Z', finishedAt: '2026-03-01T12:00:02Z', exitCode: 0 };
    const status = {
      ...(pod.status as object),
      initContainerStatuses: [{ state: { terminated } }],
      containerStatuses: [{ state }],
    };
    expect(readPod({ ...pod, status }, isDeleted, CLUSTER, lifted)?.ending).toEqual({ kind: 'unknown' });
  });

  it('waits for a sidecar that goes on', () => {
    const pod = podObject({ name: 'p', ips: ['10.0.0.1'], finishedMs: s(60), phase: 'Failed' });
    const initContainerStatuses = [{ state: { running: { startedAt: '2026-03-01T12:00:01Z' } } }];
    const facts = readPod(
      { ...pod, status: { ...(pod.status as object), initContainerStatuses } },
      false,
      CLUSTER,
      lifted,
    );
    expect(facts?.ending).toEqual({ kind: 'unknown' });
  });
});

describe('addresses of a pod', () => {
  it('are all of them, in canonical form', () => {
    expect(read({ ips: ['10.0.0.1', '2001:DB8:0::1'] })?.ips).toEqual(['10.0.0.1', '2001:db8::1']);
  });

  it('are not its own in the network of its node', () => {
    expect(read({ hostNetwork: true })).toMatchObject({ ownsIps: false, ips: ['10.0.0.1'] });
  });

  it('fall back to the single one of old', () => {
    const pod = podObject({ name: 'p', ips: ['10.0.0.1'] });
    const status = { ...(pod.status as object), podIPs: null };
    expect(readPod({ ...pod, status }, false, CLUSTER, lifted)?.ips).toEqual(['10.0.0.1']);
  });

  it('are waited for', () => {
    expect(read({ ips: [], phase: 'Pending' })).toBeUndefined();
  });
});

it('reads a node with its instance', () => {
  expect(readNode(nodeObject('node-a', '10.9.0.1', 'i-0a1b', s(0)), false, CLUSTER)).toEqual({
    key: 'uid-node-a',
    names: ['node-a', 'i-0a1b'],
    holder: { kind: 'node', node: { cluster: CLUSTER, name: 'node-a', instanceId: 'i-0a1b' } },
    ips: ['10.9.0.1'],
    ownsIps: true,
    startMs: s(0),
    startIsCertain: true,
    ending: undefined,
    aliveAtMs: undefined,
  });
});

it.each([
  ['well', 'True', s(0), s(0), undefined],
  ['not ready, but heard of', 'False', s(0), s(60), undefined],
  ['lost some time before it was noticed', 'Unknown', s(-200), s(60), s(0)],
  ['heard of since', 'Unknown', s(30), s(60), s(30)],
])('reads since when a node is lost: %s', (_, status, heartbeatMs, transitionMs, lostMs) => {
  const node = nodeObject('node-a', '10.9.0.1', 'i-0a1b', s(-500));
  const times = {
    lastHeartbeatTime: new Date(heartbeatMs).toISOString(),
    lastTransitionTime: new Date(transitionMs).toISOString(),
  };
  const conditions = [{ type: 'Ready', status, ...times }];
  const facts = readNode({ ...node, status: { ...(node.status as object), conditions } }, false, CLUSTER);
  expect(facts?.lostMs).toBe(lostMs);
});

it("gives a Fargate node no address: it is its pod's", () => {
  const node = nodeObject('fargate-1', '10.9.0.1', 'x');
  const labels = { 'eks.amazonaws.com/compute-type': 'fargate' };
  const facts = readNode({ ...node, metadata: { ...node.metadata, labels } }, false, CLUSTER);
  expect(facts).toMatchObject({ ownsIps: false, names: ['fargate-1'] });
});

it.each([undefined, null, {}, { metadata: { name: 'p' } }, 'text'])('is no pod and no node: %j', (object) => {
  expect(readPod(object, false, CLUSTER, lifted)).toBeUndefined();
  expect(readNode(object, false, CLUSTER)).toBeUndefined();
});
