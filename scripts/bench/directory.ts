// Cost of a directory of 15,000 pods: time of the first load and of a refresh over TLS, and heap.
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { parseClusterList } from '../../src/lambda/cluster-list.ts';
import { awsEnvironment, startAwsStub } from '../../test/support/aws-stub.ts';
import type { KubernetesObject } from '../../test/support/kubernetes-cluster.ts';
import { nodeObject, podObject } from '../../test/support/kubernetes-objects.ts';
import { STUB_CA, startKubernetesStub } from '../../test/support/kubernetes-stub.ts';
import { collectGarbage } from './setup.ts';

const PODS = 15_000;
const NODES = 1000;
const PAGE = 500;
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
  const { pages, jsonBytes } = packed('/api/v1/pods', PODS, (n) => withFiller(pod(n, nowMs), 5000));
  const nodePages = packed('/api/v1/nodes', NODES, (n) => withFiller(node(n), 8000));
  kubernetes.answerWith((path) => pages.get(path) ?? nodePages.pages.get(path));

  const { clusters } = parseClusterList('bench', undefined);
  const settings = { ...DEFAULT_SETTINGS, clusters, ec2Lookup: false, lookupBudgetMs: 60_000 };
  // Loads the AWS client and other permanent state before the heap is measured.
  await warmUp(settings, nowMs);
  const heapBefore = await heapAfterCollection();
  const source = createDirectorySource(settings);
  const firstLoadMs = await timed(() => source.begin(nowMs).lookup(NOTHING));
  const heapMb = ((await heapAfterCollection()) - heapBefore) / MB;

  for (let n = 0; n < 300; n += 1) kubernetes.cluster.put('/api/v1/pods', pod(n, nowMs));
  const refreshMs = await timed(() => source.begin(nowMs + 60_000).lookup(NOTHING));
  const pending = source.begin(nowMs + 61_000);
  await pending.lookup(NOTHING);
  const size = pending.health()[0]?.size;
  await Promise.all([kubernetes.close(), aws.close()]);
  process.env = environment;
  if (size !== PODS + NODES) throw new Error(`${size} pods and nodes were loaded`);
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

/** A pod of a deployment with typical labels and annotations. */
const pod = (n: number, nowMs: number): KubernetesObject =>
  podObject({
    name: `service-${n % 400}-7d9f8b6c5-${n.toString(36).padStart(5, 'x')}`,
    namespace: `team-${n % 60}`,
    uid: `0b6f0f4e-6c0b-4c1e-9d6a-${n.toString(16).padStart(12, '0')}`,
    node: `ip-10-9-${(n % NODES) >> 8}-${(n % NODES) & 255}`,
    ips: [`10.${16 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`],
    labels: { app: `service-${n % 400}`, 'pod-template-hash': '7d9f8b6c5' },
    annotations: { 'metadata.dynatrace.com/dt.security_context': `team-${n % 60}` },
    owner: { kind: 'ReplicaSet', name: `service-${n % 400}-7d9f8b6c5` },
    acceptedMs: nowMs - 3_600_000,
    readyMs: nowMs - 3_598_000,
    startedMs: nowMs - 3_597_000,
  });

const node = (n: number): KubernetesObject =>
  nodeObject(`ip-10-9-${n >> 8}-${n & 255}`, `10.9.${n >> 8}.${n & 255}`, `i-0${n}`);

/** Adds members that we do not read: real objects consist mostly of managed fields, volumes and environment. */
const withFiller = (object: KubernetesObject, bytes: number): KubernetesObject => ({
  ...object,
  spec: {
    ...(object.spec as object),
    filler: Array.from({ length: bytes / 50 }, (_, n) => `f:env-${n}-${object.metadata.name}`.slice(0, 40)),
  },
});

/** Every page of a list, gzipped, by its request path. */
function packed(path: string, total: number, objectOf: (n: number) => object) {
  const pages = new Map<string, Buffer>();
  let jsonBytes = 0;
  for (let from = 0; from < total; from += PAGE) {
    const isLast = from + PAGE >= total;
    const metadata = { resourceVersion: '1000', ...(isLast ? {} : { continue: String(from + PAGE) }) };
    const items = Array.from({ length: Math.min(PAGE, total - from) }, (_, n) => objectOf(from + n));
    const text = JSON.stringify({ metadata, items });
    jsonBytes += text.length;
    pages.set(`${path}?limit=${PAGE}${from === 0 ? '' : `&continue=${from}`}`, gzipSync(text));
  }
  return { pages, jsonBytes };
}
