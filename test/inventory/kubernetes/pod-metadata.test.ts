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
