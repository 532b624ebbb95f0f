import { expect, it } from '@jest/globals';
import type { Pod } from '../../../src/core/model/directory.ts';
import { type Facts, ownerOf } from '../../../src/inventory/ip-ownership/interval.ts';
import { createTenureTable } from '../../../src/inventory/ip-ownership/table.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';

const pod = (name: string, ip: string, startMs: number, endMs?: number): Facts => ({
  key: name,
  names: [`shop/${name}`],
  holder: { kind: 'pod', pod: { name } as Pod },
  ips: [ip],
  ownsIps: true,
  startMs,
  startIsCertain: true,
  ending: endMs === undefined ? undefined : { kind: 'known', atMs: endMs },
  aliveAtMs: undefined,
});

it('forgets everything at once, and lets whoever remembers an answer know', () => {
  const table = createTenureTable(3);
  table.beginList();
  table.observe(pod('moved', A, 1000), 5000);
  table.observe(pod('over', B, 1000, 2000), 5000);
  table.endList(5000);
  // The tenure of its first address is found under that address only.
  table.observe(pod('moved', '10.0.0.3', 6000), undefined);
  const [holding, changes] = [table.at(A), table.changes()];
  const before = holding?.changes ?? 0;
  table.clear();
  expect([table.size(), table.syncedMs(), table.isFull()]).toEqual([0, undefined, false]);
  expect([A, B, '10.0.0.3'].map(table.at)).toEqual([undefined, undefined, undefined]);
  expect(['shop/moved', 'shop/over'].map(table.named)).toEqual([undefined, undefined]);
  expect(table.changes()).toBeGreaterThan(changes);
  expect(holding?.changes).toBeGreaterThan(before);
  expect(ownerOf(holding, undefined, 3000)).toBeUndefined();
});

it('fills again as if it were new', () => {
  const table = createTenureTable(1);
  table.observe(pod('old', A, 1000, 2000), 5000);
  table.syncedTo(90_000);
  table.clear();
  table.beginList();
  table.observe(pod('old', A, 6000), 7000);
  table.endList(7000);
  expect(ownerOf(table.at(A), undefined, 6500)).toMatchObject({ pod: { name: 'old' }, attribution: 'exact' });
  expect(ownerOf(table.at(A), undefined, 8000)).toMatchObject({ attribution: 'inferred' });
  table.prune(100_000);
  expect(table.size()).toBe(1);
});
