// A cluster in simulated time: pods are replaced on nodes whose addresses are re-used after the VPC CNI's cooldown, the
// API reports changes with a delay, and pods send queries. The true client of every query is known.
import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import { createKubernetesCluster, type KubernetesObject } from '../../test/support/kubernetes-cluster.ts';
import { type PodSpec, podObject } from '../../test/support/kubernetes-objects.ts';
import { createNodes, type SimulatedNode } from './simulated-nodes.ts';

const PODS = '/api/v1/pods';
const COOLDOWN_MS = 30_000;
const TICK_MS = 100;

/** A query with CoreDNS's timestamp and its true client. */
export type Query = {
  readonly ip: string;
  readonly trueMs: number;
  readonly stampedMs: number;
  readonly pod: string;
  /** Where there are several accounts. */
  readonly accountId?: string;
};

/** The API's state of a pod from `atMs` on. */
export type ApiChange = {
  readonly atMs: number;
  readonly object: KubernetesObject;
  readonly isDeleted: boolean;
  /** Where there are several accounts. */
  readonly accountId?: string;
};

/** Rates of changes and queries. */
export type Churn = {
  readonly nodes: number;
  readonly servicePodsPerNode: number;
  /** Short-lived pods started per second, all on the first tenth of the nodes, where addresses are scarce. */
  readonly jobsPerSecond: number;
  /** Service pods replaced per second. */
  readonly rolloutsPerSecond: number;
  /** Service pods per second that get a new sandbox, with another address. */
  readonly sandboxesPerSecond: number;
  /** Nodes per second that die without a word. */
  readonly deathsPerSecond: number;
  readonly queriesPerSecond: number;
  /** Maximum deviation of node and CoreDNS clocks, either way. */
  readonly skewMs: number;
};

type Pod = {
  spec: PodSpec;
  readonly node: SimulatedNode;
  ip: string;
  readonly isJob: boolean;
  queryingUntilMs: number;
  /** Its kubelet is about to end it, or to replace its sandbox. */
  isBusy: boolean;
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

  /** What the kubelet of a pod's node does; nothing when the node has died. */
  const atKubelet = (pod: Pod, atMs: number, action: () => void): void =>
    at(atMs, () => {
      if (!pod.node.isDead) action();
    });

  const CREATED_MS = startMs - 86_400_000;
  const registry = createNodes({ api, nowMs: () => nowMs, at, random });
  const nodes = Array.from({ length: churn.nodes }, (_, index): SimulatedNode => {
    const [high, low] = [index >> 3, (index & 7) * 32];
    const address = (host: number) => `10.${high >> 8}.${high & 255}.${low + host}`;
    const free = Array.from({ length: churn.servicePodsPerNode + 6 }, (_, host) => ({
      ip: address(host + 1),
      sinceMs: 0,
    }));
    const skewMs = between(-churn.skewMs, churn.skewMs);
    const node = { index, name: `node-${index}`, ip: address(0), skewMs, free, isDead: false };
    registry.register(node, CREATED_MS);
    return node;
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

  /** The most recently released address after its cooldown: the worst case. */
  const takeAddress = (node: SimulatedNode): string | undefined => {
    const cooled = node.free.findLastIndex((address) => nowMs - address.sinceMs >= COOLDOWN_MS);
    return cooled < 0 ? undefined : node.free.splice(cooled, 1)[0]?.ip;
  };

  /** Starts a pod that runs for `lifeMs`; `sinceMs` is the start of pods from before the simulation. */
  const start = (node: SimulatedNode, isJob: boolean, lifeMs: number | undefined, sinceMs = nowMs): void => {
    const ip = takeAddress(node);
    if (ip === undefined) return;
    pods += 1;
    const name = `${isJob ? 'job' : 'web'}-${pods}`;
    const [acceptedMs, readyMs] = [sinceMs - between(500, 4000) + node.skewMs, sinceMs + node.skewMs];
    const startedMs = readyMs + between(200, 1500);
    const createdMs = sinceMs - 4000;
    const spec: PodSpec = { name, node: node.name, ips: [ip], createdMs, acceptedMs, readyMs, startedMs };
    const queryingUntilMs = Number.POSITIVE_INFINITY;
    const pod: Pod = { spec, node, ip, isJob, queryingUntilMs, isBusy: false };
    if (sinceMs < nowMs) publish(pod, {});
    else atKubelet(pod, nowMs + between(200, 1500), () => publish(pod, {}));
    atKubelet(pod, sinceMs + 1500, () => clients.push(pod));
    if (!isJob) services.push(pod);
    if (lifeMs !== undefined) atKubelet(pod, nowMs + lifeMs, () => finish(pod));
  };

  /** Ends a job: the finished pod stays in the API for a while, with an address that it no longer owns. */
  const finish = (pod: Pod): void => {
    pod.queryingUntilMs = nowMs;
    const ended = { phase: 'Succeeded', finishedMs: nowMs + pod.node.skewMs };
    release(pod);
    atKubelet(pod, nowMs + between(300, 2000), () => publish(pod, ended));
    atKubelet(pod, nowMs + between(2500, 60_000), () => publish(pod, ended, true));
  };

  /** Replaces the sandbox of a service pod. */
  const replaceSandbox = (pod: Pod): void => {
    pod.isBusy = true;
    pod.queryingUntilMs = nowMs;
    const finishedMs = nowMs + pod.node.skewMs;
    release(pod);
    const lostMs = finishedMs + between(200, 2000);
    atKubelet(pod, nowMs + between(2200, 4000), () => publish(pod, { lostMs, finishedMs }));
    atKubelet(pod, nowMs + between(5000, 60_000), () => {
      const ip = takeAddress(pod.node);
      if (ip === undefined) return;
      pod.ip = ip;
      const readyMs = nowMs + pod.node.skewMs;
      const restarts = (pod.spec.restarts ?? 0) + 1;
      pod.spec = { ...pod.spec, ips: [ip], readyMs, startedMs: readyMs + 300, restarts };
      pod.queryingUntilMs = Number.POSITIVE_INFINITY;
      pod.isBusy = false;
      clients.push(pod);
      atKubelet(pod, nowMs + between(500, 2000), () => publish(pod, {}));
    });
  };

  /** A node dies; nodes with scarce addresses take over its addresses. */
  const killNode = (): void => {
    const node = nodes.splice(Math.floor(random() * nodes.length), 1)[0];
    if (node === undefined) return;
    const victims = clients.filter((pod) => pod.node === node);
    for (const pod of victims) {
      if (services.includes(pod)) services.splice(services.indexOf(pod), 1);
      if (pod.queryingUntilMs > nowMs)
        pick(nodes.slice(0, nodes.length / 10))?.free.push({ ip: pod.ip, sinceMs: nowMs });
      pod.queryingUntilMs = Math.min(pod.queryingUntilMs, nowMs);
      const isForced = random() < 0.3;
      if (isForced) at(nowMs + between(8000, 40_000), () => publish(pod, {}, true));
    }
    registry.kill(node, CREATED_MS, () => {
      for (const pod of victims) at(nowMs + between(20_000, 60_000), () => publish(pod, {}, true));
    });
  };

  /**
   * Deletes a service pod: mostly with a grace period, sometimes forced, in which case the API removes it before it
   * ends.
   */
  const stop = (pod: Pod): void => {
    services.splice(services.indexOf(pod), 1);
    pod.isBusy = true;
    const isForced = random() < 0.05;
    const deletion = { deletionMs: nowMs + (isForced ? 0 : 30_000), graceSeconds: isForced ? 0 : 30 };
    publish(pod, deletion, isForced);
    // After a deletion by force the process goes on for up to its grace period.
    atKubelet(pod, nowMs + between(300, isForced ? 30_000 : 10_000), () => {
      pod.queryingUntilMs = nowMs;
      release(pod);
      if (isForced) return;
      const ended = { ...deletion, finishedMs: nowMs + pod.node.skewMs };
      atKubelet(pod, nowMs + between(300, 2000), () => publish(pod, ended, true));
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
      if (old && !old.isBusy) stop(old);
      if (node) start(node, false, undefined);
    }
    for (let n = due(churn.sandboxesPerSecond); n > 0; n -= 1) {
      const pod = pick(services);
      if (pod && !pod.isBusy) replaceSandbox(pod);
    }
    for (let n = due(churn.deathsPerSecond); n > 0; n -= 1) killNode();
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
      // Watch caches keep the history for two minutes at most.
      api.compact(untilMs - 105_000);
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
