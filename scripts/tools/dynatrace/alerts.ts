// Anomaly detectors of Davis over the metrics of the pipeline. Their thresholds are beginnings: change them to your volume.
import { METRICS } from './metrics.ts';
import { settingsObject } from './settings-object.ts';

type Alert = {
  readonly title: string;
  readonly description: string;
  readonly query: string;
  readonly isBelow?: true;
  readonly threshold: number;
  /** Minutes that must violate the threshold, of how many. */
  readonly minutes: readonly [violating: number, of: number];
  /** Type of the event. `ERROR_EVENT` is a problem of a service, `CUSTOM_ALERT` one without a type of its own. */
  readonly type: 'ERROR_EVENT' | 'CUSTOM_ALERT' | 'MONITORING_UNAVAILABLE_EVENT';
};

const { attribution, firewall, queries, suspects } = METRICS;
const PLACE = '{dims:k8s.cluster.name}, namespace {dims:k8s.namespace.name}';
const BY_NAMESPACE = 'by: {k8s.cluster.name, k8s.namespace.name}, interval: 1m';

/** A share of fewer queries in a minute says nothing. */
const LEAST_QUERIES = 100;

/** `100 * part / all` for each minute with enough queries, else 0. */
const percentage = (part: string): string =>
  `| fieldsAdd percentage = if(all[] >= ${LEAST_QUERIES}, 100.0 * (${part}) / all[], else: 0.0)`;

const ALERTS: Readonly<Record<string, Alert>> = {
  'nxdomain-storm': {
    title: 'EKS DNS: NXDOMAIN storm',
    description: `Many queries for names that do not exist, apart from search expansions: ${PLACE}. The query nxdomain-storms names the workloads.`,
    query: `timeseries missing = sum(${queries.key}, default: 0), filter: {log.source == "coredns" and dns.response_code == "NXDOMAIN" and dns.question.category != "search-expansion"}, ${BY_NAMESPACE}`,
    threshold: 1000,
    minutes: [3, 5],
    type: 'CUSTOM_ALERT',
  },
  'servfail-share': {
    title: 'EKS DNS: share of SERVFAIL',
    description:
      'More than 5 % of the queries of cluster {dims:k8s.cluster.name} fail. The query failures-and-latency names CoreDNS pods and upstreams.',
    query: `timeseries {failed = sum(${queries.key}, default: 0, filter: {dns.response_code == "SERVFAIL"}), all = sum(${queries.key}, default: 0)}, filter: {log.source == "coredns"}, by: {k8s.cluster.name}, interval: 1m
${percentage('failed[]')}
| fieldsRemove failed, all`,
    threshold: 5,
    minutes: [3, 5],
    type: 'ERROR_EVENT',
  },
  'tunnelling-suspect': {
    title: 'EKS DNS: names that may carry data',
    description: `Many queries for long, deep or random names: ${PLACE}. The query tunnelling-suspects names pods and domains.`,
    query: `timeseries suspects = sum(${suspects.key}, default: 0), filter: {log.source == "coredns"}, ${BY_NAMESPACE}`,
    threshold: 50,
    minutes: [3, 5],
    type: 'CUSTOM_ALERT',
  },
  'firewall-block': {
    title: 'EKS DNS: DNS Firewall blocked queries',
    description: `The DNS Firewall blocked queries: ${PLACE}. Pods that query through CoreDNS are counted for its namespace; the query firewall-hits names them.`,
    query: `timeseries blocked = sum(${firewall.key}, default: 0), filter: {aws.route53.firewall.action == "BLOCK"}, ${BY_NAMESPACE}`,
    threshold: 0,
    minutes: [1, 5],
    type: 'CUSTOM_ALERT',
  },
  'unattributed-share': {
    title: 'EKS DNS: queries without a pod',
    description:
      'More than 20 % of the queries of cluster {dims:k8s.cluster.name} have no known client. Run eks-dns doctor; the query unattributed-clients lists them.',
    query: `timeseries {unknown = sum(${attribution.key}, default: 0, filter: {dns.client.attribution == "none" or dns.client.attribution == "ambiguous"}), all = sum(${attribution.key}, default: 0)}, by: {k8s.cluster.name}, interval: 1m
${percentage('unknown[]')}
| fieldsRemove unknown, all`,
    threshold: 20,
    minutes: [10, 15],
    type: 'CUSTOM_ALERT',
  },
  'pipeline-silent': {
    title: 'EKS DNS: no records',
    description: 'No DNS record arrived for 15 minutes. Run eks-dns doctor --dynatrace <url>.',
    query: `timeseries queries = sum(${queries.key}, default: 0), interval: 1m`,
    isBelow: true,
    threshold: 1,
    minutes: [15, 15],
    type: 'MONITORING_UNAVAILABLE_EVENT',
  },
};

/** Settings objects of all alerts by the name of their file. */
export const alerts = (): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(ALERTS).map(([name, alert]) => [name, detector(alert)]));

function detector({ title, description, query, isBelow, threshold, minutes, type }: Alert): unknown {
  const [violatingSamples, slidingWindow] = minutes;
  const input = {
    query,
    threshold,
    alertCondition: isBelow ? 'BELOW' : 'ABOVE',
    alertOnMissingData: isBelow === true,
    violatingSamples,
    slidingWindow,
    dealertingSamples: slidingWindow,
  };
  const properties = { 'event.type': type, 'event.name': title, 'event.description': description };
  const pairs = (values: object): unknown[] =>
    Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
  return settingsObject('builtin:davis.anomaly-detectors', {
    enabled: true,
    title,
    description,
    source: 'eks-dns-firehose',
    executionSettings: {},
    analyzer: {
      name: 'dt.statistics.ui.anomaly_detection.StaticThresholdAnomalyDetectionAnalyzer',
      input: pairs(input),
    },
    eventTemplate: { properties: pairs(properties) },
  });
}
