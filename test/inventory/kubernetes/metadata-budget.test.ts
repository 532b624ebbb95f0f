import { expect, it } from '@jest/globals';
import { createIpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { createMetadataBudget } from '../../../src/inventory/kubernetes/metadata-budget.ts';
import { podStub } from '../../support/directory-stub.ts';
import { observedPod, SHOP, second } from '../../support/observations.ts';

const pod = (name: string, chars: number) =>
  podStub(SHOP, name, { annotations: [['n', 'x'.repeat(chars - 1)]], labels: [], dynatrace: [] });

/** A table with room for 3,000 characters, and a function that observes a pod and returns how many it kept. */
function createWorld(isEnrichmentShared = false) {
  const table = createIpOwnershipTable();
  const limit = createMetadataBudget(table, isEnrichmentShared, 3000);
  const observe = (name: string, chars: number): number => {
    const owner = { kind: 'pod', pod: pod(name, chars) } as const;
    const kept = limit(observedPod(name, { owner, ips: [name] }));
    if (kept?.owner.kind !== 'pod') return Number.NaN;
    table.observe(kept, second(1));
    return kept.owner.pod.annotations.length === 0 ? 0 : chars;
  };
  return { table, observe };
}

it('keeps metadata while there is room, and small metadata always', () => {
  const { observe } = createWorld();
  expect([observe('a', 1500), observe('b', 1500), observe('c', 513), observe('d', 512)]).toEqual([
    1500, 1500, 0, 512,
  ]);
  for (let n = 0; n < 20; n += 1) expect(observe(`s${n}`, 512)).toBe(512);
});

it('counts a pod once, however often it is patched', () => {
  const { observe } = createWorld();
  for (let n = 0; n < 50; n += 1) expect(observe('a', 1400)).toBe(1400);
  expect(observe('b', 1400)).toBe(1400);
  expect(observe('c', 1400)).toBe(0);
});

it('has room again when pods have left the table', () => {
  const { table, observe } = createWorld();
  expect([observe('a', 2000), observe('b', 2000)]).toEqual([2000, 0]);
  table.clear();
  // It is counted again after a thousand refusals only.
  const kept = Array.from({ length: 1001 }, (_, n) => observe(`c${n}`, 2000)).filter((chars) => chars > 0);
  expect(kept).toHaveLength(1);
});

it('neither counts nor leaves out the enrichment of a namespace', () => {
  const dynatrace = [['owner', 'x'.repeat(2000)]] as const;
  const table = createIpOwnershipTable();
  const limit = createMetadataBudget(table, true, 3000);
  for (let n = 0; n < 5; n += 1) {
    const one = podStub(SHOP, `p${n}`, { labels: [['l', 'x'.repeat(999)]], annotations: [], dynatrace });
    const kept = limit(observedPod(`p${n}`, { owner: { kind: 'pod', pod: one }, ips: [`p${n}`] }));
    expect(kept?.owner).toMatchObject({ pod: { dynatrace, labels: n < 3 ? one.labels : [] } });
    if (kept) table.observe(kept, second(1));
  }
  expect(limit(undefined)).toBeUndefined();
});
