import { expect, it } from '@jest/globals';
import {
  createInstanceIndex,
  type InstanceObservation,
  membership,
} from '../../../src/inventory/ec2/instance-index.ts';
import { instanceStub } from '../../support/directory-stub.ts';

const observed = (id: string, type = 'm7g.large'): InstanceObservation => ({
  instance: instanceStub(id, { vpcId: 'vpc-1', type }),
  ips: ['10.0.0.1'],
  prefixes: ['10.0.1.16/28'],
});

it.each(['10.0.0.1', '10.0.1.20'])('gives %s to the instance that was observed with it last', (ip) => {
  const index = createInstanceIndex();
  for (const id of ['i-1', 'i-2', 'i-1']) {
    index.put(observed(id));
    expect(index.byIp('vpc-1', ip)?.id).toBe(id);
  }
});

it('keeps the object of an unchanged instance, and counts changes', () => {
  const index = createInstanceIndex();
  index.put(observed('i-1'));
  const [first, revision] = [index.byId('i-1'), index.revision()];
  index.put(observed('i-1'));
  expect(index.byId('i-1')).toBe(first);
  expect(index.revision()).toBe(revision);
  index.put(observed('i-1', 'c7g.large'));
  expect(index.byId('i-1')?.type).toBe('c7g.large');
  expect(index.revision()).toBeGreaterThan(revision);
});

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.1.16/28', '10.0.1.20'],
])('removes %s from all instances but its owners, in one VPC', (key, ip) => {
  const index = createInstanceIndex();
  const other = { ...observed('i-3'), instance: instanceStub('i-3', { vpcId: 'vpc-2' }) };
  for (const each of [observed('i-1'), observed('i-2'), other]) index.put(each);
  const revision = index.revision();
  index.restrictTo('vpc-1', key, new Set(['i-1', 'i-2']));
  expect(index.revision()).toBe(revision);
  index.restrictTo('vpc-1', key, new Set(['i-1']));
  expect(index.byIp('vpc-1', ip)?.id).toBe('i-1');
  expect(index.revision()).toBeGreaterThan(revision);
  index.restrictTo('vpc-1', key, new Set());
  index.restrictTo('vpc-1', '10.9.9.9', new Set());
  expect(index.byIp('vpc-1', ip)).toBeUndefined();
  expect(index.byIp('vpc-2', ip)?.id).toBe('i-3');
  expect(['i-1', 'i-2'].map((id) => index.byId(id)?.id)).toEqual(['i-1', 'i-2']);
  // Other addresses stay, and this one returns with the next observation.
  expect(index.byIp('vpc-1', ip === '10.0.0.1' ? '10.0.1.20' : '10.0.0.1')?.id).toBe('i-2');
  index.put(observed('i-1'));
  expect(index.byIp('vpc-1', ip)?.id).toBe('i-1');
});

it('removes the instances observed longest ago', () => {
  const index = createInstanceIndex();
  for (const id of ['i-1', 'i-2', 'i-1']) index.put({ ...observed(id), ips: [], prefixes: [] });
  index.trim(1);
  expect([index.byId('i-1')?.id, index.byId('i-2')?.id, index.size()]).toEqual(['i-1', undefined, 1]);
});

it('finds no instance for text that is not an address', () => {
  const index = createInstanceIndex();
  index.put(observed('i-1'));
  expect(index.byIp('vpc-1', 'text')).toBeUndefined();
});

it.each([
  [{ 'eks:cluster-name': 'a', 'eks:nodegroup-name': 'g' }, 'a', 'g'],
  [{ 'eks:eks-cluster-name': 'b', 'eks:kubernetes-node-pool-name': 'general' }, 'b', 'general'],
  [{ 'kubernetes.io/cluster/c': 'owned', 'karpenter.sh/nodepool': 'spot' }, 'c', 'spot'],
  [{ 'kubernetes.io/cluster/c': 'owned', 'kubernetes.io/cluster/d': 'shared' }, undefined, undefined],
  [{ Name: 'bastion' }, undefined, undefined],
])('%j: cluster %s, group %s', (tags, clusterName, nodeGroup) => {
  expect(membership(new Map(Object.entries(tags)))).toEqual({ clusterName, nodeGroup });
});
