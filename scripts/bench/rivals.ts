// The programs that the transform is compared with, in the same run. Written to be readable: none of it ships.
import { gunzipSync, gzipSync } from 'node:zlib';

type Envelope = {
  readonly logGroup: string;
  readonly owner: string;
  logEvents: { timestamp: number; message: string }[];
};
type Input = { readonly records: readonly { readonly recordId: string; readonly data: string }[] };

const open = (data: string): Envelope =>
  JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString('utf8')) as Envelope;

/**
 * The floor: the work that any program has to do that reads and writes these batches as JSON. Gunzip, parse of the
 * envelope and of every inner JSON, gzip of the same output (given inflated) at the fastest level, base64.
 */
export function floor(input: Input, output: readonly Buffer[]): number {
  let bytes = 0;
  for (const [i, { data: gzipped }] of input.records.entries()) {
    for (const { message } of open(gzipped).logEvents) if (message.startsWith('{')) JSON.parse(message);
    const plain = output[i] ?? Buffer.alloc(0);
    // Large enough for all, so that no chunks have to be joined.
    const data = gzipSync(plain, { level: 1, chunkSize: Math.max(1024, plain.length >> 2) });
    bytes += data.toString('base64').length;
  }
  return bytes;
}

/** The client's members of a record, by IP address: the straightforward version does not look them up. */
export type Clients = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

const QUERY =
  /(?<ip>\S+):(?<port>\d+) - (?<id>\d+) "(?<type>\S+) (?<class>\S+) (?<name>\S+)\. (?<proto>\S+) (?<size>\d+) (?<do>\S+) (?<udp>\d+)" (?<code>\S+) (?<flags>\S+) (?<rsize>\d+) (?<seconds>[\d.]+)s/;

/** The straightforward version: one regex, one object and one JSON.stringify per line, gzip level 6. Returns the records' data. */
export const straightforward = (input: Input, clients: Clients): string[] =>
  input.records.map(({ data }) => {
    const envelope = open(data);
    const logEvents = envelope.logEvents.map((event) => ({
      ...event,
      message: JSON.stringify(recordOf(event, envelope, clients)),
    }));
    return gzipSync(JSON.stringify({ ...envelope, logEvents }), { level: 6 }).toString('base64');
  });

function recordOf(event: Envelope['logEvents'][number], envelope: Envelope, clients: Clients) {
  const wrapper = event.message.startsWith('{') ? JSON.parse(event.message) : undefined;
  const line: string = wrapper?.log ?? event.message;
  const query = wrapper?.query_name === undefined ? QUERY.exec(line)?.groups : undefined;
  const name: string = query?.name ?? wrapper.query_name.replace(/\.$/, '');
  const ip: string = query?.ip ?? wrapper.srcaddr;
  return {
    timestamp: new Date(wrapper?.time ?? wrapper?.query_timestamp ?? event.timestamp).toISOString(),
    content: line.replace('[INFO] ', ''),
    loglevel: 'INFO',
    'log.source': query ? 'coredns' : 'aws.vpcdnsquerylogs',
    'dns.question.name': name.toLowerCase(),
    'dns.question.type': query?.type ?? wrapper.query_type,
    'dns.question.registered_domain': name.split('.').slice(-2).join('.'),
    'dns.question.category': name.endsWith('.cluster.local') ? 'cluster' : 'external',
    'dns.response_code': query?.code ?? wrapper.rcode,
    ...(query && {
      'dns.id': query.id,
      'dns.header_flags': query.flags,
      'dns.request.bytes': Number(query.size),
      'dns.response.bytes': Number(query.rsize),
      duration: Math.round(Number(query.seconds) * 1e9),
    }),
    ...(wrapper?.answers && {
      'dns.answers.data': wrapper.answers.map((answer: { Rdata: string }) => answer.Rdata),
      'dns.answers.type': wrapper.answers.map((answer: { Type: string }) => answer.Type),
      'dns.answers.count': wrapper.answers.length,
    }),
    'client.ip': ip,
    'client.port': Number(query?.port ?? wrapper.srcport),
    'network.transport': (query?.proto ?? wrapper.transport).toLowerCase(),
    'aws.log_group': envelope.logGroup,
    'aws.account.id': envelope.owner,
    'aws.region': 'eu-west-1',
    'cloud.provider': 'aws',
    ...(query === undefined && { 'aws.service': 'route53' }),
    ...clients.get(ip),
    ...(wrapper?.kubernetes && { 'dns.resolver.pod': wrapper.kubernetes.pod_name }),
  };
}

/** The texts of gzipped records (base64). */
export const inflated = (records: readonly string[]): Buffer[] =>
  records.map((data) => gunzipSync(Buffer.from(data, 'base64')));

/** The messages in envelopes. */
export const messagesOf = (output: readonly Buffer[]): string[] =>
  output.flatMap((text) =>
    (JSON.parse(text.toString('utf8')) as Envelope).logEvents.map(({ message }) => message),
  );

/** The records in envelopes; without lines that went back as they came, because the response was full. */
export const recordsOf = (output: readonly Buffer[]): Record<string, unknown>[] =>
  messagesOf(output)
    .filter((message) => message.startsWith('{'))
    .map((message) => JSON.parse(message) as Record<string, unknown>);

/** Members that describe the client. */
const OF_CLIENT =
  /^(?:dns\.(?:client|resolver|signals)|k8s\.|dt\.|host\.id|aws\.(?:availability_zone|ec2|vpc|eks))/;

/** The client members of our records by address, which the straightforward version uses to write equal records. */
export function clientsOf(output: readonly Buffer[]): Clients {
  const clients = new Map<string, Readonly<Record<string, unknown>>>();
  for (const record of recordsOf(output)) {
    const ip = String(record['client.ip']);
    if (clients.has(ip)) continue;
    clients.set(ip, Object.fromEntries(Object.entries(record).filter(([name]) => OF_CLIENT.test(name))));
  }
  return clients;
}
