import { describe, expect, it } from '@jest/globals';
import { podMetadata } from '../../../src/inventory/kubernetes/pod-metadata.ts';
import type { TextMap } from '../../../src/inventory/kubernetes/text-map.ts';

const none = { podLabels: [], podAnnotations: [], corednsNamespace: 'kube-system' };
const pod = { namespace: 'shop', name: 'cart-0' };

describe('workload', () => {
  it.each([
    ['ReplicaSet', 'cart-7d9f8b6c5', { 'pod-template-hash': '7d9f8b6c5' }, 'deployment cart'],
    ['ReplicaSet', 'web-1-5c6b', { 'rollouts-pod-template-hash': '5c6b' }, 'rollout web-1'],
    ['ReplicaSet', 'bare-abcdefghij', {}, 'replicaset bare-abcdefghij'],
    ['ReplicaSet', 'cut-of', { 'pod-template-hash': 'cut-off' }, 'replicaset cut-of'],
    ['Job', 'backup-29012345', {}, 'cronjob backup'],
    ['Job', 'migrate-3', {}, 'job migrate-3'],
    ['StatefulSet', 'db', {}, 'statefulset db'],
    ['Node', 'node-a', {}, undefined],
  ])('%s %s %j: %s', (kind, name, labels: TextMap, expected) => {
    const { workload } = podMetadata(pod, { kind, name }, labels, {}, none);
    expect(workload && `${workload.kind} ${workload.name}`).toBe(expected);
  });

  it('is absent without a controller', () => {
    expect(podMetadata(pod, undefined, {}, {}, none).workload).toBeUndefined();
  });
});

describe('a pod of CoreDNS', () => {
  const HASH = { 'pod-template-hash': '7d58' };
  const isCoreDns = (namespace: string, kind: string | undefined, name: string, labels: TextMap) => {
    const controller = kind === undefined ? undefined : { kind, name };
    return podMetadata({ namespace, name: `${name}-x` }, controller, labels, {}, none).isCoreDns;
  };

  it.each<[string, string | undefined, string, TextMap, boolean]>([
    ['kube-system', 'ReplicaSet', 'coredns-7d58', { ...HASH, 'k8s-app': 'kube-dns' }, true],
    ['kube-system', 'ReplicaSet', 'coredns-7d58', HASH, true],
    ['kube-system', 'ReplicaSet', 'dns-coredns-7d58', HASH, true],
    ['kube-system', 'ReplicaSet', 'dns-7d58', { ...HASH, 'app.kubernetes.io/name': 'coredns' }, true],
    ['kube-system', 'DaemonSet', 'node-local-dns', {}, true],
    ['kube-system', 'DaemonSet', 'kube-proxy', { 'k8s-app': 'kube-proxy' }, false],
    ['kube-system', 'StatefulSet', 'coredns', { 'k8s-app': 'kube-dns' }, false],
    ['kube-system', 'Job', 'coredns', { 'k8s-app': 'kube-dns' }, false],
    ['kube-system', undefined, 'coredns', { 'k8s-app': 'kube-dns' }, false],
    [
      'kube-system',
      'ReplicaSet',
      'coredns-autoscaler-7d58',
      { ...HASH, 'k8s-app': 'coredns-autoscaler' },
      false,
    ],
    ['shop', 'ReplicaSet', 'coredns-7d58', { ...HASH, 'k8s-app': 'kube-dns' }, false],
  ])('%s %s %s %j: %s', (namespace, kind, name, labels, expected) => {
    expect(isCoreDns(namespace, kind, name, labels)).toBe(expected);
  });

  it('may be in another namespace', () => {
    const selection = { ...none, corednsNamespace: 'dns' };
    const controller = { kind: 'DaemonSet', name: 'coredns' };
    for (const namespace of ['dns', 'kube-system'])
      expect(podMetadata({ namespace, name: 'coredns-x' }, controller, {}, {}, selection).isCoreDns).toBe(
        namespace === 'dns',
      );
  });
});

it('copies the selected labels and annotations, in the order of the selection', () => {
  const selection = {
    podLabels: ['team', 'app', 'missing'],
    podAnnotations: ['note'],
    corednsNamespace: 'kube-system',
  };
  const metadata = podMetadata(
    pod,
    undefined,
    { app: 'cart', team: 'a', x: 'y' },
    { note: 'n', b: 'c' },
    selection,
  );
  expect(metadata.labels).toEqual([
    ['team', 'a'],
    ['app', 'cart'],
  ]);
  expect(metadata.annotations).toEqual([['note', 'n']]);
});

describe('attributes of annotations', () => {
  const annotations = { 'metadata.dynatrace.com/team': 'mine' };

  it('are by default those of the pod', () => {
    expect(podMetadata(pod, undefined, {}, annotations, none).dynatrace).toEqual([['team', 'mine']]);
  });

  it('may be those of the namespace', () => {
    const ofNamespace = (namespace: string) => [['team', `owns ${namespace}`] as const];
    expect(podMetadata(pod, undefined, {}, annotations, none, ofNamespace).dynatrace).toEqual([
      ['team', 'owns shop'],
    ]);
  });
});

describe('the bounds of a pod', () => {
  const bytes = (pairs: readonly (readonly [string, string])[]) =>
    pairs.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const annotated = (annotations: TextMap, labels: TextMap = {}) =>
    podMetadata(pod, undefined, labels, annotations, {
      ...none,
      podLabels: Object.keys(labels),
      podAnnotations: Object.keys(annotations),
    });

  it.each([
    ['a', 2048, 2048, false],
    ['a', 2049, 2048, true],
    ['é', 1024, 1024, false],
    ['é', 1025, 1024, true],
    ['💥', 513, 512, true],
  ])('cut a value to 2,048 bytes of whole characters: %s x %i', (character, count, kept, isCut) => {
    const { annotations, isMetadataCut } = annotated({ note: character.repeat(count) });
    expect(annotations).toEqual([['note', character.repeat(kept)]]);
    expect(isMetadataCut).toBe(isCut);
  });

  it('leave out what goes beyond 8,192 bytes, keys included, and keep what still fits', () => {
    const long = Object.fromEntries([1, 2, 3].map((n) => [`a${n}`, 'x'.repeat(2046)]));
    const whole = annotated({ ...long, a4: 'x'.repeat(2046) });
    expect([whole.annotations.length, bytes(whole.annotations), whole.isMetadataCut]).toEqual([
      4,
      8192,
      false,
    ]);
    const more = annotated({ ...long, a4: 'x'.repeat(2047), a5: 'y' });
    expect(more.annotations.map(([key]) => key)).toEqual(['a1', 'a2', 'a3', 'a5']);
    expect(more.isMetadataCut).toBe(true);
  });

  it('hold for labels, annotations and attributes together, whatever the pod has', () => {
    const annotations: Record<string, string> = {};
    for (let i = 0; i < 130; i++) annotations[`metadata.dynatrace.com/a${i}`] = '"'.repeat(1000);
    for (let i = 0; i < 130; i++) annotations[`b${i}`] = '\\'.repeat(900);
    const metadata = annotated(annotations, { team: 'payments' });
    const all = [...metadata.labels, ...metadata.dynatrace, ...metadata.annotations];
    expect(bytes(all)).toBeLessThanOrEqual(8192);
    expect(metadata.labels).toEqual([['team', 'payments']]);
    expect([metadata.dynatrace.length, metadata.isMetadataCut]).toEqual([8, true]);
  });
});
