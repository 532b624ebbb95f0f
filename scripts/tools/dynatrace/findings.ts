// Hits of the DNS Firewall as findings in `security.events`. Only these: AWS or the owner of a domain list decided them, and
// each security event is billed, so heuristics are none. Hits of the same pod and rule in the same hour have the same
// `finding.id`.
import { constantEntry, fieldEntry, pipelineObject } from './settings-object.ts';

const IS_HIT = 'isNotNull(dns.client.attribution) and isNotNull(aws.route53.firewall.action)';

/** A rule is a domain list or a protection in a rule group. */
const RULE =
  'coalesce(aws.route53.firewall.rule_group_id, ""), "/", coalesce(aws.route53.firewall.domain_list_id, aws.route53.firewall.protection, "")';
const CLIENT = 'coalesce(k8s.pod.name, host.id, client.ip, "unknown client")';

const SCRIPT = [
  `fieldsAdd finding.id = concat(coalesce(k8s.cluster.name, aws.vpc.id, ""), "/", coalesce(k8s.namespace.name, ""), "/", ${CLIENT}, "/", ${RULE}, "/", formatTimestamp(timestamp, format: "yyyy-MM-dd'T'HH"))`,
  `| fieldsAdd finding.title = concat("DNS Firewall ", aws.route53.firewall.action, ": ", ${CLIENT}, " asked for ", coalesce(dns.question.name, ""))`,
  '| fieldsAdd finding.severity = if(aws.route53.firewall.action == "BLOCK", "HIGH", else: "MEDIUM"), finding.time.created = timestamp',
  `| fieldsAdd object.id = coalesce(k8s.pod.uid, host.id, client.ip), object.name = ${CLIENT}`,
].join('\n');

/** Members of the security event besides the constants. */
const FIELDS = [
  ...['timestamp', 'finding.id', 'finding.title', 'finding.severity', 'finding.time.created'],
  ...['object.id', 'object.name', 'dns.question.name', 'dns.question.type', 'dns.question.registered_domain'],
  ...['dns.response_code', 'client.ip', 'dns.client.kind', 'dns.client.attribution'],
  ...['k8s.cluster.name', 'k8s.cluster.uid', 'k8s.namespace.name', 'k8s.workload.kind', 'k8s.workload.name'],
  ...['k8s.pod.name', 'k8s.pod.uid', 'k8s.node.name', 'host.id', 'dt.security_context'],
  ...['aws.account.id', 'aws.region', 'aws.vpc.id', 'aws.route53.firewall.action'],
  ...['aws.route53.firewall.rule_group_id', 'aws.route53.firewall.domain_list_id'],
  ...['aws.route53.firewall.protection', 'dns.resolver.pod'],
];

// https://docs.dynatrace.com/docs/semantic-dictionary/model/security-events
const CONSTANTS = {
  'event.kind': 'SECURITY_EVENT',
  'event.type': 'DETECTION_FINDING',
  'event.provider': 'eks-dns-firehose',
  'event.name': 'DNS Firewall finding',
  'event.description': 'A DNS query matched a rule of Route 53 Resolver DNS Firewall',
  'finding.type': 'DNS Firewall',
  'product.vendor': 'AWS',
  'product.name': 'Route 53 Resolver DNS Firewall',
} as const;

/** The stages that findings add to the pipeline, as a list of one settings object. */
export const findings = (): unknown[] =>
  pipelineObject({
    processing: {
      processors: [
        {
          id: 'processor_eks_dns_finding_fields',
          type: 'dql',
          enabled: true,
          description: 'Fields of findings of the DNS Firewall',
          matcher: IS_HIT,
          dql: { script: SCRIPT },
        },
      ],
    },
    dataExtraction: {
      processors: [
        {
          id: 'processor_eks_dns_finding_event',
          type: 'securityEvent',
          enabled: true,
          description: 'Findings of the DNS Firewall',
          matcher: IS_HIT,
          securityEvent: {
            fieldExtraction: {
              type: 'include',
              include: [
                ...Object.entries(CONSTANTS).map(([name, value]) => constantEntry(name, value)),
                ...FIELDS.map(fieldEntry),
              ],
            },
          },
        },
      ],
    },
  });
