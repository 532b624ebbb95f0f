// Copies of the function that share what they know: whatever happens to them and to the store, no wrong owner is named, and
// nothing is `exact` that no copy has seen.
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { apiFault, type KubernetesApi } from '../../src/inventory/kubernetes/api.ts';
import { createKubernetesCluster } from '../support/kubernetes-cluster.ts';
import { leaseObject, nodeObject, type PodSpec, podObject } from '../support/kubernetes-objects.ts';
import { type Copy, createCopy, createMemoryStore, type StoreMood } from '../support/shared-copies.ts';
import { socketlessApi } from '../support/socketless-api.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const PODS = '/api/v1/pods';
const NODES = '/api/v1/nodes';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const IPS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const COPIES = 3;
const COOLDOWN_MS = 30_000;

type Life = {
  readonly spec: PodSpec;
  readonly ip: string;
  readonly fromMs: number;
  toMs: number;
  isListed: boolean;
};

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), ip: fc.nat(IPS.length - 1) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      ip: fc.nat(IPS.length - 1),
      how: fc.constantFrom(
        'finished' as const,
        'deleted' as const,
        'forced' as const,
        'new sandbox' as const,
      ),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('batch' as const), copy: fc.nat(COPIES - 1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('keep' as const), copy: fc.nat(COPIES - 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), copy: fc.nat(COPIES - 1) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, 7, 21, 45, 100, 250),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('mood' as const),
      mood: fc.constantFrom<StoreMood>('down', 'stale', 'lost', 'unsure', undefined, undefined),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('api' as const),
      api: fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'gone' as const),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Plays the steps and returns what was wrong. */
async function play(steps: readonly Step[]) {
  const cluster = createKubernetesCluster();
  const lives: Life[] = [];
  /** The last time at which the API showed an owner to any copy, and whether a copy could know its end. */
  const seenMs = new Map<string, number>();
  const stats = { exact: 0, named: 0 };
  let nowMs = START;
  let mood: StoreMood;
  let apiMood: 'up' | 'down' | 'gone' = 'up';
  let pods = 0;
  let contacts = 0;
  cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a', START - 3_600_000), nowMs);

  const api = (atMs: number): KubernetesApi => {
    const real = socketlessApi(cluster);
    const guarded =
      <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>, isWatch: boolean) =>
      async (...args: A): Promise<R> => {
        contacts += 1;
        if (apiMood === 'down') throw apiFault(503, 'down');
        if (apiMood === 'gone' && (isWatch || contacts % 5 === 0)) throw apiFault(410, 'gone');
        for (const { spec, isListed, toMs } of lives) {
          if (isListed)
            seenMs.set(spec.name, toMs === Number.POSITIVE_INFINITY ? atMs : Math.max(atMs, toMs));
        }
        return call(...args);
      };
    return {
      get: guarded(real.get, false),
      list: guarded(real.list, false),
      watch: guarded(real.watch, true),
    };
  };
  const memory = createMemoryStore(() => mood);
  const start = (): Copy => createCopy(api, memory.store, () => 0.5);
  const copies = Array.from({ length: COPIES }, start);

  const livingAt = (ip: string, atMs: number) =>
    lives.find((life) => life.ip === ip && atMs >= life.fromMs && atMs < life.toMs);

  const end = (ip: string, how: string): void => {
    const life = livingAt(ip, nowMs);
    if (life === undefined || nowMs - life.fromMs < 2000) return;
    life.toMs = nowMs;
    const ended = podObject({ ...life.spec, phase: 'Succeeded', finishedMs: nowMs });
    if (how === 'finished') cluster.put(PODS, ended, nowMs);
    else if (how === 'new sandbox') cluster.put(PODS, podObject({ ...life.spec, lostMs: nowMs }), nowMs);
    else cluster.remove(PODS, how === 'forced' ? podObject(life.spec) : ended, nowMs);
    if (how === 'deleted' || how === 'forced') life.isListed = false;
    if (how === 'deleted') seenMs.set(life.spec.name, Math.max(seenMs.get(life.spec.name) ?? 0, nowMs));
  };

  const judge = (copy: Copy): readonly string[] => {
    const faults: string[] = [];
    for (const ip of IPS) {
      const history = copy.directory.historyOf(copy.directory.clusters, ip);
      for (let atMs = nowMs - 400_000; atMs <= nowMs; atMs += 1700) {
        const owner = copy.directory.ownerAt(history, atMs);
        if (owner?.kind !== 'pod') continue;
        const { name } = owner.pod;
        stats.named += 1;
        // Times of Kubernetes are whole seconds, and clocks may differ by two.
        const isTrue = lives.some(
          (life) =>
            life.ip === ip &&
            life.spec.name === name &&
            atMs >= life.fromMs - 3000 &&
            atMs < life.toMs + 3000,
        );
        const isFree = livingAt(ip, atMs) === undefined;
        if (!isTrue && !isFree) faults.push(`${name} instead of ${livingAt(ip, atMs)?.spec.name}`);
        if (owner.attribution !== 'exact') continue;
        stats.exact += 1;
        if (!isTrue) faults.push(`${name} is exact where nobody has the address`);
        if (atMs > (seenMs.get(name) ?? 0) + 2000) faults.push(`${name} is exact, and no copy saw it`);
      }
    }
    return faults;
  };

  const faults: string[] = [];
  for (const each of steps) {
    nowMs += 500;
    if (each.do === 'wait') {
      nowMs += each.seconds * 1000;
      cluster.compact(nowMs - 105_000);
    } else if (each.do === 'start') {
      const ip = IPS[each.ip] ?? '';
      const last = lives.filter((life) => life.ip === ip).at(-1);
      if (last !== undefined && nowMs - last.toMs < COOLDOWN_MS) continue;
      pods += 1;
      const spec = { name: `pod-${pods}`, ips: [ip], readyMs: nowMs, startedMs: nowMs + 500 };
      lives.push({ spec, ip, fromMs: nowMs, toMs: Number.POSITIVE_INFINITY, isListed: true });
      cluster.put(PODS, podObject(spec), nowMs);
    } else if (each.do === 'end') end(IPS[each.ip] ?? '', each.how);
    else if (each.do === 'mood') mood = each.mood;
    else if (each.do === 'api') apiMood = each.api;
    else if (each.do === 'restart') copies[each.copy] = start();
    else {
      cluster.put(LEASES, leaseObject('node-a', nowMs), nowMs);
      const copy = copies[each.copy] ?? start();
      await copy.invoke(nowMs, each.do === 'keep' ? 'keep' : 'batch');
      faults.push(...judge(copy));
    }
  }
  return { faults, stats, counts: memory.counts };
}

it('names no wrong owner, and nothing exact that no copy saw', async () => {
  const reached = { exact: 0, bodies: 0, writes: 0, lost: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 70 }), async (steps) => {
      const { faults, stats, counts } = await play(steps);
      reached.exact += stats.exact;
      reached.bodies += counts.bodies;
      reached.writes += counts.writes;
      reached.lost += counts.lost;
      expect(faults).toEqual([]);
    }),
    { numRuns: 150 },
  );
  // The steps reach what they are about.
  expect(reached.exact).toBeGreaterThan(1000);
  expect(reached.bodies).toBeGreaterThan(100);
  expect(reached.writes).toBeGreaterThan(100);
  expect(reached.lost).toBeGreaterThan(5);
});
