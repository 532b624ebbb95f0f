// A fleet of copies of the function that share a memory, in simulated time: what they ask of the API server, EKS and S3, and
// how old what they know is.
import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import { table } from '../../src/cli/terminal.ts';
import type { KubernetesApi } from '../../src/inventory/kubernetes/api.ts';
import { createKubernetesCluster } from '../../test/support/kubernetes-cluster.ts';
import { leaseObject, nodeObject, podObject } from '../../test/support/kubernetes-objects.ts';
import { type Copy, createCopy, createMemoryStore } from '../../test/support/shared-copies.ts';
import { socketlessApi } from '../../test/support/socketless-api.ts';
import type { Findings } from './section.ts';
import { fixed } from './setup.ts';

const START_MS = Date.parse('2026-03-01T08:00:00Z');
const SECONDS = 180;
const NODES = 5;
const PODS = 50;

type Fleet = { readonly copies: number; readonly refreshSeconds: number; readonly isShared: boolean };

/** Plays three minutes: every copy starts at a random second of the first, and is called every few seconds from then on. */
async function play({ copies: count, refreshSeconds, isShared }: Fleet) {
  const random = createRandom(5).fraction;
  const cluster = createKubernetesCluster();
  for (let n = 0; n < NODES; n += 1) {
    cluster.put('/api/v1/nodes', nodeObject(`node-${n}`, `10.9.0.${n}`, `i-0${n}`, START_MS), START_MS);
  }
  const put = (n: number, atMs: number) => {
    const spec = { name: `p-${n}`, node: `node-${n % NODES}`, readyMs: atMs, startedMs: atMs };
    cluster.put('/api/v1/pods', podObject({ ...spec, ips: [`10.0.${n >> 8}.${n & 255}`] }), atMs);
  };
  for (let n = 0; n < PODS; n += 1) put(n, START_MS);
  const requests = { lists: 0, other: 0, described: 0 };
  const api = (): KubernetesApi => {
    const { get, list, watch } = socketlessApi(cluster);
    return {
      get: async (...args) => {
        requests.other += 1;
        return get(...args);
      },
      list: async (request, signal) => {
        if (request.path.includes('limit=1&') || request.path.endsWith('limit=1')) requests.other += 1;
        else requests.lists += 1;
        return list(request, signal);
      },
      watch: async (...args) => {
        requests.other += 1;
        return watch(...args);
      },
    };
  };
  const memory = createMemoryStore();
  const onDescribe = () => {
    requests.described += 1;
  };
  const create = () =>
    createCopy(api, isShared ? memory.store : undefined, random, { refreshSeconds }, onDescribe);
  const writer = create();
  const copies = Array.from({ length: count }, () => ({
    copy: undefined as Copy | undefined,
    nextMs: START_MS + Math.floor(random() * 60) * 1000,
  }));
  const ages: number[] = [];
  for (let second = 0; second < SECONDS; second += 1) {
    const nowMs = START_MS + second * 1000;
    put(PODS + second, nowMs);
    if (second % 10 === 0) {
      for (let n = 0; n < NODES; n += 1) {
        const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
        cluster.put(path, leaseObject(`node-${n}`, nowMs), nowMs);
      }
      cluster.compact(nowMs - 105_000);
    }
    if (isShared && second % 60 === 0) await writer.invoke(nowMs, 'keep');
    for (const each of copies) {
      if (each.nextMs > nowMs) continue;
      each.copy ??= create();
      each.nextMs = nowMs + 2000 + Math.floor(random() * 8000);
      const { ageMs } = await each.copy.invoke(nowMs);
      ages.push((ageMs ?? Number.POSITIVE_INFINITY) / 1000);
    }
  }
  ages.sort((a, b) => a - b);
  const per = (n: number) => n / SECONDS;
  return {
    api: per(requests.other + requests.lists),
    lists: requests.lists,
    eks: requests.described,
    gets: per(memory.counts.reads),
    bodies: per(memory.counts.bodies),
    writes: per(memory.counts.writes),
    medianAge: ages[Math.floor(ages.length / 2)] ?? Number.NaN,
    maxAge: ages.at(-1) ?? Number.NaN,
  };
}

/** Measures fleets of 10, 100 and 1,000 copies, with and without a shared memory. */
export async function measureFleet(): Promise<Findings> {
  const figures = [];
  const rows: string[][] = [];
  for (const copies of [10, 100, 1000]) {
    for (const [isShared, refreshSeconds] of [
      [false, 20],
      [true, 20],
      [true, 90],
    ] as const) {
      const found = await play({ copies, refreshSeconds, isShared });
      figures.push({ copies, refreshSeconds, isShared, ...found });
      rows.push([
        String(copies),
        isShared ? 'yes' : 'no',
        String(refreshSeconds),
        fixed(found.api, 1),
        String(found.lists),
        String(found.eks),
        fixed(found.gets, 1),
        fixed(found.bodies, 1),
        fixed(found.writes, 2),
        `${fixed(found.medianAge, 0)} / ${fixed(found.maxAge, 0)}`,
      ]);
    }
  }
  const head = [
    'copies',
    'memory',
    'REFRESH_SECONDS',
    'API requests/s',
    'full lists',
    'EKS calls',
    'S3 GET/s',
    'of them with a body',
    'S3 PUT/s',
    'age s, median / most',
  ];
  return { figures, text: table(head, rows), verdicts: [] };
}
