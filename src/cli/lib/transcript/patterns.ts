// What identifies a customer or is a secret, by its form.

/** Kind of a value: the word of its placeholder, as in `<account-1>`. */
export type Kind =
  | 'account'
  | 'cluster'
  | 'email'
  | 'environment'
  | 'function'
  | 'host'
  | 'id'
  | 'ip'
  | 'log-group'
  | 'name'
  | 'role'
  | 'stack'
  | 'stream';

/** Twelve digits, also as the console prints them: `1111-2222-3333`. */
export const ACCOUNT = /(?<![\w.-])(?:\d{12}|\d{4}-\d{4}-\d{4})(?![\w-])/g;

/** Ends before what a sentence or JSON puts behind an ARN. */
export const ARN = /\barn:aws[\w-]*:[\w-]*:[\w-]*:\w*:[^\s"'`<>,;()[\]{}\\]*/g;

/** Ids of resources: `vpc-0c5d2e8f91a7b6340`, `i-0abc`, `rslvr-in-1234`. */
export const RESOURCE_ID =
  /(?<![\w-])(?:vpc|subnet|sg|eni|i|vpce|rtb|nat|rslvr(?:-[a-z]+)*|rqlc)-[0-9a-f]+(?![\w-])/g;

/** An address with everything behind it. */
export const URL_TEXT = /\b[a-z][a-z+.-]*:\/\/[^\s"'`<>,;()[\]{}\\]+/gi;

/** Log groups of AWS outside an ARN. */
export const AWS_PATH = /(?<![\w/])\/aws\/[\w./#-]+/g;

/** `somebody@example.org` */
export const EMAIL = /[^\s@"'`<>,;:()[\]{}=/]+@[\w-]+(?:\.[\w-]+)*/g;

/** Names of hosts and zones; also names of record fields, which `isOwnName` tells apart. */
export const DOTTED = /(?<![\w.@/$-])(?:[a-z0-9_][a-z0-9_-]*\.)+[a-z][a-z0-9-]+(?![\w-])/gi;

export const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)/g;

/** Candidates for IPv6; `isIPv6` decides. */
export const IPV6 = /(?<![\w:])[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*[0-9a-f:](?![\w:])/gi;

/** Runs of letters, digits and the characters of base64. */
export const RUN = /[A-Za-z0-9+/_=~%-]{16,}/g;

/** Texts in quotes: names that others chose. */
export const QUOTED = /"([^"\n]{1,200})"/g;

const MIN_RANDOM = 16;

/**
 * Whether a run of characters is a key, a token or an id rather than words: 16 characters or more in which digits, capitals and
 * small letters alternate, or a part of that length with digits among letters of one case. `OpenPipeline`,
 * `CorednsLogGroups=/aws/route53/x` and `eks-dns-firehose` are none.
 */
export function isRandom(run: string): boolean {
  const bare = run.replace(/[^A-Za-z0-9]+/g, '');
  if (bare.length < MIN_RANDOM || !/\d/.test(bare)) return false;
  const groups = bare.match(/\d+|[A-Z]+|[a-z]+/g) ?? [];
  if (/[A-Z]/.test(bare) && /[a-z]/.test(bare) && groups.length >= bare.length / 4) return true;
  return run
    .split(/[^A-Za-z0-9]+/)
    .some((part) => part.length >= MIN_RANDOM && /\d[^\d]+\d|[a-z]\d+[a-z]/i.test(part));
}

/** The name of a probe: random, and below a domain that is nobody's. */
export const PROBE = /\beks-dns-probe-[0-9a-f]{16}(?:\.example\.com)?(?![\w-])/g;

/** Words of AWS and of this tool in ARNs and paths of log groups. */
const WORDS: ReadonlySet<string> = new Set(
  `aws root role user assumed-role function deliverystream stream log-group log-stream cluster stack secret policy topic key
  instance instance-profile vpc access-entry addon containerinsights application vendedlogs route53 route53resolver lambda
  kinesisfirehose eks otel coredns node-local-dns kube-system default dns dynatrace eks-dns eks-dns-firehose service-role
  dynatrace-log-delivery-stream resolver-query-log-config`.split(/\s+/),
);

/** Whether a name is everybody's: a default of AWS, of Kubernetes, of Dynatrace or of this tool. */
export const isCommonWord = (name: string): boolean =>
  name === '' || /^[*.]+$/.test(name) || WORDS.has(name) || /^eks-dns\b[\w ]*$|^EKS DNS\b[\w ]*$/.test(name);

const PUBLIC_HOSTS =
  /^(?:docs\.aws\.amazon\.com|(?:docs|sso)\.dynatrace\.com|github\.com|kubernetes\.io|coredns\.io|example\.com|public\.ecr\.aws)$/i;

/** Whether a host is everybody's, such as one with documentation. */
export const isPublicHost = (host: string): boolean => PUBLIC_HOSTS.test(host);

const OWN_NAMESPACES = /^(?:dns|k8s|aws|client|dt|log|cloud|host|network|event|service|matchesValue)\./;
const FILES = /\.(?:md|json|ya?ml|ts|mjs|js|html|txt)$/;
const ZONES = /(?:^|\.)(?:cluster\.local|in-addr\.arpa|ip6\.arpa)$/i;
const API_GROUPS = /\.(?:k8s\.io|kubernetes\.io|eks\.amazonaws\.com)$/i;

/** Whether a dotted name is one of this tool, of AWS or of Kubernetes: a field, a file, a zone, an API group, a public host. */
export const isOwnName = (name: string): boolean =>
  OWN_NAMESPACES.test(name) ||
  FILES.test(name) ||
  ZONES.test(name) ||
  API_GROUPS.test(name) ||
  isPublicHost(name);
