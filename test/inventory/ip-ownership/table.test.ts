import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Pod } from '../../../src/core/model/directory.ts';
import { type Facts, narrow, ownerOf, REUSE_MS } from '../../../src/inventory/ip-ownership/interval.ts';
import { createTenureTable, type TenureTable } from '../../../src/inventory/ip-ownership/table.ts';

const s = (seconds: number) => 1_000_000_000 + seconds * 1000;

const pod = (name: string, ip: string, more: Partial<Facts> = {}): Facts => ({
  key: name,
  names: [`shop/${name}`],
  holder: { kind: 'pod', pod: { name } as Pod },
  ips: [ip],
  ownsIps: true,
  startMs: s(0),
  startIsCertain: true,
  ending: undefined,
  aliveAtMs: undefined,
  ...more,
});
const endedAt = (seconds: number): Partial<Facts> => ({ ending: { kind: 'known', atMs: s(seconds) } });
const GONE: Partial<Facts> = { ending: { kind: 'unknown' } };

const A = '10.0.0.1';
const who = (table: TenureTable, seconds: number, ip = A): string => {
  const owner = ownerOf(table.at(ip), undefined, s(seconds));
  if (owner?.kind !== 'pod') return owner?.kind ?? 'none';
  return `${owner.pod.name} ${owner.attribution}`;
};
/** Who it was at each of these seconds. */
const over = (table: TenureTable, ...seconds: number[]) => seconds.map((second) => who(table, second));

/** A table that knew everything up to second 100. */
const tableOf = (...all: Facts[]): TenureTable => {
  const table = createTenureTable();
  table.beginList();
  for (const facts of all) table.observe(facts, s(100));
  table.endList(s(100));
  return table;
};

describe('what is alive', () => {
  it('is certain up to the last sync, then for as long as its address cannot be re-used', () => {
    const table = tableOf(pod('a', A));
    expect(over(table, -3, -1, 0, 100, 101, 125, 127)).toEqual([
      'none',
      'a inferred',
      'a exact',
      'a exact',
      'a inferred',
      'a inferred',
      'none',
    ]);
    table.syncedTo(s(160));
    expect(over(table, 127, 160, 161)).toEqual(['a exact', 'a exact', 'a inferred']);
  });

  it('was observed for good, also when a later list shows an earlier moment', () => {
    const table = tableOf(pod('a', A));
    table.syncedTo(s(160));
    table.beginList();
    table.observe(pod('a', A), s(120));
    table.endList(s(120));
    expect(over(table, 160, 161)).toEqual(['a exact', 'a inferred']);
  });

  it('is never exact before a start that is too early', () => {
    expect(over(tableOf(pod('a', A, { startIsCertain: false })), 50)).toEqual(['a inferred']);
  });

  it('has its address from when it is first seen, when nothing tells the start', () => {
    const table = tableOf(pod('a', A, { startMs: undefined, startIsCertain: false }));
    expect(over(table, 90, 99, 100)).toEqual(['none', 'a inferred', 'a inferred']);
  });

  it('takes a better start', () => {
    const table = tableOf(pod('a', A, { startMs: s(10), startIsCertain: false }));
    table.observe(pod('a', A, { startMs: s(20) }), undefined);
    expect(over(table, 15, 25)).toEqual(['none', 'a exact']);
    table.observe(pod('a', A, { startMs: s(30) }), undefined);
    table.observe(pod('a', A, { startMs: s(5), startIsCertain: false }), undefined);
    expect(over(table, 15, 25)).toEqual(['none', 'a exact']);
  });
});

describe('what has ended', () => {
  it('at a known time: until then, and a moment longer for clocks that differ', () => {
    const table = tableOf(pod('a', A));
    table.observe(pod('a', A, endedAt(120)), undefined);
    table.syncedTo(s(200));
    expect(over(table, 110, 119, 121, 123)).toEqual(['a exact', 'a exact', 'a inferred', 'none']);
  });

  it('deleted at an unknown time: certain while it was seen or asked to go', () => {
    const table = tableOf(pod('a', A));
    table.remove(pod('a', A, { ...GONE, aliveAtMs: s(110) }), s(200));
    expect(over(table, 110, 111, 135, 137)).toEqual(['a exact', 'a inferred', 'a inferred', 'none']);
  });

  it('deleted just before it was noticed: not later than that', () => {
    const table = tableOf(pod('a', A));
    table.remove(pod('a', A, GONE), s(105));
    expect(over(table, 100, 106, 108)).toEqual(['a exact', 'a inferred', 'none']);
  });

  it('vanished in a gap: certain up to the gap', () => {
    const table = tableOf(pod('a', A), pod('b', '10.0.0.2'));
    table.beginList();
    table.observe(pod('b', '10.0.0.2'), s(500));
    table.endList(s(500));
    expect(over(table, 100, 120, 130, 499)).toEqual(['a exact', 'a inferred', 'none', 'none']);
    expect(who(table, 300, '10.0.0.2')).toBe('b exact');
  });

  it('appears again: the gap was in what we saw', () => {
    const table = tableOf(pod('a', A));
    table.beginList();
    table.endList(s(200));
    expect(who(table, 150)).toBe('none');
    table.observe(pod('a', A), s(300));
    expect(who(table, 250)).toBe('a exact');
    table.observe(pod('a', A, endedAt(260)), undefined);
    table.prune(s(1000));
    expect(table.size()).toBe(0);
  });

  it('keeps the end that is known when the deletion tells none', () => {
    const table = tableOf(pod('a', A, endedAt(50)));
    table.remove(pod('a', A, GONE), s(105));
    expect(over(table, 49, 60)).toEqual(['a exact', 'none']);
    table.remove(pod('late', '10.0.0.9', { ...endedAt(90), startMs: s(80) }), s(105));
    expect(who(table, 85, '10.0.0.9')).toBe('late exact');
  });

  it("at an unknown time before anybody looked: its address may long be somebody else's", () => {
    const table = tableOf(pod('a', A, GONE));
    expect(over(table, 50)).toEqual(['none']);
    expect(table.named('shop/a')?.ips).toEqual([A]);
  });
});

describe('one address after the other', () => {
  it('a successor ends what seems to be alive', () => {
    const table = tableOf(pod('lost', A), pod('next', A, { startMs: s(50) }));
    expect(over(table, 10, 47, 49, 51, 53, 90)).toEqual([
      'lost exact',
      'lost exact',
      'ambiguous',
      'ambiguous',
      'next exact',
      'next exact',
    ]);
  });

  it('a start that is too early ends nobody', () => {
    const table = tableOf(pod('a', A, endedAt(60)), pod('b', A, { startMs: s(50), startIsCertain: false }));
    expect(over(table, 40, 55, 70)).toEqual(['a exact', 'ambiguous', 'b inferred']);
  });

  it('a pod whose sandbox was made anew has two addresses, one after the other', () => {
    const table = tableOf(pod('a', A));
    table.observe(pod('a', '10.0.0.2', { startMs: s(110) }), undefined);
    table.syncedTo(s(150));
    expect(over(table, 90, 105, 113)).toEqual(['a exact', 'a inferred', 'none']);
    expect(who(table, 120, '10.0.0.2')).toBe('a exact');
    expect(table.named('shop/a')?.ips).toEqual(['10.0.0.2']);
    // At its end it loses the address before it goes.
    table.remove(pod('a', '', { ...endedAt(140), ips: [] }), s(160));
    expect(over(table, 90)).toEqual(['a exact']);
    expect([130, 145].map((second) => who(table, second, '10.0.0.2'))).toEqual(['a exact', 'none']);
  });

  it('a pod that had none yet is not history', () => {
    const table = tableOf(pod('a', '', { ips: [] }));
    table.observe(pod('a', A), undefined);
    expect(table.size()).toBe(1);
    expect(who(table, 50)).toBe('a exact');
  });
});

describe('one name after the other', () => {
  const life = (key: string, start: number, more: Partial<Facts> = {}): Facts =>
    pod(key, `10.0.0.${start}`, { names: ['shop/db-0', key], startMs: s(start), ...more });
  const named = (table: TenureTable, startedBy?: number, name = 'shop/db-0') =>
    table.named(name, startedBy === undefined ? undefined : s(startedBy))?.key;

  it('is the newest, or the newest that had started by then', () => {
    const table = tableOf(life('a', 10, endedAt(20)), life('b', 30, endedAt(40)), life('c', 50));
    expect([named(table), named(table, 60), named(table, 45), named(table, 29), named(table, 10)]).toEqual([
      'c',
      'c',
      'b',
      'a',
      'a',
    ]);
    // Nobody of that name was there: it is somebody all the same.
    expect(named(table, 5)).toBe('c');
    expect(named(table, 5, 'b')).toBe('b');
  });

  it.each([
    [['a'], ['c', 'b', 'c']],
    [
      ['a', 'b'],
      ['c', 'c', 'c'],
    ],
  ])('goes on when %j are forgotten', (gone, expected) => {
    const table = tableOf(life('a', 10, endedAt(20)), life('b', 30, endedAt(40)), life('c', 50));
    table.prune(s(gone.length === 1 ? 30 : 45));
    expect([named(table), named(table, 45), named(table, 15)]).toEqual(expected);
  });

  it('is the one before again when the newest is forgotten', () => {
    const table = tableOf(life('a', 10), life('b', 30, endedAt(40)));
    table.prune(s(60));
    expect([named(table), table.named('b')]).toEqual(['a', undefined]);
  });

  it('goes back through all that are left, in whatever order they are forgotten', () => {
    const table = tableOf(
      life('z', 1),
      life('a', 10),
      life('b', 30, endedAt(40)),
      life('c', 50, endedAt(60)),
    );
    table.observe(life('a', 10, endedAt(20)), s(110));
    const newest = [35, 45, 70].map((second) => {
      table.prune(s(second));
      return named(table);
    });
    table.prune(s(100));
    expect([...newest, named(table)]).toEqual(['c', 'c', 'z', 'z']);
  });

  it('may come later: an instance that a node has not told at first', () => {
    const table = tableOf(pod('a', A, { names: ['node-1'] }));
    table.observe(pod('a', A, { names: ['node-1', 'i-1'] }), s(110));
    expect(table.named('i-1')?.key).toBe('a');
  });
});

describe('memory', () => {
  it('forgets what ended before the horizon, and no more', () => {
    const table = tableOf(
      pod('old', A, endedAt(10)),
      pod('young', A, { startMs: s(40), ...endedAt(70) }),
      pod('b', '10.0.0.2'),
    );
    table.prune(s(60));
    expect(table.size()).toBe(2);
    expect(over(table, 5, 60)).toEqual(['none', 'young exact']);
    expect(table.named('shop/old')).toBeUndefined();
  });

  it('is bounded: ended ones go first, then nothing more comes in', () => {
    const table = createTenureTable(3);
    for (const name of ['a', 'b', 'c']) table.observe(pod(name, A, endedAt(10)), s(100));
    table.observe(pod('d', '10.0.0.4'), s(100));
    table.observe(pod('e', '10.0.0.5'), s(100));
    expect(table.named('shop/b')).toBeUndefined();
    expect(table.named('shop/c')).toBeDefined();
    expect(table.isFull()).toBe(false);
    for (const name of ['f', 'g']) table.observe(pod(name, '10.0.0.6'), s(100));
    expect([table.size(), table.isFull()]).toEqual([3, true]);
    expect(table.named('shop/g')).toBeUndefined();
  });

  it('survives any number of comings and goings', () => {
    const table = createTenureTable(10_000, 5000);
    for (let n = 0; n < 20_000; n += 1) {
      table.observe(pod(`p-${n}`, `10.0.0.${n % 200}`, { startMs: s(n) }), undefined);
      table.remove(pod(`p-${n}`, `10.0.0.${n % 200}`, { startMs: s(n), ...endedAt(n + 1) }), s(n + 2));
    }
    expect(table.size()).toBe(5000);
    expect(who(table, 19_999.5, '10.0.0.199')).toBe('p-19999 exact');
    table.prune(s(30_000));
    expect(table.size()).toBe(0);
    expect(table.at('10.0.0.1')).toBeUndefined();
  });
});

it('never names a wrong pod while addresses cool down, whatever the order of what is seen', () => {
  const lives = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 32, max: 90 }), fc.boolean()),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(
      lives,
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 0, max: 600 }),
      (plan, syncAt, askAt) => {
        const table = createTenureTable();
        table.beginList();
        let start = 0;
        let truth: string | undefined;
        for (const [index, [life, pause, tellsEnd]] of plan.entries()) {
          const end = start + life;
          if (askAt >= start && askAt < end) truth = `p${index}`;
          const facts = pod(`p${index}`, A, { startMs: s(start) });
          if (start <= syncAt) table.observe(facts, s(Math.min(syncAt, end - 0.001)));
          if (end <= syncAt) table.remove({ ...facts, ...(tellsEnd ? endedAt(end) : GONE) }, s(syncAt));
          start = end + pause;
        }
        table.endList(s(syncAt));
        const answer = who(table, askAt).split(' ')[0];
        // Nobody asks while nobody has the address; then an answer would not matter.
        if (truth !== undefined) expect(['none', 'ambiguous', truth]).toContain(answer);
      },
    ),
    { numRuns: 2000 },
  );
  expect(REUSE_MS).toBeLessThan(30_000);
});

it('tells between which moments an answer holds', () => {
  const second = fc.integer({ min: -10, max: 300 });
  const life = fc.record({
    start: second,
    isCertain: fc.boolean(),
    end: fc.option(second, { nil: undefined }),
  });
  let answers = 0;
  fc.assert(
    fc.property(
      fc.array(life, { minLength: 1, maxLength: 3 }),
      fc.array(life, { maxLength: 2 }),
      second,
      // Milliseconds, and most of them next to a second: what is compared are seconds.
      fc.tuple(second, fc.integer({ min: -2, max: 2 })).map(([at, off]) => s(at) + off),
      fc.array(fc.tuple(second, fc.integer({ min: -2, max: 2 })), { minLength: 20, maxLength: 20 }),
      (podLives, nodeLives, syncAt, atMs, others) => {
        const holding = (lives: typeof podLives, name: string) => {
          const table = createTenureTable();
          table.beginList();
          for (const [i, { start, isCertain, end }] of lives.entries()) {
            const facts = pod(`${name}${i}`, A, { startMs: s(start), startIsCertain: isCertain });
            table.observe(facts, s(syncAt));
            if (end !== undefined) table.remove({ ...facts, ...endedAt(end) }, s(syncAt));
          }
          table.endList(s(syncAt));
          return table.at(A);
        };
        const pods = holding(podLives, 'p');
        const nodes = holding(nodeLives, 'n');
        const steady = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
        narrow(steady, pods, atMs);
        narrow(steady, nodes, atMs);
        expect(steady.fromMs).toBeLessThanOrEqual(atMs);
        expect(steady.toMs).toBeGreaterThanOrEqual(atMs);
        const answer = ownerOf(pods, nodes, atMs);
        for (const [at, off] of others) {
          const otherMs = s(at) + off;
          if (otherMs <= steady.fromMs || otherMs >= steady.toMs) continue;
          if (answer !== undefined) answers++;
          expect(ownerOf(pods, nodes, otherMs)).toBe(answer);
        }
      },
    ),
    { numRuns: 2000 },
  );
  expect(answers).toBeGreaterThan(1000);
});
