import { parse } from 'tldts';
import type { QuestionCategory } from '../model/settings.ts';

/** Properties of a question name that follow from its text alone. */
export type DomainInfo = {
  /** By the ICANN section of the Public Suffix List: `example.co.uk`. Absent for cluster, reverse and private names. */
  readonly registeredDomain: string | undefined;
  /** The category, unless the response shows that the name is a search expansion: see `intendedName`. */
  readonly category: Exclude<QuestionCategory, 'search-expansion'>;
  /**
   * Set when the name has the shape of an absolute name plus a search suffix: `www.example.com` for
   * `www.example.com.shop.svc.cluster.local`. The category is `search-expansion` only if the response was NXDOMAIN.
   */
  readonly intendedName: string | undefined;
  /** Whether a label is internationalised (`xn--`, RFC 3490). */
  readonly isPunycode: boolean;
};

const CLUSTER_DOMAIN = '.cluster.local';
const SERVICE_DOMAIN = '.svc.cluster.local';

// AWS's own zones: public endpoints in every partition, the dual-stack `.aws` endpoints, and the host names of a VPC.
const AWS_DOMAINS = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'aws.amazon.com',
  'aws',
  'compute.internal',
  'ec2.internal',
];

// Top-level domains for private use: RFC 6762, appendix G.
const PRIVATE_TOP_LEVELS = new Set(['internal', 'intranet', 'private', 'corp', 'home', 'lan']);

// These top-level domains, and those of two letters, are not plausible names of a Kubernetes namespace. Some of two
// letters are, because teams use the same abbreviations (`ci`, `qa`).
const GENERIC_TOP_LEVELS = new Set(['com', 'org', 'net', 'edu', 'gov', 'mil', 'int', 'info', 'biz', 'arpa']);
const TWO_LETTER_NAMESPACES = new Set(['ai', 'cd', 'ci', 'ml', 'qa']);

// CoreDNS and Route 53 print special bytes inside a label as `\.` or `\032` (RFC 1035, section 5.1).
const ESCAPES = /\\(?:\d{3}|.)/g;

/**
 * Analyses a name in lower case without final dot; the root is `.`. Costs about 2 us, most of it for the Public Suffix
 * List, so callers on the hot path cache the result.
 */
export function domainInfo(name: string): DomainInfo {
  const category = categoryOfName(name);
  const isPublic = category === 'external' || category === 'aws';
  const registeredDomain = isPublic ? registeredDomainOf(name) : undefined;
  return {
    registeredDomain,
    category,
    intendedName: intendedNameOf(name),
    isPunycode: name.startsWith('xn--') || name.includes('.xn--'),
  };
}

function categoryOfName(name: string): DomainInfo['category'] {
  if (isWithin(name, 'cluster.local')) return 'cluster';
  if (isWithin(name, 'in-addr.arpa') || isWithin(name, 'ip6.arpa')) return 'reverse';
  if (!name.includes('.')) return 'single-label';
  return AWS_DOMAINS.some((domain) => isWithin(name, domain)) ? 'aws' : 'external';
}

function isWithin(name: string, domain: string): boolean {
  return name.endsWith(domain) && (name.length === domain.length || name.at(-domain.length - 1) === '.');
}

function registeredDomainOf(name: string): string | undefined {
  // Escapes are replaced by text of the same length, so that an escaped dot does not end a label for the parser.
  const masked = name.includes('\\')
    ? name.replace(ESCAPES, (sequence) => '_'.repeat(sequence.length))
    : name;
  const { domain, isIcann } = parse(masked, {
    extractHostname: false,
    validateHostname: false,
    detectIp: false,
  });
  if (domain === null || isIcann !== true || domain.startsWith('_')) return undefined;
  return name.slice(-domain.length);
}

/** The name before one of the usual search suffixes, see `DomainInfo.intendedName`. */
function intendedNameOf(name: string): string | undefined {
  if (name.endsWith(SERVICE_DOMAIN)) return intendedInService(name.slice(0, -SERVICE_DOMAIN.length));
  if (name.endsWith(CLUSTER_DOMAIN)) return ifAbsolute(name.slice(0, -CLUSTER_DOMAIN.length));
  if (name.endsWith('.ec2.internal')) return ifAbsolute(name.slice(0, -'.ec2.internal'.length));
  if (!name.endsWith('.compute.internal')) return undefined;
  const regional = name.slice(0, -'.compute.internal'.length);
  return ifAbsolute(regional.slice(0, Math.max(0, regional.lastIndexOf('.'))));
}

/**
 * `rest` is the part before `.svc.cluster.local`: `<intended>.<namespace>` with the first search suffix of a pod, or
 * `<intended>` with the second one (`svc.cluster.local`).
 */
function intendedInService(rest: string): string | undefined {
  const beforeNamespace = rest.slice(0, Math.max(0, rest.lastIndexOf('.')));
  const isRestAbsolute = isAbsolute(rest) && !couldEndInNamespace(rest);
  // The last label of `example.co.uk` is part of the public suffix, so it is hardly a namespace.
  if (isRestAbsolute && labelCount(registeredDomainOf(rest) ?? '') > 2) return rest;
  // `web.dev` may be a service in a namespace as well as a domain; with a third label it can only be a domain.
  const isPlausible = labelCount(beforeNamespace) > 2 || !couldEndInNamespace(beforeNamespace);
  if (isPlausible && isAbsolute(beforeNamespace)) return beforeNamespace;
  return isRestAbsolute ? rest : undefined;
}

function ifAbsolute(name: string): string | undefined {
  return isAbsolute(name) ? name : undefined;
}

/**
 * Whether a name is complete without a search suffix: a public name, a private name, or the full name of a service
 * that was queried without its final dot.
 */
function isAbsolute(name: string): boolean {
  if (!name.includes('.')) return false;
  if (name.endsWith(SERVICE_DOMAIN)) return true;
  return PRIVATE_TOP_LEVELS.has(topLevel(name)) || registeredDomainOf(name) !== undefined;
}

/** Whether the last label could be a namespace (`dev`, `shop`, `qa`), although it is a top-level domain too. */
function couldEndInNamespace(name: string): boolean {
  const last = topLevel(name);
  if (name.endsWith(SERVICE_DOMAIN) || GENERIC_TOP_LEVELS.has(last)) return false;
  return last.length !== 2 || TWO_LETTER_NAMESPACES.has(last);
}

function topLevel(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Counts labels. An escaped dot counts as a separator, which only makes an odd name look longer. */
function labelCount(name: string): number {
  return name.split('.').length;
}
