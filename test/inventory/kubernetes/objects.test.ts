import { describe, expect, it } from '@jest/globals';
import { readNode, readPod } from '../../../src/inventory/kubernetes/objects.ts';
import { clusterStub } from '../../support/directory-stub.ts';
import { type PodSpec, podObject } from '../../support/kubernetes-objects.ts';
import { second } from '../../support/observations.ts';

const CLUSTER = clusterStub('prod');
const NO_SELECTION = { podLabels: [], podAnnotations: [], corednsNamespace: 'kube-system' };

const read = (spec: Partial<PodSpec>, isDeleted = false) =>
  readPod(podObject({ name: 'p', ips: ['10.0.0.1'], ...spec }), isDeleted, CLUSTER, NO_SELECTION);

/** A pod whose status has these members. */
const readStatus = (status: object, isDeleted = false, spec: Partial<PodSpec> = {}) => {
  const pod = podObject({ name: 'p', ips: ['10.0.0.1'], ...spec });
  const merged = { ...pod, status: { ...(pod.status as object), ...status } };
  return readPod(merged, isDeleted, CLUSTER, NO_SELECTION);
};

const running = (startedAt: string) => ({ state: { running: { startedAt } } });
const terminated = (startedAt: string | null, finishedAt: string | null) => ({
  state: { terminated: { startedAt, finishedAt, exitCode: 0 } },
});

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
    const conditions = [
      { type: 'PodReadyToStartContainers', status: 'False', lastTransitionTime: '2026-03-01T12:01:02Z' },
    ];
    const spec = { startedMs: second(5), finishedMs: second(60), phase: 'Succeeded' };
    const observation = readStatus({ conditions }, false, spec);
    expect(observation).toMatchObject({ startMs: second(5), startIsCertain: true });
  });

  it('is taken from the condition of the network only', () => {
    const conditions = [
      { type: 'Initialized', status: 'True', lastTransitionTime: '2026-03-01T12:00:01Z' },
      { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: '2026-03-01T12:00:03Z' },
    ];
    expect(readStatus({ conditions })).toMatchObject({ startMs: second(3), startIsCertain: true });
  });

  it('is the earliest start of all containers', () => {
    const status = {
      initContainerStatuses: [terminated('2026-03-01T12:00:04Z', '2026-03-01T12:00:05Z')],
      containerStatuses: [running('2026-03-01T12:00:07Z'), running('2026-03-01T12:00:06Z')],
    };
    expect(readStatus(status)).toMatchObject({ startMs: second(4), startIsCertain: true });
  });

  it.each([
    ['the first that runs', [running('2026-03-01T12:00:07Z'), running('2026-03-01T12:00:09Z')], 7],
    ['the last, when all have stopped', [terminated('2026-03-01T12:00:04Z', '2026-03-01T12:00:05Z')], 6],
  ])(
    'is that of the containers that are known to be in the present sandbox after a restart: %s',
    (_, more, at) => {
      const first = { ...terminated('2026-03-01T12:00:06Z', '2026-03-01T12:00:08Z'), restartCount: 1 };
      const status = { containerStatuses: [first, ...more] };
      expect(readStatus(status)).toMatchObject({ startMs: second(at), startIsCertain: true });
    },
  );

  it('is unknown for times that are not valid or not after 1970', () => {
    for (const startTime of ['soon', '1970-01-01T00:00:00Z', '0001-01-01T00:00:00Z', null]) {
      expect(readStatus({ startTime })?.startMs).toBeUndefined();
    }
    expect(readStatus({ startTime: '1970-01-01T00:00:01Z' })?.startMs).toBe(1000);
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
    expect(read({ deletionMs: second(90) })?.aliveAtMs).toBe(second(90));
    expect(read({ phase: 'Failed', ...deleting })?.aliveAtMs).toBeUndefined();
    expect(read({ phase: 'Succeeded', ...deleting })?.aliveAtMs).toBeUndefined();
    expect(read({})?.aliveAtMs).toBeUndefined();
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
    const status = {
      initContainerStatuses: [terminated('2026-03-01T12:00:01Z', '2026-03-01T12:00:02Z')],
      containerStatuses: [{ state }],
    };
    expect(readStatus(status, isDeleted, spec)?.ending).toEqual({ kind: 'unknown' });
  });

  it('waits for a sidecar that is still running', () => {
    const spec = { finishedMs: second(60), phase: 'Failed' };
    const initContainerStatuses = [running('2026-03-01T12:00:01Z')];
    expect(readStatus({ initContainerStatuses }, false, spec)?.ending).toEqual({ kind: 'unknown' });
  });

  it('is the finish of the last container', () => {
    const containerStatuses = [
      terminated('2026-03-01T12:00:01Z', '2026-03-01T12:01:00Z'),
      terminated('2026-03-01T12:00:01Z', '2026-03-01T12:00:30Z'),
    ];
    const expected = { kind: 'known', atMs: second(61) };
    expect(readStatus({ containerStatuses, phase: 'Succeeded' })?.ending).toEqual(expected);
  });

  it('is unknown when a pod without containers was deleted', () => {
    expect(readStatus({ containerStatuses: null }, true)?.ending).toEqual({ kind: 'unknown' });
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
    expect(readStatus({ podIPs: null })?.ips).toEqual(['10.0.0.1']);
    expect(readStatus({ podIPs: null, podIP: null })?.ips).toEqual([]);
    expect(readStatus({ podIPs: [{ ip: null }, { ip: '10.0.0.2' }] })?.ips).toEqual(['10.0.0.2']);
  });

  it('are awaited while the pod is pending', () => {
    expect(read({ ips: [], phase: 'Pending' })).toBeUndefined();
    expect(read({ phase: 'Pending' })?.ips).toEqual(['10.0.0.1']);
  });

  it('may be absent at its end', () => {
    expect(read({ ips: [], phase: 'Pending' }, true)?.ips).toEqual([]);
    expect(read({ ips: [] })?.ips).toEqual([]);
  });
});

it('reads the identity of a pod and the controller among its owners', () => {
  const pod = podObject({
    name: 'p',
    ips: ['10.0.0.1'],
    node: 'node-b',
    labels: { app: 'cart' },
    annotations: { note: 'x' },
  });
  const ownerReferences = [
    { kind: 'Queue', name: 'q' },
    { kind: 'ReplicaSet', name: 'other', controller: false },
    { kind: 'StatefulSet', name: 'db', controller: true },
  ];
  const selection = { podLabels: ['app'], podAnnotations: ['note'], corednsNamespace: 'kube-system' };
  const object = { ...pod, metadata: { ...pod.metadata, ownerReferences } };
  expect(readPod(object, false, CLUSTER, selection)).toMatchObject({
    key: 'uid-p',
    names: ['shop/p'],
    owner: {
      kind: 'pod',
      pod: {
        cluster: CLUSTER,
        namespace: 'shop',
        name: 'p',
        uid: 'uid-p',
        nodeName: 'node-b',
        isHostNetwork: false,
        workload: { kind: 'statefulset', name: 'db' },
        labels: [['app', 'cart']],
        annotations: [['note', 'x']],
      },
    },
    ownsIps: true,
  });
  expect(read({ hostNetwork: true })?.owner).toMatchObject({ pod: { isHostNetwork: true } });
});

it.each([undefined, null, {}, { metadata: { name: 'p' } }, 'text'])(
  'ignores what is neither a pod nor a node: %j',
  (object) => {
    expect(readPod(object, false, CLUSTER, NO_SELECTION)).toBeUndefined();
    expect(readNode(object, false, CLUSTER)).toBeUndefined();
  },
);
