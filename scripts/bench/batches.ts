// Firehose events of a busy cluster: 2,000 pods, names of uneven popularity, search lists, and unique names. The same
// seed gives the same bytes.
import { gzipSync } from 'node:zlib';
import { envelopeJson, firehoseEvent } from '../../src/cli/lib/io/firehose-event.ts';
import { createRandom, type Random } from '../../src/cli/lib/simulate/random.ts';
import { COREDNS_PODS, instanceId, nodeIp, podIp } from './bench-cluster.ts';
import { randomQuery } from './query-names.ts';

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

/** What the queries of batches are like. */
export type Workload = {
  readonly shape: Shape;
  /** Pods of the cluster, which ask equally often. */
  readonly pods: number;
  /** Different names, asked for equally often; undefined for about 160 of uneven popularity, and unique ones. */
  readonly names?: number;
  /** Events in each record; undefined for eight records. */
  readonly eventsPerRecord?: number;
  /** Types of the questions, `A` and `AAAA` by default. */
  readonly types?: readonly string[];
  /** Answers of a Resolver record, two by default. */
  readonly answers?: number;
  /** Whether ids and ports count up, as they compress better then. */
  readonly hasEvenIds?: boolean;
  /** Annotations of each pod that become attributes. */
  readonly annotations?: number;
  /** Whether one in 200 pods is replaced before each batch. */
  readonly isLiving?: boolean;
};

/** The cluster that most sections measure. */
const workloadOf = (shape: Shape, pods: number): Workload => ({ shape, pods });

/** A batch of `shape` with about `gzipBytes` of gzip in eight records, with queries of `pods` pods. */
export function createBatch(shape: Shape, gzipBytes: number, pods = 2000): Batch {
  return createBatches(workloadOf(shape, pods), gzipBytes, 1)[0] as Batch;
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
  return writeBatch(workloadOf(shape, pods), random, { perRecord, recordCount, startMs });
}

/** `count` batches of a workload with about `gzipBytes` of gzip each, one after another in time. */
export function createBatches(workload: Workload, gzipBytes: number, count: number): readonly Batch[] {
  const { shape, eventsPerRecord } = workload;
  const random = createRandom(SHAPES.indexOf(shape) + 7);
  const sampled = eventsPerRecord ?? 2000;
  const { gzipBytes: sample } = writeBatch(workload, random, {
    perRecord: sampled,
    recordCount: Math.ceil(2000 / sampled),
    startMs: START_MS,
  });
  const events = Math.round((gzipBytes / sample) * Math.ceil(2000 / sampled) * sampled);
  const recordCount = eventsPerRecord === undefined ? RECORDS : Math.ceil(events / eventsPerRecord);
  const perRecord = Math.max(1, Math.round(events / recordCount));
  return Array.from({ length: count }, (_, batch) =>
    writeBatch(workload, random, { perRecord, recordCount, startMs: START_MS + batch * events * STEP_MS }),
  );
}

type Size = { readonly perRecord: number; readonly recordCount: number; readonly startMs: number };

function writeBatch(workload: Workload, random: Random, { perRecord, recordCount, startMs }: Size): Batch {
  const { shape } = workload;
  const write = WRITERS[shape];
  let plainBytes = 0;
  const records = Array.from({ length: recordCount }, (_, r) => {
    const events = Array.from({ length: perRecord }, (_, i) =>
      write(random, workload, startMs + (r * perRecord + i) * STEP_MS),
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

/** Counts up within all batches of a process. */
let sequence = 0;

const sourcePort = (random: Random, { hasEvenIds = false }: Workload): number =>
  32_768 + (hasEvenIds ? sequence++ % 28_000 : random.int(28_000));

function coreDnsLine(random: Random, workload: Workload): string {
  const { pods, names, types = ADDRESS_TYPES, hasEvenIds = false } = workload;
  const { name, code, flags } = randomQuery(random, names);
  const type = random.pick(types);
  const bytes = name.length + 18;
  const id = hasEvenIds ? sequence % 65_536 : random.int(65_536);
  const seconds = `0.${String(random.int(12_000_000)).padStart(9, '0')}`;
  return `[INFO] ${podIp(random.int(pods))}:${sourcePort(random, workload)} - ${id} "${type} IN ${name}. udp ${bytes} false 512" ${code} ${flags} ${bytes * 2 + random.int(90)} ${seconds}s`;
}

const ADDRESS_TYPES = ['A', 'AAAA'];

const WRITERS: Readonly<Record<Shape, (random: Random, workload: Workload, timeMs: number) => Sample>> = {
  coredns: (random, workload, timeMs) => ({ timeMs, message: coreDnsLine(random, workload) }),
  'container-insights': (random, workload, timeMs) => {
    const replica = random.int(2);
    const message = JSON.stringify({
      time: new Date(timeMs).toISOString().replace('Z', '123456Z'),
      stream: 'stdout',
      _p: 'F',
      log: coreDnsLine(random, workload),
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
  resolver: (random, workload, timeMs) => {
    const { pods, names, types, answers: count = 2 } = workload;
    const { name } = randomQuery(random, names);
    const isPod = random.int(4) === 0;
    const client = random.int(isPod ? pods : 50);
    const answers = Array.from({ length: count }, (_, i) =>
      i === 0
        ? { Rdata: `${random.hex(8)}.edge.example.net.`, Type: 'CNAME', Class: 'IN' }
        : { Rdata: `203.0.113.${random.int(256)}`, Type: 'A', Class: 'IN' },
    );
    const message = JSON.stringify({
      version: '1.100000',
      account_id: '111122223333',
      region: 'eu-west-1',
      vpc_id: 'vpc-0be9c7d15a2f48360',
      query_timestamp: `${new Date(timeMs).toISOString().slice(0, 19)}Z`,
      query_name: `${name}.`,
      query_type: types === undefined ? 'A' : random.pick(types),
      query_class: 'IN',
      rcode: 'NOERROR',
      answers,
      srcaddr: isPod ? podIp(client) : nodeIp(client),
      srcport: String(sourcePort(random, workload)),
      transport: 'UDP',
      srcids: { instance: instanceId(isPod ? client % 200 : client) },
    });
    return { timeMs, message };
  },
};
