import { describe, expect, it } from '@jest/globals';
import type { Observation } from '../../../src/inventory/ip-ownership/interval.ts';
import { ownerAt } from '../../../src/inventory/ip-ownership/owner-at.ts';
import { createIpOwnershipTable, type IpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import { podStub } from '../../support/directory-stub.ts';
import { ENDED, endedAt, observedPod, ownerText, POD_IP, SHOP, second } from '../../support/observations.ts';

const OTHER_IP = '10.0.0.2';

const ownerOf = (table: IpOwnershipTable, seconds: number, ip = POD_IP): string =>
  ownerText(ownerAt(table.byIp(ip), undefined, second(seconds)));

/** The owners of the pod's address at each of these seconds. */
const owners = (table: IpOwnershipTable, ...seconds: number[]): string[] =>
  seconds.map((each) => ownerOf(table, each));

/** A table synced to second 100 by a list of these pods. */
const tableOf = (...pods: Observation[]): IpOwnershipTable => {
  const table = createIpOwnershipTable();
  table.beginList();
  for (const pod of pods) table.observe(pod, second(100));
  table.endList(second(100));
  return table;
};

describe('a live pod', () => {
  it('is certain until the last sync, then inferred during the cooldown of its address', () => {
    const table = tableOf(observedPod('a'));
    expect(owners(table, -3, -2, -1, 0, 100, 101, 125, 126)).toEqual([
      'none',
      'a inferred',
      'a inferred',
      'a exact',
      'a exact',
      'a inferred',
      'a inferred',
      'none',
    ]);
    table.syncedTo(second(160));
    expect(owners(table, 127, 160, 161)).toEqual(['a exact', 'a exact', 'a inferred']);
  });

  it('stays confirmed when a later list shows an earlier time', () => {
    const table = tableOf(observedPod('a'));
    table.syncedTo(second(160));
    table.beginList();
    table.observe(observedPod('a'), second(120));
    table.endList(second(120));
    expect(owners(table, 160, 161)).toEqual(['a exact', 'a inferred']);
  });

  it('is confirmed by each page of a list before the list is complete', () => {
    const table = tableOf(observedPod('a'));
    table.beginList();
    table.observe(observedPod('a'), second(150));
    expect(owners(table, 150, 151)).toEqual(['a exact', 'a inferred']);
    table.observe(observedPod('a'), second(120));
    expect(owners(table, 150, 151)).toEqual(['a exact', 'a inferred']);
  });

  it('is not confirmed by a watch event alone, whose time is unknown', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a'), undefined);
    expect(owners(table, 101)).toEqual(['a inferred']);
  });

  it('is never exact with an uncertain start', () => {
    expect(owners(tableOf(observedPod('a', { startIsCertain: false })), 50)).toEqual(['a inferred']);
  });

  it('has its address from the first sighting when its start is unknown', () => {
    const table = tableOf(observedPod('a', { startMs: undefined, startIsCertain: false }));
    expect(owners(table, 90, 97, 98, 100)).toEqual(['none', 'none', 'a inferred', 'a inferred']);
    expect(owners(tableOf(observedPod('a', { startMs: undefined })), 100)).toEqual(['a inferred']);
    table.observe(observedPod('b', { startMs: undefined, ips: [OTHER_IP] }), undefined);
    expect([97, 98].map((each) => ownerOf(table, each, OTHER_IP))).toEqual(['none', 'b inferred']);
  });

  it('takes a better start', () => {
    const table = tableOf(observedPod('a', { startMs: second(10), startIsCertain: false }));
    table.observe(observedPod('a', { startMs: second(20) }), undefined);
    expect(owners(table, 15, 25)).toEqual(['none', 'a exact']);
    table.observe(observedPod('a', { startMs: second(30) }), undefined);
    table.observe(observedPod('a', { startMs: second(5), startIsCertain: false }), undefined);
    expect(owners(table, 15, 25)).toEqual(['none', 'a exact']);
    table.observe(observedPod('a', { startMs: second(15) }), undefined);
    expect(owners(table, 15)).toEqual(['a exact']);
  });

  it('keeps its start at its end: its first container may have been in an earlier sandbox', () => {
    const table = tableOf(observedPod('a', { startMs: second(50) }));
    table.observe(observedPod('a', { startMs: second(10), ...endedAt(90) }), undefined);
    expect(owners(table, 30, 60)).toEqual(['none', 'a exact']);
    const uncertain = tableOf(observedPod('a', { startMs: second(50), startIsCertain: false }));
    uncertain.observe(observedPod('a', { startMs: second(60), ...endedAt(90) }), undefined);
    expect(owners(uncertain, 52, 70)).toEqual(['none', 'a exact']);
  });

  it('keeps its start when a later observation has none', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a', { startMs: undefined }), second(100));
    table.observe(observedPod('a', { startMs: undefined, startIsCertain: false }), second(100));
    expect(owners(table, -3, 50)).toEqual(['none', 'a exact']);
  });

  it('takes changed labels into exact and inferred answers', () => {
    const table = tableOf(observedPod('a'));
    const pod = podStub(SHOP, 'a', { nodeName: 'node-1', labels: [['tier', 'web']] });
    const lookUp = (seconds: number) => ownerAt(table.byIp(POD_IP), undefined, second(seconds));
    expect([lookUp(50), lookUp(110)].map(ownerText)).toEqual(['a exact', 'a inferred']);
    table.observe(observedPod('a', { owner: { kind: 'pod', pod } }), undefined);
    expect(lookUp(50)).toMatchObject({ pod });
    expect(lookUp(110)).toMatchObject({ pod });
  });

  it('keeps its object, and that of each answer, while nothing about it changes', () => {
    const table = tableOf(observedPod('a'));
    const lookUp = (seconds: number) => ownerAt(table.byIp(POD_IP), undefined, second(seconds));
    const [pod, exact, inferred] = [table.byName('shop/a')?.owner, lookUp(50), lookUp(110)];
    table.observe(observedPod('a'), undefined);
    expect(table.byName('shop/a')?.owner).toBe(pod);
    expect([lookUp(51), lookUp(111)]).toEqual([exact, inferred]);
    expect(lookUp(51)).toBe(exact);
    expect(lookUp(111)).toBe(inferred);
  });

  it('owns no address with host networking, but has its name', () => {
    const table = tableOf(observedPod('a', { ownsIps: false }));
    expect(table.byIp(POD_IP)).toBeUndefined();
    expect(table.byName('shop/a')?.ips).toEqual([POD_IP]);
  });
});

describe('a pod that has ended', () => {
  it('at a known time: certain until then, possible for the clock skew after it', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a', endedAt(120)), undefined);
    table.syncedTo(second(200));
    expect(owners(table, 110, 120, 121, 122)).toEqual(['a exact', 'a exact', 'a inferred', 'none']);
  });

  it('by a deletion at an unknown time: certain until the last sighting or the request', () => {
    const table = tableOf(observedPod('a'));
    table.remove(observedPod('a', { ...ENDED, aliveAtMs: second(110) }), second(200));
    expect(owners(table, 110, 111, 135, 136)).toEqual(['a exact', 'a inferred', 'a inferred', 'none']);
  });

  it('by an eviction that a watch reports without a time: certain until the last sync', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a', ENDED), undefined);
    expect(owners(table, 100, 101, 125, 126)).toEqual(['a exact', 'a inferred', 'a inferred', 'none']);
  });

  it('by a forced deletion: its containers may go on, but not beyond the cooldown of the address', () => {
    const table = tableOf(observedPod('a'));
    table.remove(observedPod('a', ENDED), second(105));
    expect(owners(table, 100, 101, 125, 126)).toEqual(['a exact', 'a inferred', 'a inferred', 'none']);
  });

  it('before the deletion request, when the deletion is noticed earlier by another clock', () => {
    const table = tableOf(observedPod('a'));
    table.remove(observedPod('a', { ...ENDED, aliveAtMs: second(110) }), second(105));
    expect(owners(table, 105, 106, 130, 131)).toEqual(['a exact', 'a inferred', 'a inferred', 'none']);
  });

  it.each([
    [
      'a deletion',
      (table: IpOwnershipTable) => table.remove(observedPod('a', ENDED), second(200), second(150)),
    ],
    [
      'an eviction',
      (table: IpOwnershipTable) => table.observe(observedPod('a', ENDED), undefined, second(150)),
    ],
  ])('by %s at an unknown time: certain until the changes that the watch reported before', (_, end) => {
    const table = tableOf(observedPod('a'));
    end(table);
    table.syncedTo(second(300));
    expect(owners(table, 150, 151, 175, 176)).toEqual(['a exact', 'a inferred', 'a inferred', 'none']);
  });

  it('by a deletion that is noticed earlier than the changes before it, by another clock', () => {
    const table = tableOf(observedPod('a'));
    table.remove(observedPod('a', ENDED), second(140), second(150));
    expect(owners(table, 140, 141)).toEqual(['a exact', 'a inferred']);
  });

  it('before it started by the clock of its node', () => {
    const table = tableOf(observedPod('a', { startMs: second(130) }));
    table.remove(observedPod('a', { ...ENDED, startMs: second(130) }), second(300));
    expect(owners(table, 127, 128, 155, 156)).toEqual(['none', 'a inferred', 'a inferred', 'none']);
  });

  it('during a gap in the observation: certain until the gap', () => {
    const other = observedPod('b', { ips: [OTHER_IP] });
    const table = tableOf(observedPod('a'), other);
    table.beginList();
    table.observe(other, second(500));
    table.endList(second(500));
    expect(owners(table, 100, 120, 130, 499)).toEqual(['a exact', 'a inferred', 'none', 'none']);
    expect(ownerOf(table, 300, OTHER_IP)).toBe('b exact');
  });

  it('and is seen alive again: only the observation had a gap', () => {
    const table = tableOf(observedPod('a'));
    table.beginList();
    table.endList(second(200));
    expect(ownerOf(table, 150)).toBe('none');
    table.observe(observedPod('a'), second(300));
    expect(ownerOf(table, 250)).toBe('a exact');
    table.observe(observedPod('a', endedAt(260)), undefined);
    table.prune(second(1000));
    expect(table.size()).toBe(0);
  });

  it('keeps a known end when the deletion has none', () => {
    const table = tableOf(observedPod('a', endedAt(50)));
    table.remove(observedPod('a', ENDED), second(105));
    expect(owners(table, 49, 60)).toEqual(['a exact', 'none']);
    const late = observedPod('late', { ips: ['10.0.0.9'], startMs: second(80), ...endedAt(90) });
    table.remove(late, second(105));
    expect(ownerOf(table, 85, '10.0.0.9')).toBe('late exact');
  });

  it('takes a known end that is reported after an unknown one', () => {
    const table = tableOf(observedPod('a'));
    table.remove(observedPod('a', ENDED), second(300));
    table.observe(observedPod('a', endedAt(90)), undefined);
    expect(owners(table, 90, 91, 92)).toEqual(['a exact', 'a inferred', 'none']);
  });

  it('at an unknown time before the first observation owns nothing: its address may be reassigned', () => {
    const table = tableOf(observedPod('a', ENDED));
    expect(owners(table, 0, 10, 25, 50, 100)).toEqual(['none', 'none', 'none', 'none', 'none']);
    expect(table.byName('shop/a')?.ips).toEqual([POD_IP]);
  });

  it('without a start time owns nothing before the last sync', () => {
    const table = tableOf();
    table.observe(observedPod('a', { startMs: undefined, ...endedAt(90) }), undefined);
    expect(owners(table, 50, 91)).toEqual(['none', 'none']);
  });
});

describe('successive owners of one address', () => {
  it('a successor ends a predecessor that seems to be alive', () => {
    const table = tableOf(observedPod('first'), observedPod('next', { startMs: second(50) }));
    expect(owners(table, 10, 47, 48, 51, 52, 90)).toEqual([
      'first exact',
      'first exact',
      'ambiguous',
      'ambiguous',
      'next exact',
      'next exact',
    ]);
  });

  it('a successor without a certain start ends no predecessor', () => {
    const next = observedPod('b', { startMs: second(50), startIsCertain: false });
    const table = tableOf(observedPod('a', endedAt(60)), next);
    expect(owners(table, 40, 55, 70)).toEqual(['a exact', 'ambiguous', 'b inferred']);
  });

  it('a pod with a new sandbox has two addresses, one after the other', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a', { ips: [OTHER_IP], startMs: second(110) }), undefined);
    table.syncedTo(second(150));
    expect(owners(table, 90, 105, 111, 112)).toEqual(['a exact', 'a inferred', 'a inferred', 'none']);
    expect(ownerOf(table, 120, OTHER_IP)).toBe('a exact');
    expect(table.byName('shop/a')?.ips).toEqual([OTHER_IP]);
    // It loses the address before it ends.
    table.remove(observedPod('a', { ips: [], ...endedAt(140) }), second(160));
    expect(owners(table, 90)).toEqual(['a exact']);
    expect([130, 145].map((each) => ownerOf(table, each, OTHER_IP))).toEqual(['a exact', 'none']);
  });

  it('a pod with a new sandbox of unknown start released the old address during the cooldown', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a', { ips: [OTHER_IP], startMs: undefined }), undefined);
    expect(owners(table, 100, 125, 126)).toEqual(['a exact', 'a inferred', 'none']);
  });

  it('a pod with the same addresses in another order is observed as new', () => {
    const table = tableOf(observedPod('a', { ips: [POD_IP, OTHER_IP] }));
    table.observe(observedPod('a', { ips: [OTHER_IP, POD_IP] }), second(110));
    expect(table.size()).toBe(2);
    expect(table.byName('shop/a')?.ips).toEqual([OTHER_IP, POD_IP]);
  });

  it('is one owner when a pod keeps an address and gets a second family', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a', { ips: [POD_IP, '2001:db8::1'] }), second(110));
    expect(table.byIp(POD_IP)?.ownerships).toHaveLength(2);
    // Both ownerships match around their common start.
    expect(owners(table, -1, 0, 1, 50, 110)).toEqual([
      'a inferred',
      'a exact',
      'a exact',
      'a exact',
      'a exact',
    ]);
    expect(ownerOf(table, 50, '2001:db8::1')).toBe('a exact');
  });

  it('is certain by the first of two ownerships of the same pod, when the second is only possible', () => {
    const table = tableOf(observedPod('a'));
    const ips = [POD_IP, '2001:db8::1'];
    table.observe(observedPod('a', { ips, startMs: second(5), startIsCertain: false }), second(110));
    expect(owners(table, 4, 6)).toEqual(['a exact', 'a inferred']);
  });

  it('a pod with a new sandbox of unknown start had it after the changes that the watch reported before', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a', { ips: [OTHER_IP], startMs: second(50) }), undefined, second(150));
    table.syncedTo(second(200));
    expect([147, 148, 160].map((each) => ownerOf(table, each, OTHER_IP))).toEqual([
      'none',
      'a inferred',
      'a inferred',
    ]);
    expect(owners(table, 150, 151)).toEqual(['a exact', 'a inferred']);
  });

  it('a pod with a new sandbox by a clock that is slightly behind had it since it was seen without it', () => {
    const table = tableOf(observedPod('a'));
    table.observe(observedPod('a', { ips: [OTHER_IP], startMs: second(98) }), undefined);
    table.syncedTo(second(200));
    expect([97, 98, 100].map((each) => ownerOf(table, each, OTHER_IP))).toEqual([
      'none',
      'a inferred',
      'a exact',
    ]);
  });

  it('a pod that loses its address when it is deleted had it until the request', () => {
    const table = tableOf(observedPod('a'));
    const deleted = observedPod('a', { ips: [], ...ENDED, aliveAtMs: second(140) });
    table.remove(deleted, second(200));
    expect(owners(table, 140, 141, 166)).toEqual(['a exact', 'a inferred', 'none']);
  });

  it('a pod that had no address yet leaves no history', () => {
    const table = tableOf(observedPod('a', { ips: [] }));
    table.observe(observedPod('a', { startMs: second(110) }), undefined);
    table.syncedTo(second(150));
    expect(table.size()).toBe(1);
    expect(owners(table, 107, 108, 120)).toEqual(['none', 'a inferred', 'a exact']);
  });
});
