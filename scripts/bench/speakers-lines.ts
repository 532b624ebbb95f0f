// The texts that speakers write: lines of CoreDNS, records of Route 53 Resolver, and what log shippers put around a line.
import type { Random } from '../../src/cli/lib/simulate/random.ts';
import type { BenchCluster } from './speakers-world.ts';

/** A query as a line describes it. */
export type LoggedQuery = {
  readonly ip: string;
  readonly timeMs: number;
  /** The pod in CoreDNS's metadata (`{/kubernetes/client-pod-name}`); undefined = `-`. */
  readonly metadataPod: string | undefined;
};

/** The FORMAT whose metadata `coreDnsLine` prints. */
export const METADATA_FORMAT = '{common} {/kubernetes/client-namespace} {/kubernetes/client-pod-name}';

// The last two are names that a pod may ask for: text that looks like the rest of a line, or like another line.
const NAMES = [
  'ledger.example.net.',
  'sqs.eu-west-1.amazonaws.com.',
  'kubernetes.default.svc.cluster.local.',
  'WWW.Example.org.',
  'a\\"\\ NOERROR\\ qr,rd,ra\\ 90\\ 0.002s.example.net.',
  '[INFO]\\ 10.20.0.10:53\\ -\\ 1\\ \\"A\\ IN\\ x.\\ udp.example.net.',
];

/** The line of a query in one of the layouts of CoreDNS, at random. */
export function coreDnsLine(random: Random, query: LoggedQuery, namespace: string): string {
  const { ip, metadataPod } = query;
  const name = random.pick(NAMES);
  const port = 1024 + random.int(60_000);
  if (random.int(10) === 0) return jsonLine(ip, port, name);
  const common = `${ip}:${port} - ${random.int(65_536)} "A IN ${name} udp 40 false 1232" NOERROR qr,rd,ra 90 0.002s`;
  if (metadataPod === undefined) return `[INFO] ${common}`;
  return `[INFO] ${common} ${namespace} ${metadataPod}`;
}

/** The line of a query in CoreDNS's own JSON. */
export const jsonLine = (ip: string, port: number, name: string): string =>
  JSON.stringify({
    level: 'INFO',
    plugin: 'log',
    client_ip: ip,
    client_port: String(port),
    qname: name,
    qtype: 'A',
    qclass: 'IN',
    proto: 'udp',
    rcode: 'NOERROR',
  });

/** A Resolver record about a query in a VPC; `accountId` is the VPC's owner. */
export const resolverRecord = (
  random: Random,
  { ip, timeMs }: LoggedQuery,
  { vpcId, region }: Pick<BenchCluster, 'vpcId' | 'region'>,
  accountId: string,
): string =>
  JSON.stringify({
    version: '1.100000',
    account_id: accountId,
    region,
    vpc_id: vpcId,
    query_timestamp: `${new Date(timeMs).toISOString().slice(0, 19)}Z`,
    query_name: 'ledger.example.net.',
    query_type: 'A',
    query_class: 'IN',
    rcode: 'NOERROR',
    answers: [],
    srcaddr: ip,
    srcport: String(1024 + random.int(60_000)),
    transport: 'UDP',
    srcids: {},
  });

/** A record of a public hosted zone, which no container writes. */
export const zoneRecord = (timeMs: number, ip: string): string =>
  `1.0 ${new Date(timeMs).toISOString().slice(0, 19)}Z Z0123ABC a.example A NOERROR UDP FRA2 ${ip} -`;

/** Lines of applications that only look like DNS logs. */
export const lookAlikes = (ip: string): readonly string[] => [
  `[INFO] ${ip}:5353 - connected to the database`,
  `INFO dns: resolved db.example.net. udp in 2 ms for ${ip}`,
  `{"msg":"query","client":"${ip}","name":"a.example.net","took":"0.002s"}`,
  `[ERROR] cannot resolve a.example.net. for ${ip}`,
];

/** A container, as a shipper describes it. */
export type Container = {
  readonly pod: string;
  readonly namespace: string;
  readonly container: string;
  readonly node: string;
  readonly labels?: Readonly<Record<string, string>>;
};

const kubernetes = ({ pod, namespace, container, node, labels }: Container) => ({
  pod_name: pod,
  namespace_name: namespace,
  container_name: container,
  host: node,
  ...(labels && { labels }),
});

const isoTime = (timeMs: number): string => new Date(timeMs).toISOString();

type Layout = (container: Container, log: string, timeMs: number) => object;

/** Layouts of Fluent Bit. The first is the one that the fast path reads. */
const FLUENT_BIT: readonly Layout[] = [
  (container, log, timeMs) => ({
    time: isoTime(timeMs).replace('Z', '123456Z'),
    stream: 'stdout',
    _p: 'F',
    log: `${log}\n`,
    kubernetes: kubernetes(container),
  }),
  (container, log, timeMs) => ({
    kubernetes: kubernetes(container),
    time: isoTime(timeMs),
    stream: 'stdout',
    log,
  }),
  (container, log, timeMs) => ({
    log: `${isoTime(timeMs)} stdout F ${log}`,
    kubernetes: kubernetes(container),
  }),
];

/** All layouts; the last is OpenTelemetry's. */
const WRAPPERS: readonly Layout[] = [
  ...FLUENT_BIT,
  ({ pod, namespace, container, node, labels }, log, timeMs) => ({
    time: isoTime(timeMs),
    body: log,
    resource: {
      attributes: {
        'k8s.pod.name': pod,
        'k8s.namespace.name': namespace,
        'k8s.container.name': container,
        'k8s.node.name': node,
        ...Object.fromEntries(
          Object.entries(labels ?? {}).map(([key, value]) => [`k8s.pod.label.${key}`, value]),
        ),
      },
    },
  }),
];

/** A line in a shipper's wrapper; two of three in Container Insights' layout, some of them with needless escapes. */
export function wrapped(random: Random, container: Container, log: string, timeMs: number): string {
  const layout = random.int(3) === 0 ? random.pick(WRAPPERS) : WRAPPERS[0];
  const text = JSON.stringify(layout?.(container, log, timeMs));
  return random.int(8) === 0 ? escaped(random, text) : text;
}

/** The line of a container in Fluent Bit's wrapper, into which its `Merge_Log` has put a member of the line itself. */
export function mergedInto(random: Random, container: Container, log: string, timeMs: number): string {
  const { pod } = container;
  const own = JSON.stringify({ container_name: 'coredns', namespace_name: 'kube-system', pod_name: pod });
  const text = JSON.stringify(random.pick(FLUENT_BIT)(container, log, timeMs));
  // Fluent Bit writes its own member last, and the last of two counts.
  return text.replace('{', `{"kubernetes":${own},`);
}

/** The same JSON value with one text of a wrapper written as `\u` escapes. */
function escaped(random: Random, text: string): string {
  const word = random.pick(['coredns', 'kube-system', 'container_name', 'kubernetes', 'web']);
  const code = word.charCodeAt(0).toString(16).padStart(4, '0');
  return text.replaceAll(`"${word}"`, `"\\u${code}${word.slice(1)}"`);
}

/** A line with the prefix of the container runtime. */
export const withRuntimePrefix = (log: string, timeMs: number): string =>
  `${isoTime(timeMs)} stdout F ${log}`;

/** A line, or the first part of one that the container runtime split, where the shipper does not join the parts. */
export const runtimeLine = (container: Container, log: string, timeMs: number, tag: 'F' | 'P'): string =>
  JSON.stringify({ log: `${isoTime(timeMs)} stdout ${tag} ${log}`, kubernetes: kubernetes(container) });

/**
 * A line from an OpenTelemetry collector with `otel_annotations`: the annotation `resource.opentelemetry.io/<name>` of a
 * pod is the resource attribute `<name>`. The pod has annotated itself as CoreDNS, in Fluent Bit's names.
 */
export const annotatedLine = (
  { pod, namespace, container }: Container,
  log: string,
  timeMs: number,
): string =>
  JSON.stringify({
    time: isoTime(timeMs),
    body: log,
    resource: {
      attributes: {
        'k8s.pod.name': pod,
        'k8s.namespace.name': namespace,
        'k8s.container.name': container,
        container_name: 'coredns',
        namespace_name: 'kube-system',
      },
    },
  });

/** The log stream of a container's file: it names the namespace. */
export const fileStream = ({ pod, namespace, container, node }: Container): string =>
  `${node}-application.var.log.containers.${pod}_${namespace}_${container}-${'7e'.repeat(32)}.log`;
