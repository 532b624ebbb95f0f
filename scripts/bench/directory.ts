// Cost of a directory of 15,000 pods: time of the first load and of a refresh over TLS, and heap.
import { setTimeout } from 'node:timers/promises';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { parseClusterList } from '../../src/lambda/cluster-list.ts';
import { awsEnvironment, startAwsStub } from '../../test/support/aws-stub.ts';
import { STUB_CA, startKubernetesStub } from '../../test/support/kubernetes-stub.ts';
import { serveLargeCluster } from './large-cluster.ts';
import { collectGarbage } from './setup.ts';

const PODS = 15_000;
const MB = 1024 * 1024;

/** Measured values; times in ms. */
export type DirectoryFigures = {
  readonly pods: number;
  readonly heapMb: number;
  /** Goal, MB. */
  readonly heapGoalMb: 60;
  readonly firstLoadMs: number;
  /** At least a second, the minimum duration of a watch. */
  readonly refreshMs: number;
  readonly jsonMb: number;
};

/** Loads 15,000 pods and 1,000 nodes from a stub, then refreshes once with 300 changed pods. */
export async function measureDirectory(): Promise<DirectoryFigures> {
  const [kubernetes, aws] = await Promise.all([startKubernetesStub(), startAwsStub()]);
  const environment = { ...process.env };
  Object.assign(process.env, awsEnvironment(aws.url));
  aws.putCluster('bench', { endpoint: kubernetes.endpoint, ca: STUB_CA, vpcId: 'vpc-1' });
  kubernetes.withoutBookmarks();
  const nowMs = Date.parse('2026-03-01T12:00:00Z');
  const { pod, nodes, jsonBytes } = serveLargeCluster(kubernetes, PODS, () => nowMs);

  const { clusters } = parseClusterList('bench', undefined);
  const settings = { ...DEFAULT_SETTINGS, clusters, ec2Lookup: false, lookupBudgetMs: 60_000 };
  // Loads the AWS client and other permanent state before the heap is measured.
  await warmUp(settings, nowMs);
  const heapBefore = await heapAfterCollection();
  const source = createDirectorySource(settings);
  const firstLoadMs = await timed(() => source.begin(nowMs).lookup(NOTHING));
  const heapMb = ((await heapAfterCollection()) - heapBefore) / MB;

  for (let n = 0; n < 300; n += 1) kubernetes.cluster.put('/api/v1/pods', pod(n));
  const refreshMs = await timed(() => source.begin(nowMs + 60_000).lookup(NOTHING));
  const pending = source.begin(nowMs + 61_000);
  await pending.lookup(NOTHING);
  const size = pending.health()[0]?.size;
  await Promise.all([kubernetes.close(), aws.close()]);
  process.env = environment;
  if (size !== PODS + nodes) throw new Error(`${size} pods and nodes were loaded`);
  return { pods: PODS, heapMb, heapGoalMb: 60, firstLoadMs, refreshMs, jsonMb: jsonBytes / MB };
}

/** A separate function, so that no stack frame keeps its objects alive. */
async function warmUp(settings: Settings, nowMs: number): Promise<void> {
  await createDirectorySource(settings).begin(nowMs).lookup(NOTHING);
}

const NOTHING = { clientIps: new Set<string>(), vpcs: [] };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function heapAfterCollection(): Promise<number> {
  // Closing sockets still reference their buffers.
  await setTimeout(100);
  for (let n = 0; n < 3; n += 1) collectGarbage();
  return process.memoryUsage().heapUsed;
}
