// A cluster in simulated time: pods are replaced on nodes whose addresses are re-used after the VPC CNI's cooldown, the
// API reports changes with a delay, and pods send queries. The true client of every query is known.
import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import { createKubernetesCluster, type KubernetesObject } from '../../test/support/kubernetes-cluster.ts';
import { nodeObject, type PodSpec, podObject } from '../../test/support/kubernetes-objects.ts';

const PODS = '/api/v1/pods';
const COOLDOWN_MS = 30_000;
const TICK_MS = 100;

/** A query with CoreDNS's timestamp and its true client. */
export type Query = {
  readonly ip: string;
  readonly trueMs: number;
  readonly stampedMs: number;
  readonly pod: string;
};

/** The API's state of a pod from `atMs` on. */
export type ApiChange = {
  readonly atMs: number;
  readonly object: KubernetesObject;
  readonly isDeleted: boolean;
};

/** Rates of changes and queries. */
export type Churn = {
  readonly nodes: number;
  readonly servicePodsPerNode: number;
  /** Short-lived pods started per second, all on the first tenth of the nodes, where addresses are scarce. */
  readonly jobsPerSecond: number;
  /** Service pods replaced per second. */
  readonly rolloutsPerSecond: number;
  readonly queriesPerSecond: number;
  /** Maximum deviation of node and CoreDNS clocks, either way. */
  readonly skewMs: number;
};

type Pod = {
  readonly spec: PodSpec;
  readonly node: SimulatedNode;
  readonly ip: string;
  readonly isJob: boolean;
  queryingUntilMs: number;
};
type SimulatedNode = {
  readonly name: string;
  readonly skewMs: number;
  readonly free: { ip: string; sinceMs: number }[];
};

/** A cluster at `startMs`; `advanceTo` advances its time. */
export function createSimulatedCluster(churn: Churn, startMs: number, seed: number) {
  const random = createRandom(seed).fraction;
  const between = (low: number, high: number) => low + random() * (high - low);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const api = createKubernetesCluster();
  const agenda = new Map<number, (() => void)[]>();
  const clients: Pod[] = [];
  const services: Pod[] = [];
  let queries: Query[] = [];
  let changes: ApiChange[] = [];
  let nowMs = startMs;
  let pods = 0;

  const at = (atMs: number, action: () => void): void => {
    const tick = Math.ceil(atMs / TICK_MS);
    const actions = agenda.get(tick);
    if (actions) actions.push(action);
    else agenda.set(tick, [action]);
  };

  const nodes = Array.from({ length: churn.nodes }, (_, index): SimulatedNode => {
    const [high, low] = [index >> 3, (index & 7) * 32];
    const name = `node-${index}`;
    const address = (host: number) => `10.${high >> 8}.${high & 255}.${low + host}`;
    api.put(
      '/api/v1/nodes',
      nodeObject(name, address(0), `i-0${index.toString(16)}`, startMs - 86_400_000),
      startMs,
    );
    const free = Array.from({ length: churn.servicePodsPerNode + 6 }, (_, host) => ({
      ip: address(host + 1),
      sinceMs: 0,
    }));
    return { name, skewMs: between(-churn.skewMs, churn.skewMs), free };
  });

  const publish = (pod: Pod, more: Partial<PodSpec>, isDeleted = false): void => {
    const object = podObject({ ...pod.spec, ...more });
    if (isDeleted) api.remove(PODS, object, nowMs);
    else api.put(PODS, object, nowMs);
    changes.push({ atMs: nowMs, object, isDeleted });
  };

  const release = (pod: Pod): void => {
    pod.node.free.push({ ip: pod.ip, sinceMs: nowMs });
  };

  /** Starts a pod that runs for `lifeMs`; `sinceMs` is the start of pods from before the simulation. */
  const start = (node: SimulatedNode, isJob: boolean, lifeMs: number | undefined, sinceMs = nowMs): void => {
    // The most recently released address after its cooldown: the worst case.
    const cooled = node.free.findLastIndex((address) => nowMs - address.sinceMs >= COOLDOWN_MS);
    if (cooled < 0) return;
    const [address] = node.free.splice(cooled, 1);
    pods += 1;
    const name = `${isJob ? 'job' : 'web'}-${pods}`;
    const [acceptedMs, readyMs] = [sinceMs - between(500, 4000) + node.skewMs, sinceMs + node.skewMs];
    const startedMs = readyMs + between(200, 1500);
    const spec: PodSpec = { name, node: node.name, ips: [address?.ip ?? ''], acceptedMs, readyMs, startedMs };
    const pod: Pod = { spec, node, ip: address?.ip ?? '', isJob, queryingUntilMs: Number.POSITIVE_INFINITY };
    if (sinceMs < nowMs) publish(pod, {});
    else at(nowMs + between(200, 1500), () => publish(pod, {}));
    at(sinceMs + 1500, () => clients.push(pod));
    if (!isJob) services.push(pod);
    if (lifeMs !== undefined) at(nowMs + lifeMs, () => finish(pod));
  };

  /** Ends a job: the finished pod stays in the API for a while, with an address that it no longer owns. */
  const finish = (pod: Pod): void => {
    pod.queryingUntilMs = nowMs;
    const ended = { phase: 'Succeeded', finishedMs: nowMs + pod.node.skewMs };
    release(pod);
    at(nowMs + between(300, 2000), () => publish(pod, ended));
    at(nowMs + between(2500, 60_000), () => publish(pod, ended, true));
  };

  /**
   * Deletes a service pod: mostly with a grace period, sometimes forced, in which case the API removes it before it
   * ends.
   */
  const stop = (pod: Pod): void => {
    services.splice(services.indexOf(pod), 1);
    const isForced = random() < 0.05;
    const deletion = { deletionMs: nowMs + (isForced ? 0 : 30_000), graceSeconds: isForced ? 0 : 30 };
    publish(pod, deletion, isForced);
    at(nowMs + between(300, isForced ? 2000 : 10_000), () => {
      pod.queryingUntilMs = nowMs;
      release(pod);
      if (isForced) return;
      const ended = { ...deletion, finishedMs: nowMs + pod.node.skewMs };
      at(nowMs + between(300, 2000), () => publish(pod, ended, true));
    });
  };

  const jobLifeMs = (): number => {
    const kind = random();
    if (kind < 0.3) return 10_000;
    return kind < 0.8 ? between(20_000, 120_000) : between(120_000, 600_000);
  };

  const sendQuery = (): void => {
    const index = Math.floor(random() * clients.length);
    const pod = clients[index];
    if (pod === undefined) return;
    if (pod.queryingUntilMs <= nowMs) {
      clients[index] = clients.at(-1) ?? pod;
      clients.pop();
      return;
    }
    // Half of the services' queries are skipped, to give more weight to short-lived pods.
    if (!pod.isJob && random() < 0.5) return;
    const stampedMs = Math.round(nowMs + between(-churn.skewMs, churn.skewMs));
    queries.push({ ip: pod.ip, trueMs: nowMs, stampedMs, pod: pod.spec.name });
  };

  const tick = (): void => {
    for (const action of agenda.get(Math.round(nowMs / TICK_MS)) ?? []) action();
    agenda.delete(Math.round(nowMs / TICK_MS));
    const due = (perSecond: number) => Math.floor((perSecond * TICK_MS) / 1000 + random());
    for (let n = due(churn.jobsPerSecond); n > 0; n -= 1) {
      const node = nodes[Math.floor(random() * Math.max(1, nodes.length / 10))];
      if (node) start(node, true, jobLifeMs());
    }
    for (let n = due(churn.rolloutsPerSecond); n > 0; n -= 1) {
      const [old, node] = [pick(services), pick(nodes)];
      if (old) stop(old);
      if (node) start(node, false, undefined);
    }
    for (let n = due(churn.queriesPerSecond); n > 0; n -= 1) sendQuery();
  };

  for (const node of nodes) {
    for (let n = 0; n < churn.servicePodsPerNode; n += 1)
      start(node, false, undefined, startMs - between(60_000, 86_400_000));
  }
  for (const pod of services) clients.push(pod);

  return {
    api,
    advanceTo: (untilMs: number): void => {
      for (; nowMs < untilMs; nowMs += TICK_MS) tick();
      // etcd keeps the history for five minutes.
      api.compact(untilMs - 300_000);
    },
    /** Queries since the last call, in the order of their true time. */
    takeQueries: (): readonly Query[] => {
      const taken = queries;
      queries = [];
      return taken;
    },
    /** Changes in the API since the last call. */
    takeChanges: (): readonly ApiChange[] => {
      const taken = changes;
      changes = [];
      return taken;
    },
  };
}
