import { expect, it } from '@jest/globals';
import { createInstanceIndex, type InstanceFacts } from '../../../src/inventory/ec2/instance-index.ts';
import { instanceStub } from '../../support/directory-stub.ts';

const facts = (id: string, type = 'm7g.large'): InstanceFacts => ({
  instance: instanceStub(id, { vpcId: 'vpc-1', type }),
  ips: ['10.0.0.1'],
  prefixes: ['10.0.1.16/28'],
});

it.each(['10.0.0.1', '10.0.1.20'])('gives %s to the instance that was seen with it last', (ip) => {
  const index = createInstanceIndex();
  for (const id of ['i-1', 'i-2', 'i-1']) {
    index.put(facts(id));
    expect(index.byIp('vpc-1', ip)?.id).toBe(id);
  }
});

it('keeps the object of an instance that is seen again, and counts what is new', () => {
  const index = createInstanceIndex();
  index.put(facts('i-1'));
  const [first, changes] = [index.byId('i-1'), index.changes()];
  index.put(facts('i-1'));
  expect(index.byId('i-1')).toBe(first);
  expect(index.changes()).toBe(changes);
  index.put(facts('i-1', 'c7g.large'));
  expect(index.byId('i-1')?.type).toBe('c7g.large');
  expect(index.changes()).toBeGreaterThan(changes);
});

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.1.16/28', '10.0.1.20'],
])('takes %s from all but its owners, in one VPC', (key, ip) => {
  const index = createInstanceIndex();
  const other = { ...facts('i-3'), instance: instanceStub('i-3', { vpcId: 'vpc-2' }) };
  for (const each of [facts('i-1'), facts('i-2'), other]) index.put(each);
  const changes = index.changes();
  index.leaveTo('vpc-1', key, new Set(['i-1', 'i-2']));
  expect(index.changes()).toBe(changes);
  index.leaveTo('vpc-1', key, new Set(['i-1']));
  expect(index.byIp('vpc-1', ip)?.id).toBe('i-1');
  expect(index.changes()).toBeGreaterThan(changes);
  index.leaveTo('vpc-1', key, new Set());
  index.leaveTo('vpc-1', '10.9.9.9', new Set());
  expect(index.byIp('vpc-1', ip)).toBeUndefined();
  expect(index.byIp('vpc-2', ip)?.id).toBe('i-3');
  expect(['i-1', 'i-2'].map((id) => index.byId(id)?.id)).toEqual(['i-1', 'i-2']);
  // Its other addresses are its own, and this one is again when it is seen with it.
  expect(index.byIp('vpc-1', ip === '10.0.0.1' ? '10.0.1.20' : '10.0.0.1')?.id).toBe('i-2');
  index.put(facts('i-1'));
  expect(index.byIp('vpc-1', ip)?.id).toBe('i-1');
});

it('drops those seen longest ago', () => {
  const index = createInstanceIndex();
  for (const id of ['i-1', 'i-2', 'i-1']) index.put({ ...facts(id), ips: [], prefixes: [] });
  index.trim(1);
  expect([index.byId('i-1')?.id, index.byId('i-2')?.id, index.size()]).toEqual(['i-1', undefined, 1]);
});
