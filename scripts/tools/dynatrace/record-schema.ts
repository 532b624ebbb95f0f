import { MAX_ATTRIBUTE_VALUES } from '../../../src/core/model/limits.ts';
import { presenceText, type RecordField } from '../../../src/core/model/record-fields/field.ts';
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';

const TYPES = {
  string: { type: 'string', minLength: 1 },
  number: { type: 'number', minimum: 0 },
  boolean: { type: 'boolean' },
  'string[]': { type: 'array', minItems: 1, maxItems: MAX_ATTRIBUTE_VALUES, items: { type: 'string' } },
  any: {
    type: ['string', 'number', 'boolean', 'array'],
    maxItems: MAX_ATTRIBUTE_VALUES,
    items: { type: 'string' },
  },
} as const;

/**
 * JSON schema (2020-12) of the normalised record, generated from `RECORD_FIELDS`. `extraKeys` allows keys that are not
 * in the table, which `STATIC_ATTRIBUTES` may add. Tests do not allow them, so that every field is documented.
 */
export function recordSchema(extraKeys: boolean): Record<string, unknown> {
  const named = RECORD_FIELDS.filter(({ name }) => !name.endsWith('*'));
  const open = RECORD_FIELDS.filter(({ name }) => name.endsWith('*'));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Normalised DNS record',
    description:
      'One DNS query and its response, attributed to the client pod. Flat keys; absent means unknown.',
    type: 'object',
    // `OMIT` can leave out any other field.
    required: named
      .filter(({ isRequired, isProtected }) => isRequired && isProtected)
      .map(({ name }) => name),
    properties: Object.fromEntries(named.map((field) => [field.name, propertyOf(field)])),
    patternProperties: Object.fromEntries(open.map((field) => [patternOf(field.name), propertyOf(field)])),
    additionalProperties: extraKeys ? TYPES.string : false,
    examples: [exampleOf(COREDNS_EXAMPLE), exampleOf(RESOLVER_EXAMPLE)],
  };
}

function propertyOf(field: RecordField): Record<string, unknown> {
  const unit = field.unit === undefined ? '' : `, ${field.unit}`;
  const allowed = field.values === undefined ? {} : { enum: field.values };
  const type = TYPES[field.type];
  const shape =
    field.type === 'string[]' ? { ...type, items: { type: 'string', ...allowed } } : { ...type, ...allowed };
  return {
    description: `${field.description}${unit} (${presenceText(field)})`,
    ...shape,
    examples: [field.example],
  };
}

/** `k8s.pod.label.*` -> `^k8s\.pod\.label\..+`. */
const patternOf = (name: string): string => `^${name.slice(0, -1).replaceAll('.', '\\.')}.+`;

const COMMON = [
  ...['timestamp', 'content', 'loglevel', 'log.source', 'dns.question.name', 'dns.question.type'],
  ...[
    'dns.question.registered_domain',
    'dns.question.category',
    'dns.response_code',
    'client.ip',
    'client.port',
  ],
  ...[
    'network.transport',
    'dns.client.kind',
    'dns.client.attribution',
    'k8s.cluster.name',
    'k8s.cluster.uid',
  ],
  ...['k8s.namespace.name', 'k8s.workload.kind', 'k8s.workload.name', 'k8s.pod.name', 'k8s.pod.uid'],
  ...['k8s.node.name', 'aws.log_group', 'aws.account.id', 'aws.region', 'cloud.provider', 'aws.vpc.id'],
];
const COREDNS_EXAMPLE: ReadonlyMap<string, unknown> = new Map(
  [...COMMON, 'dns.id', 'dns.header_flags', 'dns.request.bytes', 'dns.response.bytes', 'duration']
    .concat('dns.resolver.ip', 'dns.resolver.pod')
    .map((name) => [name, undefined]),
);
// The same query in the Resolver log, where CoreDNS is the client.
const RESOLVER_EXAMPLE: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...COMMON.map((name) => [name, undefined] as const),
  ...['dns.answers.data', 'dns.answers.type', 'dns.answers.count', 'dns.resolved_ip'].map(
    (name) => [name, undefined] as const,
  ),
  [
    'content',
    '{"version":"1.100000","account_id":"111122223333","region":"eu-central-1","vpc_id":"vpc-0f3a9c1d2b4e5f607","query_timestamp":"2026-01-15T09:30:00Z","query_name":"www.dynatrace.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"edge.example.net.","Type":"CNAME","Class":"IN"},{"Rdata":"203.0.113.10","Type":"A","Class":"IN"}],"srcaddr":"10.0.3.17","srcport":"48701","transport":"UDP","srcids":{"instance":"i-0a6453b0c36d4b9c0"}}',
  ],
  ['timestamp', '2026-01-15T09:30:00.000Z'],
  ['log.source', 'aws.vpcdnsquerylogs'],
  ['client.ip', '10.0.3.17'],
  ['client.port', 48701],
  ['dns.client.kind', 'coredns'],
  ['k8s.namespace.name', 'kube-system'],
  ['k8s.workload.name', 'coredns'],
  ['k8s.pod.name', 'coredns-7f9c69c78c-8wl5d'],
  ['k8s.pod.uid', '5d0e2a8c-93b7-4c1f-8e46-7a1b0c9d2e3f'],
  ['aws.log_group', '/aws/vendedlogs/route53resolver'],
  ['dns.resolver.ip', '10.0.3.17'],
]);

/** A record in printing order. An undefined value stands for the example of the field. */
function exampleOf(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const fields = RECORD_FIELDS.filter(({ name }) => values.has(name));
  return Object.fromEntries(fields.map(({ name, example }) => [name, values.get(name) ?? example]));
}
