import type { SampleEvent } from '../../src/cli/lib/io/firehose-event.ts';
import { createRandom, type Random } from '../../src/cli/lib/simulate/random.ts';

// Queries of a cluster with Kubernetes' default resolv.conf: `options ndots:5` and four search suffixes, so that a name
// with fewer than five dots is first tried with each suffix, for IPv4 and IPv6.
const PODS = 40;
const RESOLVERS = ['10.0.3.17', '10.0.4.23'];
const NODE = (i: number): string => `ip-10-0-12-${i}.eu-central-1.compute.internal`;
const NAMESPACES = ['checkout', 'catalog', 'payments', 'search'];
const OUTSIDE = [
  ...['api.pay.example.com', 'www.dynatrace.com', 'hooks.chat.example.com', 'auth.partner.example.net'],
  ...['registry.npmjs.org', 'maps.example.org', 'sdk.flags.example.io', 'telemetry.vendor.example.com'],
];
const AWS = [
  'sqs.eu-central-1.amazonaws.com',
  'sts.eu-central-1.amazonaws.com',
  'dynamodb.eu-central-1.amazonaws.com',
];
const SERVICES = ['cart', 'redis.cache', 'orders.checkout', 'users.catalog.svc.cluster.local'];

type ClientPod = { readonly ip: string; readonly namespace: string };
type Send = (name: string, type: string, code: string) => void;

const namespaceOf = (pod: number): string => NAMESPACES[pod % NAMESPACES.length] ?? '';
const ipOf = (pod: number): string => `10.0.12.${100 + pod}`;

/** The inventory of that cluster (`DIRECTORY_FILE`). */
export function workloadDirectory(): unknown {
  const cluster = {
    name: 'shop',
    uid: '6d2f6d2e-1b1c-4f6c-9a55-0f7f0d0a9b10',
    vpcId: 'vpc-0f3a9c1d2b4e5f607',
  };
  const uid = (i: number): string => `0b3c9d0e-6a51-4a57-8e53-${String(i).padStart(12, '0')}`;
  const pods = Array.from({ length: PODS }, (_, i) => ({
    cluster: 'shop',
    namespace: namespaceOf(i),
    name: `web-${namespaceOf(i)}-6d5f9c7b8-${String(i).padStart(5, 'x')}`,
    uid: uid(i),
    ips: [ipOf(i)],
    node: NODE(i % 4),
    phase: 'Running',
    startTime: '2026-01-15T00:00:00Z',
    owner: { kind: 'ReplicaSet', name: `web-${namespaceOf(i)}-6d5f9c7b8` },
    labels: { 'pod-template-hash': '6d5f9c7b8' },
  }));
  const coredns = RESOLVERS.map((ip, i) => ({
    cluster: 'shop',
    namespace: 'kube-system',
    name: `coredns-7f9c69c78c-8wl5${i}`,
    uid: uid(900 + i),
    ips: [ip],
    node: NODE(i),
    phase: 'Running',
    startTime: '2026-01-15T00:00:00Z',
    labels: { 'k8s-app': 'kube-dns' },
  }));
  const nodes = Array.from({ length: 4 }, (_, i) => ({
    cluster: 'shop',
    name: NODE(i),
    ips: [`10.0.12.${i}`],
    instanceId: `i-0a6453b0c36d4b9c${i}`,
  }));
  return { clusters: [cluster], nodes, pods: [...pods, ...coredns] };
}

/** CoreDNS lines in Container Insights JSON for `lookups` look-ups of the pods, in ascending order from `fromMs`. */
export function workloadEvents(lookups: number, fromMs: number): SampleEvent[] {
  const random = createRandom(5);
  const events: SampleEvent[] = [];
  for (let i = 0; i < lookups; i++) {
    const pod = random.int(PODS);
    const client = { ip: ipOf(pod), namespace: namespaceOf(pod) };
    const send: Send = (name, type, code) => {
      const timeMs = fromMs + events.length * 3;
      events.push({ timeMs, message: message(random, client.ip, { name, type, code, timeMs }) });
    };
    lookUp(random, client, send);
  }
  return events;
}

/** One look-up; typical shares of a cluster whose services call each other, AWS and a few partners. */
function lookUp(random: Random, client: ClientPod, send: Send): void {
  const draw = random.int(1000);
  if (draw < 400) return search(random.pick(SERVICES), client, send);
  if (draw < 650) return search(random.pick(AWS), client, send);
  if (draw < 960) return search(random.pick(OUTSIDE), client, send);
  if (draw < 985) return send(`${random.int(250)}.12.0.10.in-addr.arpa`, 'PTR', 'NOERROR');
  if (draw < 995) return send(random.pick(OUTSIDE), 'A', 'SERVFAIL');
  // A tunnel queries fully qualified names, so there is no search.
  send(
    `${random.text('0123456789abcdef', 60)}.${random.text('0123456789abcdef', 48)}.t.evil.example.net`,
    'TXT',
    'NOERROR',
  );
}

function search(name: string, { namespace }: ClientPod, send: Send): void {
  const suffixes = [
    `${namespace}.svc.cluster.local`,
    'svc.cluster.local',
    'cluster.local',
    'eu-central-1.compute.internal',
  ];
  for (const candidate of [...suffixes.map((suffix) => `${name}.${suffix}`), name]) {
    const isFound = candidate === name || isService(candidate);
    for (const type of ['A', 'AAAA']) send(candidate, type, isFound ? 'NOERROR' : 'NXDOMAIN');
    if (isFound) return;
  }
}

/** Existing services: `cart` in every namespace, the others in the namespace in their names. */
const isService = (name: string): boolean =>
  /^cart\.\w+\.svc\.cluster\.local$|^(redis\.cache|orders\.checkout|users\.catalog)\.svc\.cluster\.local$/.test(
    name,
  );

type Query = { readonly name: string; readonly type: string; readonly code: string; readonly timeMs: number };

function message(random: Random, ip: string, { name, type, code, timeMs }: Query): string {
  const size = name.length + 18;
  const line = `[INFO] ${ip}:${30_000 + random.int(30_000)} - ${random.int(65_536)} "${type} IN ${name}. udp ${size} false 512" ${code} qr,rd,ra ${size + random.int(200)} 0.00${100_000 + random.int(800_000)}s`;
  const resolver = random.int(RESOLVERS.length);
  return JSON.stringify({
    time: new Date(timeMs).toISOString(),
    stream: 'stdout',
    _p: 'F',
    log: line,
    // As Container Insights' Fluent Bit writes it: these bytes are billed by CloudWatch.
    kubernetes: {
      pod_name: `coredns-7f9c69c78c-8wl5${resolver}`,
      namespace_name: 'kube-system',
      pod_id: `0b8e6a52-7a0c-4c6e-8a52-0e9be6a3f10${resolver}`,
      host: NODE(resolver),
      container_name: 'coredns',
      docker_id: '9c1185a5c5e9fc54612808977ee8f548b2258d31',
      container_hash: 'public.ecr.aws/eks-distro/coredns/coredns@sha256:3f1c5b8e',
      container_image: 'public.ecr.aws/eks-distro/coredns/coredns:v1.11.4-eks-1-31-latest',
    },
  });
}
