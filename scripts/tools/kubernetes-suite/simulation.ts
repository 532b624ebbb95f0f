// Pods and nodes that come and go on a real control plane, at real speed. The true client of every query is known.
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../../src/cli/lib/simulate/random.ts';
import type { Admin } from './admin.ts';
import { type Fate, runPod, type SimulatedPod } from './kubelet.ts';
import { type SimulatedNode, startNode } from './nodes.ts';

/** A query with CoreDNS's timestamp and its true client. */
export type Query = {
  readonly ip: string;
  readonly trueMs: number;
  readonly stampedMs: number;
  readonly pod: SimulatedPod;
};

const NODES = 24;
const ADDRESSES_PER_NODE = 16;
const SERVICES_PER_NODE = 4;
const QUERIES_PER_SECOND = 200;

/** Largest difference of a clock, either way. */
const SKEW_MS = 1500;

/** New pods per second by fate, and how long they live, seconds. */
const ARRIVALS: readonly {
  readonly fate: Fate;
  readonly perSecond: number;
  readonly life: readonly [number, number];
}[] = [
  { fate: 'job', perSecond: 1.5, life: [8, 60] },
  { fate: 'rolled out', perSecond: 0.4, life: [30, 180] },
  { fate: 'forced', perSecond: 0.3, life: [30, 180] },
  { fate: 'evicted', perSecond: 0.25, life: [30, 180] },
  { fate: 'new sandbox', perSecond: 0.3, life: [30, 120] },
];

const DEATH_INTERVAL_MS = 50_000;

/** Starts nodes and pods; they go on until `signal` is aborted. `queries` grows with time, in its order. */
export async function startSimulation(admin: Admin, signal: AbortSignal) {
  const random = createRandom(23).fraction;
  const between = (low: number, high: number): number => low + random() * (high - low);
  const queries: Query[] = [];
  const pods = new Set<SimulatedPod>();
  const nodes: SimulatedNode[] = [];
  let created = 0;
  let failure: unknown;

  const inBackground = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      if (!signal.aborted) failure ??= error;
    });
  };

  const addNode = async (): Promise<SimulatedNode> => {
    created += 1;
    const options = { skewMs: between(-SKEW_MS, SKEW_MS), addresses: ADDRESSES_PER_NODE, signal };
    const node = await startNode(admin, created, options);
    nodes.push(node);
    return node;
  };

  const addPod = (node: SimulatedNode, fate: Fate, lifeMs: number): void => {
    created += 1;
    const name = `${fate.replace(' ', '-')}-${created}`;
    const pod: SimulatedPod = { name, node, fate, addresses: undefined, isAsking: false };
    pods.add(pod);
    inBackground(
      runPod({ admin, between, signal }, pod, lifeMs).finally(() => {
        if (!node.isDead) pods.delete(pod);
      }),
    );
  };

  const pickNode = (): SimulatedNode | undefined => nodes[Math.floor(random() * nodes.length)];

  /** A node dies without a word, and another takes over its addresses after their cooldown. */
  const killNode = async (how: number): Promise<void> => {
    const node = nodes.splice(Math.floor(random() * nodes.length), 1)[0];
    if (node === undefined) return;
    node.isDead = true;
    const next = await addNode();
    const victims = [...pods].filter((pod) => pod.node === node);
    for (const pod of victims) {
      pods.delete(pod);
      if (pod.isAsking) pod.fate = 'dead node';
      pod.isAsking = false;
      if (pod.addresses !== undefined) next.pool.release(pod.addresses, Date.now());
    }
    for (let n = 0; n < SERVICES_PER_NODE * 2; n += 1) addPod(next, 'service', 3_600_000);
    if (how % 3 === 0) {
      // The cloud provider notices that the instance is gone.
      await sleep(between(15_000, 35_000), undefined, { signal });
    } else if (how % 3 === 1) {
      await sleep(between(8000, 20_000), undefined, { signal });
      for (const pod of victims) {
        await admin(
          'DELETE',
          `/api/v1/namespaces/default/pods/${pod.name}`,
          { gracePeriodSeconds: 0 },
          [404],
        );
        await sleep(between(0, 3000), undefined, { signal });
      }
      await sleep(60_000, undefined, { signal });
    } else await sleep(120_000, undefined, { signal });
    await admin('DELETE', `/api/v1/nodes/${node.name}`, undefined, [404]);
  };

  const arrivals = async (): Promise<void> => {
    for (;;) {
      await sleep(250, undefined, { signal });
      for (const { fate, perSecond, life } of ARRIVALS) {
        const node = pickNode();
        if (node !== undefined && random() < perSecond / 4)
          addPod(node, fate, between(life[0], life[1]) * 1000);
      }
    }
  };

  const deaths = async (): Promise<void> => {
    for (let how = 0; ; how += 1) {
      await sleep(DEATH_INTERVAL_MS, undefined, { signal });
      inBackground(killNode(how));
    }
  };

  const ask = async (): Promise<void> => {
    for (let due = 0, lastMs = Date.now(); ; lastMs = Date.now()) {
      await sleep(50, undefined, { signal });
      const nowMs = Date.now();
      due += ((nowMs - lastMs) / 1000) * QUERIES_PER_SECOND;
      const asking = [...pods].filter((pod) => pod.isAsking);
      for (; due >= 1 && asking.length > 0; due -= 1) {
        const pod = asking[Math.floor(random() * asking.length)];
        const ip = pod?.addresses?.[random() < 0.7 ? 0 : 1];
        if (pod === undefined || ip === undefined) continue;
        // Long-lived services send fewer queries, to give more weight to the others.
        if (pod.fate === 'service' && random() < 0.8) continue;
        queries.push({ ip, trueMs: nowMs, stampedMs: Math.round(nowMs + between(-SKEW_MS, SKEW_MS)), pod });
      }
    }
  };

  for (let n = 0; n < NODES; n += 1) {
    const node = await addNode();
    for (let pod = 0; pod < SERVICES_PER_NODE; pod += 1) addPod(node, 'service', 3_600_000);
  }
  for (const work of [arrivals, deaths, ask]) inBackground(work());

  return {
    /** All queries so far. */
    queries: queries as readonly Query[],
    /** Throws the first fault of the simulation itself. */
    check: (): void => {
      if (failure !== undefined) throw failure;
    },
  };
}
