import { describe, expect, it } from '@jest/globals';
import type { Observation } from '../../../src/inventory/ip-ownership/interval.ts';
import { createIpOwnershipTable, type IpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { endedAt, observedNode, observedPod, second } from '../../support/observations.ts';

/** An incarnation of `shop/db-0`, which also has the name of its key. */
const incarnation = (key: string, start: number, members: Partial<Observation> = {}): Observation =>
  observedPod(key, {
    names: ['shop/db-0', key],
    ips: [`10.0.0.${start}`],
    startMs: second(start),
    ...members,
  });

const keyOf = (table: IpOwnershipTable, startedBy?: number, name = 'shop/db-0') =>
  table.byName(name, startedBy === undefined ? undefined : second(startedBy))?.key;

const tableOf = (...observations: Observation[]): IpOwnershipTable => {
  const table = createIpOwnershipTable();
  for (const observation of observations) table.observe(observation, second(100));
  return table;
};

const A = incarnation('a', 10, endedAt(20));
const B = incarnation('b', 30, endedAt(40));
const C = incarnation('c', 50);

describe('successive owners of one name', () => {
  it('gives the newest, or the newest that had started by then', () => {
    const table = tableOf(A, B, C);
    expect([undefined, 60, 45, 30, 29, 10].map((startedBy) => keyOf(table, startedBy))).toEqual([
      'c',
      'c',
      'b',
      'b',
      'a',
      'a',
    ]);
    // None had started by then: the newest is still the best answer.
    expect(keyOf(table, 5)).toBe('c');
    expect(keyOf(table, 5, 'b')).toBe('b');
  });

  it.each([
    [['a'], 30, ['c', 'b', 'c']],
    [['a', 'b'], 45, ['c', 'c', 'c']],
  ])('continues when %j are evicted', (_, horizon, expected) => {
    const table = tableOf(A, B, C);
    table.prune(second(horizon));
    expect([undefined, 45, 15].map((startedBy) => keyOf(table, startedBy))).toEqual(expected);
  });

  it('gives the previous one when the newest is evicted', () => {
    const table = tableOf(incarnation('a', 10), B);
    table.prune(second(60));
    expect([keyOf(table), table.byName('b')]).toEqual(['a', undefined]);
  });

  it('links all that are left, whatever the order of eviction', () => {
    const table = tableOf(incarnation('z', 1), incarnation('a', 10), B, incarnation('c', 50, endedAt(60)));
    table.observe(A, second(110));
    const newest = [35, 45, 70].map((horizon) => {
      table.prune(second(horizon));
      return keyOf(table);
    });
    table.prune(second(100));
    expect([...newest, keyOf(table)]).toEqual(['c', 'c', 'z', 'z']);
  });
});

describe('the names of a node', () => {
  it('gain the instance id, which appears after the node has joined', () => {
    const node = observedNode('node-1', 'i-1');
    const table = tableOf({ ...node, names: ['node-1'] });
    const revision = table.revision();
    table.observe(node, second(110));
    expect(table.byName('i-1')?.key).toBe('node-1');
    expect(table.byName('node-1')?.key).toBe('node-1');
    expect(table.revision()).toBeGreaterThan(revision);
  });

  it('leave the table with the node', () => {
    const node = observedNode('node-1', 'i-1');
    const table = tableOf({ ...node, names: ['node-1'] });
    table.observe(node, second(110));
    table.remove({ ...node, ...endedAt(120) }, second(130));
    table.prune(second(1000));
    expect([table.size(), table.byName('node-1'), table.byName('i-1')]).toEqual([0, undefined, undefined]);
  });

  it('do not replace a newer node that has the instance id', () => {
    const table = tableOf({ ...observedNode('node-1', 'i-1'), names: ['node-1'] });
    table.observe(observedNode('node-2', 'i-1'), second(110));
    table.observe(observedNode('node-1', 'i-1'), second(120));
    expect(table.byName('i-1')?.key).toBe('node-2');
  });

  it('stay as they are when the same key comes with another first name', () => {
    const table = tableOf(observedNode('node-1', 'i-1'));
    table.observe({ ...observedNode('node-1', 'i-1'), names: ['node-9'] }, second(110));
    expect(table.byName('node-9')).toBeUndefined();
    expect(table.byName('node-1')?.names).toEqual(['node-1', 'i-1']);
  });
});

it('lists the owners of all ownerships', () => {
  const table = tableOf(A, C);
  expect([...table.owners()]).toEqual([A.owner, C.owner]);
});
