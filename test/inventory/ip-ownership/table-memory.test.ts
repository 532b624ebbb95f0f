import { describe, expect, it } from '@jest/globals';
import { ownerAt } from '../../../src/inventory/ip-ownership/owner-at.ts';
import { createIpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { ENDED, endedAt, observedPod, ownerText, POD_IP, second } from '../../support/observations.ts';

const OTHER_IP = '10.0.0.2';
const THIRD_IP = '10.0.0.3';

describe('eviction', () => {
  it('removes the ownerships that ended before the horizon, and only these', () => {
    const table = createIpOwnershipTable();
    table.observe(observedPod('old', endedAt(10)), second(100));
    table.observe(observedPod('young', { startMs: second(40), ...endedAt(70) }), second(100));
    table.observe(observedPod('live', { ips: [OTHER_IP] }), second(100));
    table.prune(second(12));
    expect(table.size()).toBe(3);
    table.prune(second(60));
    expect(table.size()).toBe(2);
    const owners = [5, 60].map((at) => ownerText(ownerAt(table.byIp(POD_IP), undefined, second(at))));
    expect(owners).toEqual(['none', 'young exact']);
    expect(table.byName('shop/old')).toBeUndefined();
    expect(table.byName('shop/young')).toBeDefined();
  });

  it('removes all traces: a pod that is observed again is found again', () => {
    const table = createIpOwnershipTable();
    table.observe(observedPod('a', endedAt(10)), second(100));
    table.prune(second(1000));
    expect([...table.owners()]).toEqual([]);
    table.observe(observedPod('a'), second(1100));
    expect(ownerText(ownerAt(table.byIp(POD_IP), undefined, second(1050)))).toBe('a exact');
    expect(table.size()).toBe(1);
  });

  it('of a released address does not affect the current ownership of the pod', () => {
    const table = createIpOwnershipTable();
    table.observe(observedPod('a'), second(10));
    table.observe(observedPod('a', { ips: [OTHER_IP], startMs: second(20) }), second(30));
    table.prune(second(1000));
    expect([table.size(), table.byIp(POD_IP)]).toEqual([1, undefined]);
    // Found under its key: the next observation updates it instead of adding another one.
    table.observe(observedPod('a', { ips: [OTHER_IP], startMs: second(20) }), second(40));
    expect(table.size()).toBe(1);
    expect(table.byIp(OTHER_IP)?.ownerships).toHaveLength(1);
  });

  it('spares an owner that was seen alive again', () => {
    const table = createIpOwnershipTable();
    table.observe(observedPod('a', endedAt(10)), second(20));
    table.observe(observedPod('a'), second(30));
    table.prune(second(1000));
    expect(table.size()).toBe(1);
    table.remove(observedPod('a', endedAt(40)), second(50));
    table.prune(second(1000));
    expect(table.size()).toBe(0);
  });

  it('keeps the table within its limit: ended ownerships go first, then new ones are not recorded', () => {
    const table = createIpOwnershipTable(3);
    for (const name of ['a', 'b', 'c']) table.observe(observedPod(name, endedAt(10)), second(100));
    table.observe(observedPod('d', { ips: ['10.0.0.4'] }), second(100));
    table.observe(observedPod('e', { ips: ['10.0.0.5'] }), second(100));
    expect(table.byName('shop/b')).toBeUndefined();
    expect(table.byName('shop/c')).toBeDefined();
    expect(table.isFull()).toBe(false);
    for (const name of ['f', 'g']) table.observe(observedPod(name, { ips: ['10.0.0.6'] }), second(100));
    expect([table.size(), table.isFull()]).toEqual([3, true]);
    expect(table.byName('shop/g')).toBeUndefined();
    // With room again it is no longer full.
    table.remove(observedPod('d', { ips: ['10.0.0.4'], ...endedAt(110) }), second(120));
    table.observe(observedPod('h', { ips: ['10.0.0.7'] }), second(120));
    expect([table.size(), table.isFull(), table.byName('shop/h')?.key]).toEqual([3, false, 'h']);
  });

  it('makes room by evicting the only ended ownership', () => {
    const table = createIpOwnershipTable(1);
    expect(table.isFull()).toBe(false);
    table.observe(observedPod('a', endedAt(10)), second(100));
    table.observe(observedPod('b'), second(100));
    expect([table.byName('shop/a'), table.byName('shop/b')?.key]).toEqual([undefined, 'b']);
  });

  it('keeps up with any number of short-lived pods', () => {
    const table = createIpOwnershipTable(10_000, 5000);
    for (let n = 0; n < 20_000; n += 1) {
      const pod = observedPod(`p-${n}`, { ips: [`10.0.0.${n % 200}`], startMs: second(n) });
      table.observe(pod, undefined);
      table.remove({ ...pod, ...endedAt(n + 1) }, second(n + 2));
    }
    expect(table.size()).toBe(5000);
    const owner = ownerAt(table.byIp('10.0.0.199'), undefined, second(19_999.5));
    expect(ownerText(owner)).toBe('p-19999 exact');
    table.prune(second(30_000));
    expect(table.size()).toBe(0);
    expect(table.byIp('10.0.0.1')).toBeUndefined();
  });
});

describe('the revision of an address', () => {
  const synced = () => {
    const table = createIpOwnershipTable();
    table.beginList();
    table.observe(observedPod('a'), second(100));
    table.observe(observedPod('b', { ips: [OTHER_IP] }), second(100));
    table.endList(second(100));
    return table;
  };
  type Table = ReturnType<typeof synced>;
  const apply = (change: (table: Table) => void) => {
    const table = synced();
    const [address, other] = [table.byIp(POD_IP), table.byIp(OTHER_IP)];
    const before = [address?.revision ?? 0, other?.revision ?? 0, table.revision()];
    change(table);
    const after = [address?.revision ?? 0, other?.revision ?? 0, table.revision()];
    return after.map((value, index) => value > (before[index] ?? 0));
  };

  it.each<[string, (table: Table) => void]>([
    ['a second owner', (table) => table.observe(observedPod('c', { startMs: second(90) }), undefined)],
    ['a known end', (table) => table.observe(observedPod('a', endedAt(90)), undefined)],
    ['a deletion', (table) => table.remove(observedPod('a', ENDED), second(110))],
    ['a better start', (table) => table.observe(observedPod('a', { startMs: second(-5) }), undefined)],
    ['a new address', (table) => table.observe(observedPod('a', { ips: [THIRD_IP] }), undefined)],
    ['other names', (table) => table.observe(observedPod('a', { names: ['shop/a', 'x'] }), undefined)],
    [
      'another owner object',
      (table) => {
        const { owner } = observedPod('renamed');
        table.observe(observedPod('a', { owner }), undefined);
      },
    ],
    ['an unreachable node', (table) => table.nodesProved(new Map([['node-1', second(50)]]))],
    ['a node that is gone', (table) => table.nodeGone('node-1', second(50), second(90))],
    ['a lost address', (table) => table.observe(observedPod('a', { ips: [] }), undefined)],
  ])('grows with %s', (name, change) => {
    expect(apply(change)).toEqual([true, name.includes('node'), true]);
  });

  it('grows with the absence from a list', () => {
    const change = (table: Table): void => {
      table.beginList();
      table.observe(observedPod('b', { ips: [OTHER_IP] }), second(200));
      table.endList(second(200));
    };
    expect(apply(change)).toEqual([true, false, true]);
  });

  it('grows when an owner is seen alive again, and with its eviction', () => {
    const table = synced();
    const address = table.byIp(POD_IP);
    const revisions = [address?.revision];
    table.observe(observedPod('a', endedAt(90)), undefined);
    revisions.push(address?.revision);
    table.observe(observedPod('a'), second(120));
    revisions.push(address?.revision);
    table.observe(observedPod('a', endedAt(130)), undefined);
    revisions.push(address?.revision);
    table.prune(second(1000));
    revisions.push(address?.revision);
    expect(new Set(revisions).size).toBe(5);
  });

  it('does not grow with a sync or with a repeated observation', () => {
    const change = (table: Table): void => {
      table.syncedTo(second(200));
      table.observe(observedPod('a'), second(200));
      table.observe(observedPod('a', { startMs: second(5) }), undefined);
      table.nodesProved(new Map([['node-1', Number.POSITIVE_INFINITY]]));
    };
    expect(apply(change)).toEqual([false, false, false]);
  });

  it('does not grow with a repeated deletion at an unknown time', () => {
    const table = synced();
    table.remove(observedPod('a', ENDED), second(110));
    const before = [table.byIp(POD_IP)?.revision, table.revision()];
    table.remove(observedPod('a', ENDED), second(120));
    expect([table.byIp(POD_IP)?.revision, table.revision()]).toEqual(before);
  });

  it('does not grow with a sign of life, which only confirms', () => {
    const table = synced();
    table.nodesProved(new Map([['node-1', second(50)]]));
    const before = [table.byIp(POD_IP)?.revision, table.byIp(OTHER_IP)?.revision];
    for (const at of [50, 60, 70]) table.nodesProved(new Map([['node-1', second(at)]]));
    table.nodesProved(new Map([['node-1', Number.POSITIVE_INFINITY]]));
    expect([table.byIp(POD_IP)?.revision, table.byIp(OTHER_IP)?.revision]).toEqual(before);
  });
});

describe('clear', () => {
  it('removes everything and invalidates cached answers', () => {
    const table = createIpOwnershipTable(3);
    table.beginList();
    table.observe(observedPod('moved'), second(5));
    table.observe(observedPod('over', { ips: [OTHER_IP], ...endedAt(2) }), second(5));
    table.endList(second(5));
    // The first ownership is now found by its address only.
    table.observe(observedPod('moved', { ips: [THIRD_IP], startMs: second(6) }), undefined);
    const [address, revision] = [table.byIp(POD_IP), table.revision()];
    const revisions = address?.revision ?? 0;
    table.clear();
    expect([table.size(), table.syncedMs(), table.isFull()]).toEqual([0, undefined, false]);
    expect([POD_IP, OTHER_IP, THIRD_IP].map(table.byIp)).toEqual([undefined, undefined, undefined]);
    expect(['shop/moved', 'shop/over'].map((name) => table.byName(name))).toEqual([undefined, undefined]);
    expect(table.revision()).toBeGreaterThan(revision);
    expect(address?.revision).toBeGreaterThan(revisions);
    expect(ownerAt(address, undefined, second(3))).toBeUndefined();
  });

  it('leaves a table that works like a new one', () => {
    const table = createIpOwnershipTable(1);
    table.observe(observedPod('old', endedAt(2)), second(5));
    table.nodesProved(new Map([['node-1', second(6)]]));
    table.syncedTo(second(90));
    table.clear();
    table.beginList();
    table.observe(observedPod('old', { startMs: second(6) }), second(7));
    table.endList(second(7));
    const owners = [6.5, 7, 8].map((at) => ownerText(ownerAt(table.byIp(POD_IP), undefined, second(at))));
    expect(owners).toEqual(['old exact', 'old exact', 'old inferred']);
    table.prune(second(100));
    expect(table.size()).toBe(1);
  });

  it('resets a full table', () => {
    const table = createIpOwnershipTable(1);
    table.observe(observedPod('a'), second(5));
    table.observe(observedPod('b'), second(5));
    expect(table.isFull()).toBe(true);
    table.clear();
    expect(table.isFull()).toBe(false);
    table.observe(observedPod('b'), second(5));
    expect(table.byName('shop/b')?.key).toBe('b');
  });
});
