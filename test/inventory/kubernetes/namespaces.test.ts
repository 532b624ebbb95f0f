import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../src/core/model/directory.ts';
import { createIpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { createNamespaceTable, readNamespace } from '../../../src/inventory/kubernetes/namespaces.ts';
import { readPod } from '../../../src/inventory/kubernetes/objects.ts';
import { clusterStub } from '../../support/directory-stub.ts';
import { podObject } from '../../support/kubernetes-objects.ts';

const CLUSTER = clusterStub('prod');
const NO_SELECTION = { podLabels: [], podAnnotations: [], corednsNamespace: 'kube-system' };

const namespace = (name: string, team: string) => ({
  metadata: { name, annotations: { 'metadata.dynatrace.com/team': team } },
});

function create(maxNamespaces?: number) {
  const namespaces = createNamespaceTable(maxNamespaces);
  const pods = createIpOwnershipTable();
  const observe = (object: unknown): void => {
    const found = readNamespace(object);
    if (found) namespaces.observe(found, 0);
  };
  const addPod = (name: string, phase = 'Running'): void => {
    const object = podObject({ name, namespace: 'a', ips: ['10.0.0.1'], startedMs: 1000, phase });
    const found = readPod(object, false, CLUSTER, NO_SELECTION, namespaces.attributesOf);
    if (found) pods.observe(found, 5000);
  };
  const teamOf = (name: string): string | undefined => {
    const owner = pods.byName(`a/${name}`)?.owner;
    return owner?.kind === 'pod' ? new Map((owner.pod satisfies Pod).dynatrace).get('team') : undefined;
  };
  return { namespaces, pods, observe, addPod, teamOf, update: () => namespaces.updatePods(pods) };
}

describe('readNamespace', () => {
  it('keeps as much as a pod may have: each of its records carries it', () => {
    const values = ['a', 'b', 'c', 'd', 'e'].map((name) => [`dt.cost.${name}`, 'x'.repeat(10_000)]);
    const annotations = { 'metadata.dynatrace.com': JSON.stringify(Object.fromEntries(values)) };
    const found = readNamespace({ metadata: { name: 'a', annotations } });
    const bytes = found?.attributes.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(bytes).toBeLessThanOrEqual(8192);
  });

  it('reads the name and the attributes that an annotation may set', () => {
    const annotations = {
      'metadata.dynatrace.com/dt.security_context': 'payments',
      'metadata.dynatrace.com/k8s.pod.name': 'no',
      other: 'x',
    };
    expect(readNamespace({ metadata: { name: 'a', annotations } })).toEqual({
      name: 'a',
      attributes: [['dt.security_context', 'payments']],
    });
  });

  it.each([undefined, null, 7, {}, { metadata: { name: 1 } }])('ignores %j', (object) => {
    expect(readNamespace(object)).toBeUndefined();
  });
});

describe('the table of namespaces', () => {
  it('gives its attributes to pods that are read later', () => {
    const { observe, addPod, teamOf } = create();
    observe(namespace('a', 'blue'));
    addPod('p');
    expect(teamOf('p')).toBe('blue');
  });

  it('gives its attributes to pods that were read before, also to those that have ended', () => {
    const { observe, addPod, teamOf, update } = create();
    addPod('p');
    addPod('done', 'Succeeded');
    expect([teamOf('p'), teamOf('done')]).toEqual([undefined, undefined]);
    observe(namespace('a', 'blue'));
    update();
    expect([teamOf('p'), teamOf('done')]).toEqual(['blue', 'blue']);
  });

  it('changes the attributes of live pods only', () => {
    const { observe, addPod, teamOf, update } = create();
    observe(namespace('a', 'blue'));
    addPod('p');
    addPod('done', 'Succeeded');
    observe(namespace('a', 'green'));
    update();
    expect([teamOf('p'), teamOf('done')]).toEqual(['green', 'blue']);
  });

  it('invalidates look-up results when attributes change, and only then', () => {
    const { observe, addPod, update, pods } = create();
    observe(namespace('a', 'blue'));
    addPod('p');
    update();
    const before = pods.byIp('10.0.0.1')?.revision;
    observe(namespace('a', 'blue'));
    observe(namespace('b', 'green'));
    update();
    expect(pods.byIp('10.0.0.1')?.revision).toBe(before);
    observe(namespace('a', 'green'));
    update();
    expect(pods.byIp('10.0.0.1')?.revision).not.toBe(before);
  });

  it('keeps a deleted namespace for the pods whose deletion is observed after it', () => {
    const { namespaces, observe, addPod, teamOf } = create();
    observe(namespace('a', 'blue'));
    namespaces.remove({ name: 'a', attributes: [] }, 0);
    addPod('p');
    expect(teamOf('p')).toBe('blue');
  });

  it('takes the attributes from all pods when it is cleared', () => {
    const { namespaces, observe, addPod, teamOf, update } = create();
    observe(namespace('a', 'blue'));
    addPod('p');
    addPod('done', 'Succeeded');
    update();
    namespaces.clear();
    update();
    expect([teamOf('p'), teamOf('done')]).toEqual([undefined, undefined]);
    expect(namespaces.syncedMs()).toBeUndefined();
  });

  it('is bounded; deleted namespaces, by watch or by list, make room', () => {
    const { namespaces, observe } = create(2);
    const teams = () => ['a', 'b', 'c'].map((name) => namespaces.attributesOf(name)[0]?.[1]);
    namespaces.beginList();
    observe(namespace('a', 'one'));
    observe(namespace('b', 'two'));
    observe(namespace('c', 'three'));
    expect(teams()).toEqual(['one', 'two', undefined]);
    namespaces.beginList();
    observe(namespace('b', 'two'));
    namespaces.endList(7);
    observe(namespace('c', 'three'));
    expect(teams()).toEqual([undefined, 'two', 'three']);
    namespaces.remove({ name: 'b', attributes: [] }, 8);
    observe(namespace('a', 'one'));
    expect(teams()).toEqual(['one', undefined, 'three']);
    expect(namespaces.syncedMs()).toBe(7);
    // One that is back stays.
    namespaces.remove({ name: 'a', attributes: [] }, 9);
    observe(namespace('a', 'one'));
    observe(namespace('b', 'two'));
    expect(teams()).toEqual(['one', undefined, 'three']);
  });
});
