// A Kubernetes API with a cluster of any size: lists of realistic objects, gzipped before anything is measured.
import { gzipSync } from 'node:zlib';
import type { KubernetesObject } from '../../test/support/kubernetes-cluster.ts';
import { leaseObject, nodeObject, podObject } from '../../test/support/kubernetes-objects.ts';
import type { startKubernetesStub } from '../../test/support/kubernetes-stub.ts';

const PAGE = 500;
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

/** A large cluster; pods and nodes by their numbers. */
export type LargeCluster = {
  readonly nodes: number;
  readonly pod: (n: number) => KubernetesObject;
  readonly node: (n: number) => KubernetesObject;
};

/** A cluster of `pods` pods on up to 1,000 nodes; all have run for an hour at `nowMs`. */
export function createLargeCluster(pods: number, nowMs: number): LargeCluster {
  const nodes = Math.min(1000, Math.ceil(pods / 15));
  return { nodes, pod: (n) => largePod(n, nodes, nowMs - 3_600_000), node: largeNode };
}

/** Makes `kubernetes` serve such a cluster, whose nodes renew their Leases; `jsonBytes`: all pods before gzip. */
export function serveLargeCluster(
  kubernetes: Awaited<ReturnType<typeof startKubernetesStub>>,
  pods: number,
  clock: () => number,
): LargeCluster & { readonly jsonBytes: number } {
  const large = createLargeCluster(pods, clock());
  const { nodes, pod, node } = large;
  const podPages = packed('/api/v1/pods', pods, (n) => withFiller(pod(n), 5000));
  const nodePages = packed('/api/v1/nodes', nodes, (n) => withFiller(node(n), 8000));
  const pages = new Map([...podPages.pages, ...nodePages.pages]);
  const leasePage = (path: string) =>
    packed(LEASES, nodes, (n) => leaseObject(nodeName(n), clock())).pages.get(path);
  kubernetes.answerWith((path) => (path.startsWith(LEASES) ? leasePage(path) : pages.get(path)));
  return { ...large, jsonBytes: podPages.jsonBytes };
}

/** The address of a pod by its number. */
export const largePodIp = (n: number): string => `10.${16 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;

const nodeName = (n: number): string => `ip-10-9-${n >> 8}-${n & 255}`;

/** A pod of a deployment with typical labels and annotations. */
const largePod = (n: number, nodes: number, startMs: number): KubernetesObject =>
  podObject({
    name: `service-${n % 400}-7d9f8b6c5-${n.toString(36).padStart(5, 'x')}`,
    namespace: `team-${n % 60}`,
    uid: `0b6f0f4e-6c0b-4c1e-9d6a-${n.toString(16).padStart(12, '0')}`,
    node: nodeName(n % nodes),
    ips: [largePodIp(n)],
    labels: { app: `service-${n % 400}`, 'pod-template-hash': '7d9f8b6c5' },
    annotations: { 'metadata.dynatrace.com/dt.security_context': `team-${n % 60}` },
    owner: { kind: 'ReplicaSet', name: `service-${n % 400}-7d9f8b6c5` },
    acceptedMs: startMs,
    readyMs: startMs + 2000,
    startedMs: startMs + 3000,
  });

const largeNode = (n: number): KubernetesObject =>
  nodeObject(nodeName(n), `10.9.${n >> 8}.${n & 255}`, `i-0${n}`);

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
