import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IP_COOLDOWN_MS } from '../../../src/inventory/ip-ownership/interval.ts';
import { intersect, ownerAt } from '../../../src/inventory/ip-ownership/owner-at.ts';
import { createIpOwnershipTable } from '../../../src/inventory/ip-ownership/table.ts';
import {
  ENDED,
  endedAt,
  observedNode,
  observedPod,
  ownerText,
  POD_IP,
  second,
} from '../../support/observations.ts';

describe('a pod and a node at one address', () => {
  const tables = (podStart: number, nodeStart: number) => {
    const [pods, nodes] = [createIpOwnershipTable(), createIpOwnershipTable()];
    pods.observe(observedPod('pod', { startMs: second(podStart) }), second(100));
    nodes.observe(observedNode('node', 'i-1', { startMs: second(nodeStart) }), second(100));
    return (seconds: number) => ownerText(ownerAt(pods.byIp(POD_IP), nodes.byIp(POD_IP), second(seconds)));
  };

  it('the later start wins', () => {
    const podLater = tables(50, 0);
    expect([40, 50, 52].map(podLater)).toEqual(['node exact', 'ambiguous', 'pod exact']);
    const nodeLater = tables(0, 50);
    expect([40, 50, 52].map(nodeLater)).toEqual(['pod exact', 'ambiguous', 'node exact']);
  });

  it('the same start is ambiguous', () => {
    expect(tables(0, 0)(50)).toBe('ambiguous');
  });

  it('a node alone is found', () => {
    const nodes = createIpOwnershipTable();
    nodes.observe(observedNode('node', 'i-1'), second(100));
    expect(ownerText(ownerAt(undefined, nodes.byIp(POD_IP), second(50)))).toBe('node exact');
    expect(ownerAt(undefined, undefined, second(50))).toBeUndefined();
  });
});

it('never names a wrong pod while addresses cool down, whatever the order of observations', () => {
  const lives = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 32, max: 90 }), fc.boolean()),
    { minLength: 1, maxLength: 6 },
  );
  const time = fc.integer({ min: 0, max: 600 });
  fc.assert(
    fc.property(lives, time, time, (plan, syncAt, queryAt) => {
      const table = createIpOwnershipTable();
      table.beginList();
      let start = 0;
      let truth: string | undefined;
      for (const [index, [life, pause, hasKnownEnd]] of plan.entries()) {
        const end = start + life;
        if (queryAt >= start && queryAt < end) truth = `p${index}`;
        const pod = observedPod(`p${index}`, { startMs: second(start) });
        if (start <= syncAt) table.observe(pod, second(Math.min(syncAt, end - 0.001)));
        if (end <= syncAt) table.remove({ ...pod, ...(hasKnownEnd ? endedAt(end) : ENDED) }, second(syncAt));
        start = end + pause;
      }
      table.endList(second(syncAt));
      const [answer] = ownerText(ownerAt(table.byIp(POD_IP), undefined, second(queryAt))).split(' ');
      // Without an owner there are no queries, and the answer does not matter.
      if (truth !== undefined) expect(['none', 'ambiguous', truth]).toContain(answer);
    }),
    { numRuns: 2000 },
  );
  expect(IP_COOLDOWN_MS).toBeLessThan(30_000);
});

describe('the interval in which an answer holds', () => {
  it('is everything for an address without owners', () => {
    const validity = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
    intersect(validity, undefined, second(0));
    expect(validity).toEqual({ fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY });
  });

  it.each<[number, number, number]>([
    [-10, Number.NEGATIVE_INFINITY, second(-2)],
    [-2, second(-2), second(-2)],
    [-1, second(-2), second(0)],
    [1, second(0), second(2)],
    [50, second(2), second(100)],
    [110, second(100), second(126)],
    [126, second(126), second(126)],
    [200, second(126), Number.POSITIVE_INFINITY],
  ])('around second %d of a live pod', (at, fromMs, toMs) => {
    const table = createIpOwnershipTable();
    table.observe(observedPod('a'), second(100));
    table.syncedTo(second(100));
    const validity = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
    intersect(validity, table.byIp(POD_IP), second(at));
    expect(validity).toEqual({ fromMs, toMs });
  });

  it('contains no other answer', () => {
    const time = fc.integer({ min: -10, max: 300 });
    const life = fc.record({
      start: time,
      isCertain: fc.boolean(),
      end: fc.option(time, { nil: undefined }),
    });
    // Milliseconds next to whole seconds, because all boundaries are whole seconds.
    const nearSecond = fc.tuple(time, fc.integer({ min: -2, max: 2 })).map(([at, ms]) => second(at) + ms);
    let answers = 0;
    fc.assert(
      fc.property(
        fc.array(life, { minLength: 1, maxLength: 3 }),
        fc.array(life, { maxLength: 2 }),
        time,
        nearSecond,
        fc.array(nearSecond, { minLength: 20, maxLength: 20 }),
        (podLives, nodeLives, syncAt, atMs, others) => {
          const ownershipsOf = (lives: typeof podLives, name: string) => {
            const table = createIpOwnershipTable();
            table.beginList();
            for (const [i, { start, isCertain, end }] of lives.entries()) {
              const pod = observedPod(`${name}${i}`, { startMs: second(start), startIsCertain: isCertain });
              table.observe(pod, second(syncAt));
              if (end !== undefined) table.remove({ ...pod, ...endedAt(end) }, second(syncAt));
            }
            table.endList(second(syncAt));
            return table.byIp(POD_IP);
          };
          const pods = ownershipsOf(podLives, 'p');
          const nodes = ownershipsOf(nodeLives, 'n');
          const validity = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
          intersect(validity, pods, atMs);
          intersect(validity, nodes, atMs);
          expect(validity.fromMs).toBeLessThanOrEqual(atMs);
          expect(validity.toMs).toBeGreaterThanOrEqual(atMs);
          const answer = ownerAt(pods, nodes, atMs);
          for (const otherMs of others) {
            if (otherMs <= validity.fromMs || otherMs >= validity.toMs) continue;
            if (answer !== undefined) answers += 1;
            expect(ownerAt(pods, nodes, otherMs)).toBe(answer);
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(answers).toBeGreaterThan(1000);
  });
});
