import { describe, expect, it } from '@jest/globals';
import { podMetadata, type TextMap } from '../../../src/inventory/kubernetes/pod-metadata.ts';

const none = { podLabels: [], podAnnotations: [] };
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

it.each([
  ['shop', 'dns', { 'k8s-app': 'kube-dns' }, true],
  ['kube-system', 'coredns-5d78c', {}, true],
  ['shop', 'coredns-5d78c', {}, false],
  ['kube-system', 'kube-proxy-1', { 'k8s-app': 'kube-proxy' }, false],
])('%s/%s %j is a CoreDNS: %s', (namespace, name, labels: TextMap, expected) => {
  expect(podMetadata({ namespace, name }, undefined, labels, {}, none).isCoreDns).toBe(expected);
});

it('copies the selected labels and annotations, in the order of the selection', () => {
  const selection = { podLabels: ['team', 'app', 'missing'], podAnnotations: ['note'] };
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

describe('Dynatrace enrichment', () => {
  const dynatrace = (annotations: TextMap) => podMetadata(pod, undefined, {}, annotations, none).dynatrace;

  it('merges the JSON annotation and single ones, which override it, sorted by name', () => {
    expect(
      dynatrace({
        'metadata.dynatrace.com/dt.security_context': 'direct',
        'metadata.dynatrace.com': JSON.stringify({
          'dt.security_context': 'json',
          'dt.cost.product': 'cart',
          'k8s.namespace.label.tier': 1,
          'dt.flag': true,
          'dt.empty': '',
          'dt.object': {},
        }),
        'metadata.dynatrace.com/owner': 'team-a',
        'metadata.dynatrace.community': 'no',
      }),
    ).toEqual([
      ['dt.cost.product', 'cart'],
      ['dt.flag', 'true'],
      ['dt.security_context', 'direct'],
      ['k8s.namespace.label.tier', '1'],
      ['owner', 'team-a'],
    ]);
  });

  it.each([
    'k8s.workload.name',
    'k8s.namespace.name',
    'dt.entity.host',
    'dt.system.bucket',
    'dns.question.name',
    'timestamp',
    'message',
    'x'.repeat(101),
    '',
  ])('ignores the name %j', (name) => {
    expect(dynatrace({ [`metadata.dynatrace.com/${name}`]: 'v' })).toEqual([]);
  });

  it.each(['{', '[]', 'null', '"x"'])('survives the annotation %s', (json) => {
    expect(dynatrace({ 'metadata.dynatrace.com': json, 'metadata.dynatrace.com/dt.a': 'b' })).toEqual([
      ['dt.a', 'b'],
    ]);
  });
});
