// DNS records in which every query finds something: golden ones, and series of them with other names.
import { readLists } from './lookup-tables.ts';
import { type DnsRecord, recordsOf } from './tenant.ts';

/** The time at which the queries run. */
export const NOW = new Date('2026-11-20T12:00:00.000Z');

const golden = recordsOf(
  ...['pair', 'coredns-errors', 'coredns-lines', 'route53-answers', 'route53-clients', 'route53-firewall'],
  ...['sample-04-mixed-applications', 'sample-09-firewall-block', 'sample-11-dns-tunnel'],
);
const [query] = golden.filter((one) => one['log.source'] === 'coredns');
const [answer] = golden.filter((one) => one['dns.answers.count'] !== undefined);
if (query === undefined || answer === undefined) throw new Error('there is a record of each log');

const MINUTE = '2026-11-20T11:42';

/** `count` CoreDNS records of one minute; `members` by number. */
const series = (count: number, members: (i: number) => DnsRecord): DnsRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    ...query,
    timestamp: `${MINUTE}:${String(Math.floor((i * 60) / count)).padStart(2, '0')}.000Z`,
    'dns.id': String(i),
    ...members(i),
  }));

const named = (name: string, domain: string): DnsRecord => ({
  'dns.question.name': name,
  'dns.question.registered_domain': domain,
});

/** A query of a pod, and the answer that the Resolver gave to CoreDNS. */
const told: DnsRecord[] = [
  { ...query, ...named('www.dynatrace.com', 'dynatrace.com'), 'k8s.pod.name': 'cart-6d5f9c7b8-x2x9k' },
  { ...answer, ...named('www.dynatrace.com', 'dynatrace.com'), timestamp: query.timestamp },
];

const ofAws = (name: string): DnsRecord => ({
  ...named(name, 'amazonaws.com'),
  'dns.question.category': 'aws',
  'dns.resolver.ip': '10.0.0.10',
  timestamp: query.timestamp,
});
const sts = ofAws('sts.eu-west-1.amazonaws.com');
const sqs = ofAws('sqs.eu-west-1.amazonaws.com');

/** Every record. `dns.query.count` is absent, 1 or more, as `AGGREGATE` writes it. */
export const TRAFFIC: readonly DnsRecord[] = [
  ...golden,
  ...told,
  ...series(3, (i) => ({
    ...named(`${Buffer.from(`part ${i}`).toString('hex')}.x.dynatrace.com`, 'dynatrace.com'),
  })),
  ...series(120, (i) => ({
    ...named(`n${i}.gone.example.org`, 'example.org'),
    'dns.response_code': 'NXDOMAIN',
  })),
  ...series(150, (i) => ({ ...named(`k${i}q7wz.slow.example.net`, 'example.net') })),
  ...series(5, (i) => ({
    ...named(`api.example.com.ns${i}.svc.cluster.local`, 'cluster.local'),
    'dns.question.category': 'search-expansion',
    'dns.question.intended_name': 'api.example.com',
    'dns.response_code': 'NXDOMAIN',
    'dns.query.count': 4,
  })),
  // A look-up with AGGREGATE=lookup: A and AAAA of the name and of two search expansions.
  {
    ...query,
    ...named('lookup.example.com', 'example.com'),
    'k8s.namespace.name': 'lookups',
    'dns.query.count': 6,
    'dns.query.types': ['A', 'AAAA'],
    'dns.query.suffixes': ['svc.cluster.local', 'cluster.local'],
  },
  ...series(2, () => ({ ...named('abc.trycloudflare.com', 'trycloudflare.com'), 'dns.query.count': 3 })),
  ...Object.values(readLists()).map(([row]) => ({
    ...query,
    ...named(String(row?.domain), String(row?.domain)),
  })),
  // Its error line came with it.
  {
    ...query,
    ...named('down.example.com', 'example.com'),
    'dns.response_code': 'SERVFAIL',
    'event.outcome': 'failure',
    'event.reason': 'read udp 10.0.3.17:41213->10.0.0.2:53: i/o timeout',
    'dns.upstream': '10.0.0.2:53',
    duration: 2_000_312_000,
  },
  {
    ...query,
    ...named('cart.shop.svc.cluster.local', 'cluster.local'),
    'dns.question.category': 'cluster',
    'dns.response_code': 'NOERROR',
  },
  { ...query, ...sts, 'dns.response_code': 'NOERROR' },
  { ...answer, ...sts, 'dns.resolved_ip': ['203.0.113.50'] },
  { ...answer, ...sqs, 'dns.resolved_ip': ['10.0.7.7'] },
  { ...query, ...sqs, 'dns.response_code': 'NOERROR' },
  {
    ...answer,
    ...named('intranet.example.org', 'example.org'),
    'dns.question.category': 'external',
    'dns.resolved_ip': ['10.9.8.7', '203.0.113.8'],
  },
  {
    ...answer,
    ...named('rebind.example.net', 'example.net'),
    'dns.question.category': 'external',
    'dns.resolved_ip': ['169.254.169.254'],
    'dns.signals': ['metadata-answer'],
  },
  ...series(25, (i) => ({
    ...named(`qx${i}vkzjw.com`, `qx${i}vkzjw.com`),
    'dns.question.category': 'external',
    'dns.response_code': 'NXDOMAIN',
  })),
  { ...answer, 'dns.question.type': 'TXT', 'dns.signals': ['txt-answer'] },
  { ...query, 'dns.question.type': 'TXT' },
];
