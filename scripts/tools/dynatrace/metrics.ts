// Metrics that the pipeline extracts from DNS records, so that charts and alerts need not scan logs. Each is a sum over
// `dns.query.count`, because a record may stand for several queries. No pod and no domain is a dimension: dimensions are billed.

/** A metric of the pipeline. */
export type Metric = {
  /** `eks_dns.queries` */
  readonly key: string;
  readonly description: string;
  /** The records that count, as a condition that OpenPipeline's matchers and queries both understand. */
  readonly where: string;
  readonly dimensions: readonly string[];
};

/** Neither the lines on which CoreDNS logs errors, which have no client, nor the summaries of such errors. */
const IS_QUERY = 'isNotNull(dns.client.attribution) and (isNull(event.reason) or isNotNull(client.ip))';

/** Signals of a single name that may carry data. */
const SUSPECT = ['long-name', 'deep-name', 'high-entropy', 'hex-label']
  .map((signal) => `matchesValue(dns.signals, "${signal}")`)
  .join(' or ');

/** The metrics by the last part of their key. */
export const METRICS = {
  queries: {
    key: 'eks_dns.queries',
    description: 'DNS queries',
    where: IS_QUERY,
    dimensions: [
      'log.source',
      'k8s.cluster.name',
      'k8s.namespace.name',
      'dns.response_code',
      'dns.question.category',
    ],
  },
  attribution: {
    key: 'eks_dns.attribution',
    description: 'CoreDNS queries by confidence in the client',
    where: `${IS_QUERY} and log.source == "coredns"`,
    dimensions: ['k8s.cluster.name', 'dns.client.attribution'],
  },
  errors: {
    key: 'eks_dns.errors',
    description: 'Errors that CoreDNS logged',
    where: 'isNotNull(event.reason) and isNull(client.ip)',
    dimensions: ['k8s.cluster.name'],
  },
  suspects: {
    key: 'eks_dns.suspects',
    description: 'Queries for names that may carry data',
    where: `isNotNull(dns.client.attribution) and (${SUSPECT})`,
    dimensions: ['log.source', 'k8s.cluster.name', 'k8s.namespace.name'],
  },
  firewall: {
    key: 'eks_dns.firewall',
    description: 'Queries that the DNS Firewall alerted on or blocked',
    where: 'isNotNull(dns.client.attribution) and isNotNull(aws.route53.firewall.action)',
    dimensions: ['k8s.cluster.name', 'k8s.namespace.name', 'aws.route53.firewall.action'],
  },
} as const satisfies Readonly<Record<string, Metric>>;
