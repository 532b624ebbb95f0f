// What becomes of a simulated pod: its kubelet moves it through its states, and the truth about its addresses is kept here.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Addresses } from './addresses.ts';
import type { Admin } from './admin.ts';
import type { SimulatedNode } from './nodes.ts';
import { type PodState, podStatus } from './pod-status.ts';

/** How a pod ends, or what happens to it. `dead node` is not planned, but happens to the pods of a node that dies. */
export const FATES = [
  'service',
  'job',
  'rolled out',
  'forced',
  'evicted',
  'new sandbox',
  'dead node',
] as const;
export type Fate = (typeof FATES)[number];

/** A pod, and whether it sends queries at the moment. */
export type SimulatedPod = {
  readonly name: string;
  readonly node: SimulatedNode;
  fate: Fate;
  /** Its present addresses; undefined while it has none. */
  addresses: Addresses | undefined;
  isAsking: boolean;
};

type World = {
  readonly admin: Admin;
  readonly between: (low: number, high: number) => number;
  readonly signal: AbortSignal;
};

const PODS = '/api/v1/namespaces/default/pods';
const CONTAINER = { image: 'example.com/app:1' };
const BY_FORCE = { gracePeriodSeconds: 0 };

/** Longest time for which a pod goes on after a deletion by force. */
const GRACE_SECONDS = 30;

/** Runs a pod from its creation to its end. Stops where it is when its node dies. */
export async function runPod(
  { admin, between, signal }: World,
  pod: SimulatedPod,
  lifeMs: number,
): Promise<void> {
  const { node, name } = pod;
  const path = `${PODS}/${name}`;
  const wait = async (ms: number): Promise<void> => {
    await sleep(ms, undefined, { signal });
    if (node.isDead) throw new NodeDied();
  };
  const now = (): number => Date.now() + node.skewMs;
  let state: PodState | undefined;
  /** Reports the state some time after it was reached. */
  const report = async (changes: Partial<PodState>, low = 300, high = 2000): Promise<void> => {
    if (state === undefined) return;
    state = { ...state, ...changes };
    const status = podStatus(state);
    await wait(between(low, high));
    await admin('PATCH', `${path}/status`, { status }, [404]);
  };
  const remove = (): Promise<unknown> => admin('DELETE', path, BY_FORCE, [404]);
  const stopAsking = (): void => {
    pod.isAsking = false;
  };
  const release = (): void => {
    if (pod.addresses !== undefined) node.pool.release(pod.addresses, Date.now());
    pod.addresses = undefined;
  };
  const finished = (): Partial<PodState> =>
    state === undefined
      ? {}
      : { main: { ...state.main, finishedMs: now() }, sandbox: { isReady: false, sinceMs: now() + 500 } };

  /** Waits for an address; false where there is none for long. */
  const allocate = async (): Promise<boolean> => {
    for (let tries = 0; tries < 60 && pod.addresses === undefined; tries += 1) {
      pod.addresses = node.pool.take(Date.now());
      if (pod.addresses === undefined) await wait(1000);
    }
    return pod.addresses !== undefined;
  };

  const begin = async (): Promise<boolean> => {
    await admin('POST', PODS, {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name },
      spec: {
        nodeName: node.name,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: GRACE_SECONDS,
        tolerations: [{ operator: 'Exists' }],
        initContainers: [{ name: 'setup', ...CONTAINER }],
        containers: [{ name: 'main', ...CONTAINER }],
      },
    });
    await wait(between(200, 1500));
    const acceptedMs = now();
    if (!(await allocate())) {
      await remove();
      return false;
    }
    await wait(between(200, 1000));
    const readyMs = now();
    const setup = { startedMs: readyMs + 100, finishedMs: readyMs + 300 };
    await wait(between(400, 1500));
    const main = { startedMs: now() };
    pod.isAsking = true;
    state = {
      phase: 'Running',
      ips: pod.addresses ?? [],
      acceptedMs,
      sandbox: { isReady: true, sinceMs: readyMs + between(0, 1000) },
      setup,
      main,
    };
    await report({}, 200, 1500);
    return true;
  };

  /** The sandbox dies; after a while there is another one with another address. The init container is not run again. */
  const replaceSandbox = async (): Promise<void> => {
    if (state === undefined) return;
    stopAsking();
    const gone = finished();
    await wait(between(200, 2000));
    release();
    await report(gone);
    await wait(between(1000, 45_000));
    if (!(await allocate())) return;
    await wait(between(200, 1000));
    const restarts = (state.main.restarts ?? 0) + 1;
    const sandbox = { isReady: true, sinceMs: now() };
    await wait(between(200, 1000));
    pod.isAsking = true;
    await report({ ips: pod.addresses ?? [], sandbox, main: { startedMs: now(), restarts } });
  };

  const end = async (): Promise<void> => {
    switch (pod.fate) {
      case 'job': {
        stopAsking();
        release();
        await report({ ...finished(), phase: 'Succeeded' });
        await wait(between(2000, 60_000));
        break;
      }
      case 'evicted': {
        stopAsking();
        release();
        const knows = between(0, 1) < 0.5;
        const ended = finished();
        const main = state && { ...state.main, endIsUnknown: true };
        await report({
          ...ended,
          ...(knows || main === undefined ? {} : { main }),
          phase: 'Failed',
          reason: 'Evicted',
        });
        await wait(between(30_000, 120_000));
        break;
      }
      case 'forced': {
        await remove();
        await wait(between(0, GRACE_SECONDS * 1000));
        stopAsking();
        release();
        return;
      }
      default: {
        await admin('DELETE', path, { gracePeriodSeconds: GRACE_SECONDS }, [404]);
        await wait(between(300, 10_000));
        stopAsking();
        release();
        await report(finished());
      }
    }
    await remove();
  };

  try {
    if (!(await begin())) return;
    await wait(lifeMs);
    if (pod.fate === 'new sandbox') {
      await replaceSandbox();
      await wait(lifeMs);
    }
    await end();
  } catch (error) {
    if (!(error instanceof NodeDied) && !signal.aborted) throw error;
  }
}

class NodeDied extends Error {}
