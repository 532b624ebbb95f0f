// Firehose events of a busy cluster: 2,000 pods, names of uneven popularity, search lists, and unique names. The same
// seed gives the same bytes.
import { gzipSync } from 'node:zlib';
import { envelopeJson, firehoseEvent } from '../../src/cli/lib/io/firehose-event.ts';
import { createRandom, type Random } from '../../src/cli/lib/simulate/random.ts';

/** Kinds of batches. */
export const SHAPES = ['coredns', 'container-insights', 'resolver'] as const;

/** One of `SHAPES`. */
export type Shape = (typeof SHAPES)[number];

/** A batch and its size. */
export type Batch = {
  readonly shape: Shape;
  readonly event: ReturnType<typeof firehoseEvent>;
  readonly events: number;
  readonly gzipBytes: number;
  readonly plainBytes: number;
};

/** Time of the first event, epoch ms. */
export const START_MS = Date.parse('2026-11-20T10:00:00.000Z');
/** Time between two events, ms. */
export const STEP_MS = 3;
const RECORDS = 8;

/** Address of pod number `index`. */
const podIp = (index: number): string => `10.42.${(index >> 8) & 255}.${index & 255}`;
/** Address and instance of node number `index`. */
const nodeIp = (index: number): string => `10.41.${(index >> 8) & 255}.${index & 255}`;
const instanceId = (index: number): string => `i-0${index.toString(16).padStart(16, '0')}`;

/** A batch of `shape` with about `gzipBytes` of gzip in eight records, with queries of `pods` pods. */
export function createBatch(shape: Shape, gzipBytes: number, pods = 2000): Batch {
  const random = createRandom(SHAPES.indexOf(shape) + 7);
  const write = WRITERS[shape];
  const sample = Array.from({ length: 2000 }, (_, i) => write(random, pods, START_MS + i * STEP_MS));
  const perEvent = gzipSync(envelopeOf(shape, sample)).length / sample.length;
  const count = Math.max(1, Math.round(gzipBytes / RECORDS / perEvent));
  return createBatchOf(shape, count, pods);
}

/** A batch with `perRecord` events in each of its records, one every `STEP_MS` from `startMs` on. */
export function createBatchOf(
  shape: Shape,
  perRecord: number,
  pods = 2000,
  recordCount = RECORDS,
  startMs = START_MS,
): Batch {
  const random = createRandom(SHAPES.indexOf(shape) + 11);
  const write = WRITERS[shape];
  let plainBytes = 0;
  const records = Array.from({ length: recordCount }, (_, r) => {
    const events = Array.from({ length: perRecord }, (_, i) =>
      write(random, pods, startMs + (r * perRecord + i) * STEP_MS),
    );
    const json = envelopeOf(shape, events);
    plainBytes += Buffer.byteLength(json);
    return gzipSync(json);
  });
  const event = firehoseEvent(records, {
    arrivalMs: startMs + 600_000,
    region: 'eu-west-1',
    kinesis: false,
  });
  const gzipBytes = records.reduce((sum, record) => sum + record.length, 0);
  return { shape, event, events: perRecord * recordCount, gzipBytes, plainBytes };
}

const COREDNS_PODS = ['coredns-7d58d485c9-4xkqz', 'coredns-7d58d485c9-r9vtm'] as const;

const NODE = 'ip-10-41-0-1.eu-west-1.compute.internal';
const LOG_STREAMS: Readonly<Record<Shape, string>> = {
  // The name of the stream is all that shows that CoreDNS printed these lines.
  coredns: `${NODE}-application.var.log.containers.${COREDNS_PODS[0]}_kube-system_coredns-${'0b8e6a52'.repeat(8)}.log`,
  'container-insights': `${NODE}-application`,
  resolver: 'vpc-0be9c7d15a2f48360_i-00000000000000001',
};

type Sample = { readonly timeMs: number; readonly message: string };

const envelopeOf = (shape: Shape, events: readonly Sample[]): string =>
  envelopeJson({
    owner: '111122223333',
    logGroup:
      shape === 'resolver'
        ? '/aws/vendedlogs/route53resolver/bench'
        : '/aws/containerinsights/bench/application',
    logStream: LOG_STREAMS[shape],
    messageType: 'DATA_MESSAGE',
    events,
  });

const SERVICES =
  'cart catalog checkout identity inventory invoice ledger media orders payment pricing profile search session shipping tax'.split(
    ' ',
  );
const SPACES = ['shop', 'payments', 'platform', 'data'];
const OUTSIDE =
  'api.stripe.com www.googleapis.com github.com registry.npmjs.org hooks.slack.com api.twilio.com cdn.jsdelivr.net o11y.example.com eu.api.mailgun.net login.microsoftonline.com'.split(
    ' ',
  );
const AWS = 'sqs s3 sts dynamodb secretsmanager kms logs monitoring ec2 ecr.api'.split(' ');

type Query = { readonly name: string; readonly code: string; readonly flags: string };

/** A query as in Kubernetes: a third are search expansions, a third cluster names, and one in 25 names is unique. */
function query(random: Random): Query {
  const dice = random.int(100);
  const space = random.pick(SPACES);
  if (dice < 4)
    return {
      name: `${random.text('0123456789abcdef', 12)}.cloudfront.net`,
      code: 'NOERROR',
      flags: 'qr,rd,ra',
    };
  const external = dice < 30 ? `${random.pick(AWS)}.eu-west-1.amazonaws.com` : random.pick(OUTSIDE);
  if (dice < 60) return { name: external, code: 'NOERROR', flags: 'qr,rd,ra' };
  const inside = `${random.pick(SERVICES)}.${space}.svc.cluster.local`;
  if (dice < 78) return { name: inside, code: 'NOERROR', flags: 'qr,aa,rd' };
  return { name: `${external}.${space}.svc.cluster.local`, code: 'NXDOMAIN', flags: 'qr,aa,rd' };
}

function coreDnsLine(random: Random, pods: number): string {
  const { name, code, flags } = query(random);
  const type = random.int(2) === 0 ? 'A' : 'AAAA';
  const bytes = name.length + 18;
  const seconds = `0.${String(random.int(12_000_000)).padStart(9, '0')}`;
  return `[INFO] ${podIp(random.int(pods))}:${32_768 + random.int(28_000)} - ${random.int(65_536)} "${type} IN ${name}. udp ${bytes} false 512" ${code} ${flags} ${bytes * 2 + random.int(90)} ${seconds}s`;
}

const WRITERS: Readonly<Record<Shape, (random: Random, pods: number, timeMs: number) => Sample>> = {
  coredns: (random, pods, timeMs) => ({ timeMs, message: coreDnsLine(random, pods) }),
  'container-insights': (random, pods, timeMs) => {
    const replica = random.int(2);
    const message = JSON.stringify({
      time: new Date(timeMs).toISOString().replace('Z', '123456Z'),
      stream: 'stdout',
      _p: 'F',
      log: coreDnsLine(random, pods),
      kubernetes: {
        pod_name: COREDNS_PODS[replica],
        namespace_name: 'kube-system',
        pod_id: `0b8e6a52-7a0c-4c6e-8a52-0e9be6a3f10${replica}`,
        host: 'ip-10-41-0-1.eu-west-1.compute.internal',
        container_name: 'coredns',
        docker_id: '9c1185a5c5e9fc54612808977ee8f548b2258d31',
        container_hash: 'public.ecr.aws/eks-distro/coredns/coredns@sha256:3f1c5b8e',
        container_image: 'public.ecr.aws/eks-distro/coredns/coredns:v1.11.4',
      },
    });
    return { timeMs, message };
  },
  resolver: (random, pods, timeMs) => {
    const { name } = query(random);
    const isPod = random.int(4) === 0;
    const client = random.int(isPod ? pods : 50);
    const answers = [
      { Rdata: `${random.text('0123456789abcdef', 8)}.edge.example.net.`, Type: 'CNAME', Class: 'IN' },
      { Rdata: `203.0.113.${random.int(256)}`, Type: 'A', Class: 'IN' },
    ];
    const message = JSON.stringify({
      version: '1.100000',
      account_id: '111122223333',
      region: 'eu-west-1',
      vpc_id: 'vpc-0be9c7d15a2f48360',
      query_timestamp: `${new Date(timeMs).toISOString().slice(0, 19)}Z`,
      query_name: `${name}.`,
      query_type: 'A',
      query_class: 'IN',
      rcode: 'NOERROR',
      answers,
      srcaddr: isPod ? podIp(client) : nodeIp(client),
      srcport: String(32_768 + random.int(28_000)),
      transport: 'UDP',
      srcids: { instance: instanceId(isPod ? client % 200 : client) },
    });
    return { timeMs, message };
  },
};

/** The inventory of these pods and nodes (`DIRECTORY_FILE`). */
export function createInventory(pods: number, nodes = 200) {
  const zones = ['a', 'b', 'c'];
  return {
    clusters: [
      {
        name: 'bench',
        uid: '6a1f7f7e-2d0b-4f5e-9d55-0f3c8a4b7e21',
        arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/bench',
        vpcId: 'vpc-0be9c7d15a2f48360',
        region: 'eu-west-1',
        accountId: '111122223333',
      },
    ],
    nodes: Array.from({ length: nodes }, (_, i) => ({
      cluster: 'bench',
      name: nodeName(i),
      ips: [nodeIp(i)],
      instanceId: instanceId(i),
    })),
    pods: [...Array.from({ length: pods }, (_, i) => benchPod(i, nodes)), ...COREDNS_PODS.map(coreDnsPod)],
    instances: Array.from({ length: nodes }, (_, i) => ({
      id: instanceId(i),
      privateIps: [nodeIp(i)],
      privateDnsName: nodeName(i),
      type: 'm7g.xlarge',
      availabilityZone: `eu-west-1${zones[i % 3]}`,
      vpcId: 'vpc-0be9c7d15a2f48360',
      launchTime: '2026-11-20T05:00:00Z',
      tags: { 'eks:cluster-name': 'bench', 'eks:nodegroup-name': 'apps' },
    })),
  };
}

const nodeName = (index: number): string =>
  `ip-${nodeIp(index).replaceAll('.', '-')}.eu-west-1.compute.internal`;

const coreDnsPod = (name: string, index: number) => ({
  cluster: 'bench',
  namespace: 'kube-system',
  name,
  uid: `0b8e6a52-7a0c-4c6e-8a52-0e9be6a3f10${index}`,
  ips: [] as string[],
  startTime: '2026-11-20T05:30:00Z',
  owner: { kind: 'ReplicaSet', name: 'coredns-7d58d485c9' },
  labels: { 'k8s-app': 'kube-dns', 'pod-template-hash': '7d58d485c9' },
});

function benchPod(index: number, nodes: number) {
  const service = SERVICES[index % SERVICES.length] ?? '';
  const hash = (0x6c9f7b5 + (index % 64)).toString(16);
  return {
    cluster: 'bench',
    namespace: SPACES[index % SPACES.length] ?? '',
    name: `${service}-${hash}-${index.toString(36).padStart(5, 'x')}`,
    uid: `5c7f1a90-4f2a-4a1e-b0f7-${index.toString(16).padStart(12, '0')}`,
    ips: [podIp(index)],
    node: nodeName(index % nodes),
    phase: 'Running',
    startTime: '2026-11-20T06:00:00Z',
    owner: { kind: 'ReplicaSet', name: `${service}-${hash}` },
    labels: { 'pod-template-hash': hash },
    annotations: index % 3 === 0 ? { 'metadata.dynatrace.com/dt.security_context': 'team-a' } : {},
  };
}
