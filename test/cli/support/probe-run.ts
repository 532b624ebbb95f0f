// `doctor --probe` on a chain that works: a cluster whose pod asks, both logs, the function's log, and an environment of
// Dynatrace whose records are those that the real pipeline makes of the lines.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { envelopeJson, firehoseEvent, gzipText } from '../../../src/cli/lib/io/firehose-event.ts';
import { pipelineWith } from '../../../src/cli/lib/records/pipeline.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import type { Clock } from '../../../src/inventory/clock.ts';
import { runCommand } from '../../support/run-command.ts';
import { type Answers, callsStubPerTest } from './calls-stub.ts';
import { COMPLETE, prepareCluster, RECORD_KEY } from './complete-setup.ts';
import { PLATFORM, startDynatraceStub } from './dynatrace-stub/index.ts';
import { runDynatrace, setToken } from './dynatrace-stub/run.ts';
import { eksStubPerTest } from './eks-stub.ts';
import type { Manifest } from './pods-stub.ts';

export const COREDNS_GROUP = '/aws/containerinsights/shop/application';
export const RESOLVER_GROUP = '/aws/vendedlogs/route53/dns';
const FUNCTION_GROUP = '/aws/lambda/dns';

const POD_IP = '172.31.47.132';
const COREDNS_IP = '172.31.40.11';
const NODE = 'ip-172-31-40-5.eu-west-1.compute.internal';
const DNS_POD = 'coredns-7d58d485c9-4xkqz';
const START_MS = Date.parse('2026-11-29T10:00:00Z');

type Event = { readonly timestamp: number; readonly ingestionTime?: number; readonly message: string };

/** Links of the chain that a test breaks. */
type Broken = 'coredns' | 'resolver' | 'function' | 'dynatrace' | 'processor' | 'attach' | 'inventory';

/** What nslookup of busybox prints for a name that does not exist. */
const outputFor = (name: string): string =>
  `Server:\t\t10.100.0.10\nAddress:\t10.100.0.10:53\n\n** server can't find ${name}: NXDOMAIN\n\n`;

const nameIn = ({ spec }: Manifest): string => spec.containers[0]?.command.at(-1)?.replace(/\.$/, '') ?? '';

/** Prepares the chain before each test. */
export function probePerTest() {
  const startStub = callsStubPerTest();
  const eks = eksStubPerTest();
  let folder: string;
  let dynatrace: Awaited<ReturnType<typeof startDynatraceStub>>;
  const broken = new Set<Broken>();
  const groups = new Map<string, Event[]>();
  let answers: Answers = {};
  let nowMs = START_MS;
  let isJumping = false;
  /** Moves on only by `isJumping`; else by what happens in the chain. */
  const clock: Clock = {
    nowMs: () => nowMs,
    after: (delayMs, callback) => {
      const timer = setImmediate(() => {
        if (isJumping) nowMs += delayMs;
        callback();
      });
      return () => clearImmediate(timer);
    },
  };

  /** The lines that both servers log for a query of the pod. */
  function linesFor(name: string, atMs: number) {
    const log = `[INFO] ${POD_IP}:40123 - 4821 "A IN ${name}. udp 60 false 512" NXDOMAIN qr,rd,ra 60 0.0021s`;
    const kubernetes = {
      pod_name: DNS_POD,
      namespace_name: 'kube-system',
      host: NODE,
      container_name: 'coredns',
    };
    return {
      coredns: JSON.stringify({ time: new Date(atMs).toISOString(), stream: 'stdout', log, kubernetes }),
      resolver: JSON.stringify({
        version: '1.100000',
        account_id: '111122223333',
        region: 'eu-west-1',
        vpc_id: 'vpc-1',
        query_timestamp: new Date(atMs).toISOString().replace(/\.\d+/, ''),
        query_name: `${name}.`,
        query_type: 'A',
        query_class: 'IN',
        rcode: 'NXDOMAIN',
        answers: [],
        srcaddr: COREDNS_IP,
        srcport: '51844',
        transport: 'UDP',
        srcids: { instance: 'i-0f3d91c6a7be20584' },
      }),
    };
  }

  /** The record that the function makes, which knows the pods of the cluster. */
  async function recordOf(logGroup: string, message: string, atMs: number) {
    const file = join(folder, 'directory.json');
    const startTime = new Date(START_MS - 60_000).toISOString();
    const pods = [
      {
        namespace: 'kube-system',
        name: DNS_POD,
        ips: [COREDNS_IP],
        node: NODE,
        owner: { kind: 'Deployment', name: 'coredns' },
        labels: { 'k8s-app': 'kube-dns' },
      },
      {
        namespace: 'default',
        name: eks.state.pods.created[0]?.metadata.name ?? '',
        ips: [POD_IP],
        node: NODE,
      },
    ];
    const cluster = { name: 'shop', vpcId: 'vpc-1', accountId: '111122223333', region: 'eu-west-1' };
    const known = broken.has('inventory') ? pods.slice(0, 1) : pods;
    const content = { clusters: [cluster], pods: known.map((pod) => ({ ...pod, startTime })) };
    writeFileSync(file, JSON.stringify(content));
    const pipeline = pipelineWith({ ...DEFAULT_SETTINGS, directoryFile: file });
    const envelope = envelopeJson({
      owner: '111122223333',
      logGroup,
      logStream: `${NODE}-application.var.log.containers.${DNS_POD}_kube-system_coredns-3b1f.log`,
      messageType: 'DATA_MESSAGE',
      events: [{ timeMs: atMs, message }],
    });
    const event = firehoseEvent([gzipText(envelope)], {
      arrivalMs: atMs,
      region: 'eu-west-1',
      kinesis: false,
    });
    const [record] = (await pipeline.run(event)).records;
    return record ?? {};
  }

  /** What happens once the pod has asked: lines in both logs, a batch in the function's, records in Dynatrace. */
  async function spread(name: string): Promise<void> {
    const askedMs = nowMs - 2000;
    const lines = linesFor(name, askedMs);
    const add = (group: string, laterMs: number, message: string): void =>
      void groups.get(group)?.push({ timestamp: askedMs, ingestionTime: askedMs + laterMs, message });
    if (!broken.has('coredns')) add(COREDNS_GROUP, 2100, lines.coredns);
    if (!broken.has('resolver')) add(RESOLVER_GROUP, 6400, lines.resolver);
    const batch = {
      _aws: { Timestamp: askedMs + 38_000 },
      service: 'dns',
      event: 'batch_finished',
      EventsIn: 40,
      EventsCoreDns: 12,
      EventsResolver: 3,
      RecordsFailed: 0,
    };
    if (!broken.has('function')) add(FUNCTION_GROUP, 39_000, `${JSON.stringify(batch)}\n`);
    if (broken.has('dynatrace')) return;
    for (const [group, line] of [
      [COREDNS_GROUP, lines.coredns],
      [RESOLVER_GROUP, lines.resolver],
    ] as const) {
      const record = await recordOf(group, line, askedMs);
      if (broken.has('attach')) dynatrace.platform.stored.push({ content: line });
      else if (broken.has('processor')) dynatrace.platform.stored.push({ content: JSON.stringify(record) });
      else dynatrace.platform.stored.push(record);
    }
  }

  /** Starts the stub of AWS; the environment leads to all stubs then. */
  async function serve(): Promise<void> {
    await startStub({
      ...COMPLETE,
      FilterLogEvents: ({ logGroupName, filterPattern, startTime }) => {
        const text = String(filterPattern).replace(/^"|"$/g, '');
        const events = groups.get(String(logGroupName));
        if (events === undefined) return 'ResourceNotFoundException';
        return {
          events: events.filter(
            ({ timestamp, message }) => timestamp >= Number(startTime) && message.includes(text),
          ),
        };
      },
      ...answers,
    });
    process.env.AWS_ENDPOINT_URL_EKS = eks.url;
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'probe-'));
    broken.clear();
    groups.clear();
    for (const group of [COREDNS_GROUP, RESOLVER_GROUP, FUNCTION_GROUP]) groups.set(group, []);
    answers = {};
    nowMs = START_MS;
    isJumping = false;
    prepareCluster(eks);
    const { pods } = eks.state;
    let isSpread = false;
    pods.read = (manifest, reads) => {
      if (reads < 3) return { status: { phase: 'Pending' } };
      const message = outputFor(nameIn(manifest));
      if (!isSpread) {
        isSpread = true;
        nowMs += 7000;
        void spread(nameIn(manifest));
      }
      return {
        node: NODE,
        status: {
          phase: 'Succeeded',
          podIPs: [{ ip: POD_IP }],
          containerStatuses: [{ state: { terminated: { exitCode: 0, message } } }],
        },
      };
    };
    dynatrace = await startDynatraceStub();
    dynatrace.platform.arrivals.lifted = 700;
    dynatrace.onRequest((_, path) => {
      // Time passes until the records can be found.
      if (path.endsWith(':execute') && isSpread && !isJumping) nowMs = START_MS + 76_000;
      return undefined;
    });
    process.env.EKS_DNS_SETUP = join(folder, 'none.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  return {
    broken,
    groups,
    clock,
    get pods() {
      return eks.state.pods;
    },
    get eks() {
      return eks.state;
    },
    get dynatrace() {
      return dynatrace;
    },
    get folder() {
      return folder;
    },
    /** Lets time pass while the probe waits, so that its limits are reached. */
    letTimePass: (): void => {
      isJumping = true;
    },
    /** Answers of AWS instead of those of a complete setup. */
    answerWith: (more: Answers): void => {
      answers = more;
    },
    serve,
    /** Runs `doctor --probe` and more options. */
    async run(...args: readonly string[]) {
      await serve();
      const target = ['--stream', 'dynatrace', '--function', 'dns', '--probe', ...args];
      return runCommand(doctorCommand(clock), target);
    },
    /** Options that name the environment, after its pipeline and route were made. */
    async withDynatrace(): Promise<readonly string[]> {
      await runDynatrace(['apply', dynatrace.url, '--record-key', RECORD_KEY]);
      setToken(PLATFORM);
      return ['--dynatrace', dynatrace.url];
    },
  };
}
