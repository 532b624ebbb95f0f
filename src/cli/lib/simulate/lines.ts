// Synthetic log lines of a stream that carries DNS and other logs.
import type { Random } from './random.ts';

type Line = { readonly isDns: boolean; readonly text: (marker: string, random: Random) => string };

const SERVICES = ['cart', 'checkout', 'catalog', 'ledger', 'mailer', 'search', 'session', 'stock'] as const;
const DOMAINS = ['example.com', 'example.net', 'example.org', 'api.example.com', 'cdn.example.net'] as const;

/** IP address of a pod. */
const podIp = (random: Random): string => `10.0.${random.int(8)}.${random.int(250) + 1}`;

const iso = (random: Random): string => new Date(Date.now() - random.int(60_000)).toISOString();

function query(
  name: string,
  code: string,
  random: Random,
  ip = podIp(random),
  type = random.pick(['A', 'AAAA', 'A', 'SRV', 'HTTPS']),
): string {
  const client = `${ip}:${1024 + random.int(60_000)}`;
  const size = 30 + random.int(80);
  const took = `0.${String(random.int(40_000_000)).padStart(9, '0')}s`;
  const flags = random.pick(['qr,rd,ra', 'qr,aa,rd', 'qr,rd']);
  return (
    `[INFO] ${client} - ${random.int(65_536)} "${type} IN ${name} udp ${size} false 512" ` +
    `${code} ${flags} ${size + random.int(200)} ${took}`
  );
}

const external = (marker: string, random: Random): string =>
  query(`${random.pick(SERVICES)}-${random.hex(4)}.${marker}.${random.pick(DOMAINS)}.`, 'NOERROR', random);

function insights(marker: string, random: Random): string {
  const pod = `coredns-${random.hex(9)}-${random.hex(5)}`;
  return JSON.stringify({
    time: iso(random),
    stream: 'stdout',
    _p: 'F',
    log: external(marker, random),
    kubernetes: {
      pod_name: pod,
      namespace_name: 'kube-system',
      pod_id: `${random.hex(8)}-0000-4000-8000-${random.hex(12)}`,
      host: `ip-10-0-0-${random.int(250)}.eu-west-1.compute.internal`,
      container_name: 'coredns',
      pod_ip: `10.0.9.${random.int(250)}`,
    },
  });
}

const resolver = (marker: string, random: Random): string =>
  JSON.stringify({
    version: '1.100000',
    account_id: '111122223333',
    region: 'eu-west-1',
    vpc_id: 'vpc-0a1b2c3d4e5f60718',
    query_timestamp: iso(random).replace(/\.\d+Z$/, 'Z'),
    query_name: `${random.pick(SERVICES)}.${marker}.${random.pick(DOMAINS)}.`,
    query_type: 'A',
    query_class: 'IN',
    rcode: 'NOERROR',
    answers: [
      { Rdata: `198.51.100.${random.int(250)}`, Type: 'A', Class: 'IN' },
      { Rdata: `203.0.113.${random.int(250)}`, Type: 'A', Class: 'IN' },
    ],
    srcaddr: podIp(random),
    srcport: String(1024 + random.int(60_000)),
    transport: 'UDP',
    srcids: { instance: `i-0aaaaaaaaaaaaaa${10 + random.int(90)}` },
  });

const APPLICATION = [
  (marker: string, random: Random) => `${iso(random)} INFO order ${marker} placed, 3 items, "gift": true`,
  (marker: string, random: Random) => `10.0.3.4 - - "GET /v1/${marker} HTTP/1.1" 200 ${random.int(9999)}`,
  (marker: string, random: Random) =>
    JSON.stringify({ level: 'warn', id: marker, took: random.int(900), log: 'x' }),
  (marker: string) => `resolver said NOERROR for ${marker} but qr,rd,ra is not what we wanted IN A`,
  (marker: string) => `Grüße aus dem Paketlager ${marker} \u{1f4e6}\ttab\\backslash`,
] as const;

/** Kinds of lines: DNS logs with and without wrapper, lines for `DROP` and `AGGREGATE`, and application logs. */
export const LINES = {
  coredns: { isDns: true, text: external },
  insights: { isDns: true, text: insights },
  resolver: { isDns: true, text: resolver },
  cluster: {
    isDns: true,
    text: (marker, random) =>
      query(`${marker}.${random.pick(SERVICES)}.svc.cluster.local.`, 'NOERROR', random),
  },
  search: {
    isDns: true,
    text: (marker, random) => query(`${marker}.example.com.shop.svc.cluster.local.`, 'NXDOMAIN', random),
  },
  lookup: {
    isDns: true,
    // Search expansions of one name by one client: with `AGGREGATE=lookup` they share records.
    text: (marker, random) =>
      query(`www.example.com.${marker}.svc.cluster.local.`, 'NXDOMAIN', random, '10.0.0.7', 'A'),
  },
  application: { isDns: false, text: (marker, random) => random.pick(APPLICATION)(marker, random) },
} as const satisfies Readonly<Record<string, Line>>;

/** A key of `LINES`. */
export type LineKind = keyof typeof LINES;

/** All kinds, as a real stream mixes them. */
export const MIXED: readonly LineKind[] = [
  'coredns',
  'insights',
  'resolver',
  'cluster',
  'search',
  'application',
];
