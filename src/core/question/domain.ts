import { parse } from 'tldts';
import type { QuestionCategory } from '../model/settings.ts';

/** What the text of a question name tells on its own. */
export type DomainInfo = {
  /** By the ICANN section of the public suffix list: `example.co.uk`. Absent for cluster, reverse and private names. */
  readonly registeredDomain: string | undefined;
  /** The category unless the name turns out to be a search expansion: see `intendedName`. */
  readonly category: Exclude<QuestionCategory, 'search-expansion'>;
  /**
   * Set when the name has the shape of an outside name plus a search suffix: `www.example.com` of
   * `www.example.com.shop.svc.cluster.local`. It is one (`search-expansion`) only if the answer was NXDOMAIN.
   */
  readonly intendedName: string | undefined;
  /** A label is an internationalised one (`xn--`). */
  readonly isPunycode: boolean;
};

const CLUSTER_DOMAIN = '.cluster.local';
const SERVICE_DOMAIN = '.svc.cluster.local';

// AWS's own zones: public endpoints in every partition, the dual-stack `.aws` ones, and the names a VPC gives out.
const AWS_DOMAINS = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'aws.amazon.com',
  'aws',
  'compute.internal',
  'ec2.internal',
];

// Top levels for private use: RFC 6762, appendix G.
const PRIVATE_TOP_LEVELS = new Set(['internal', 'intranet', 'private', 'corp', 'home', 'lan']);

// Top levels that nobody calls a namespace: the classic ones, and countries but for those that are also team jargon.
const CLASSIC_TOP_LEVELS = new Set(['com', 'org', 'net', 'edu', 'gov', 'mil', 'int', 'info', 'biz', 'arpa']);
const JARGON_TOP_LEVELS = new Set(['ai', 'cd', 'ci', 'ml', 'qa']);

// CoreDNS and Route 53 print bytes that are no letters as `\.` or `\032`.
const ESCAPES = /\\(?:\d{3}|.)/g;

/** Facts of a name in lower case without final dot; the root is `.`. Costs about 2 us: remember the answer. */
export function domainInfo(name: string): DomainInfo {
  const category = categoryOf(name);
  const isPublic = category === 'external' || category === 'aws';
  const registeredDomain = isPublic ? registeredDomainOf(name) : undefined;
  return {
    registeredDomain,
    category,
    intendedName: intendedNameOf(name),
    isPunycode: name.startsWith('xn--') || name.includes('.xn--'),
  };
}

function categoryOf(name: string): DomainInfo['category'] {
  if (isWithin(name, 'cluster.local')) return 'cluster';
  if (isWithin(name, 'in-addr.arpa') || isWithin(name, 'ip6.arpa')) return 'reverse';
  if (!name.includes('.')) return 'single-label';
  return AWS_DOMAINS.some((domain) => isWithin(name, domain)) ? 'aws' : 'external';
}

function isWithin(name: string, domain: string): boolean {
  return name.endsWith(domain) && (name.length === domain.length || name.at(-domain.length - 1) === '.');
}

function registeredDomainOf(name: string): string | undefined {
  // Escapes are masked with text of the same length, so that an escaped dot does not end a label.
  const masked = name.includes('\\') ? name.replace(ESCAPES, (written) => '_'.repeat(written.length)) : name;
  const { domain, isIcann } = parse(masked, {
    extractHostname: false,
    validateHostname: false,
    detectIp: false,
  });
  if (domain === null || isIcann !== true || domain.startsWith('_')) return undefined;
  return name.slice(-domain.length);
}

/** The name that a resolver tried with one of its search suffixes, see `DomainInfo.intendedName`. */
function intendedNameOf(name: string): string | undefined {
  if (name.endsWith(SERVICE_DOMAIN)) return intendedInService(name.slice(0, -SERVICE_DOMAIN.length));
  if (name.endsWith(CLUSTER_DOMAIN)) return outside(name.slice(0, -CLUSTER_DOMAIN.length));
  if (name.endsWith('.ec2.internal')) return outside(name.slice(0, -'.ec2.internal'.length));
  if (!name.endsWith('.compute.internal')) return undefined;
  const regional = name.slice(0, -'.compute.internal'.length);
  return outside(regional.slice(0, Math.max(0, regional.lastIndexOf('.'))));
}

/** `asked` of `asked.namespace` (first search suffix), or all of it (second one, `svc.cluster.local`). */
function intendedInService(rest: string): string | undefined {
  const asked = rest.slice(0, Math.max(0, rest.lastIndexOf('.')));
  const isAllOutside = isOutside(rest) && !mayBeNamespace(rest);
  // The last label of `example.co.uk` is part of the public suffix, hardly a namespace.
  if (isAllOutside && labels(registeredDomainOf(rest) ?? '') > 2) return rest;
  // `web.dev` may be a service in a namespace as well as a domain; with a third label it can only be the latter.
  if (isOutside(asked) && (labels(asked) > 2 || !mayBeNamespace(asked))) return asked;
  return isAllOutside ? rest : undefined;
}

function outside(name: string): string | undefined {
  return isOutside(name) ? name : undefined;
}

/** A name that makes sense on its own: public, private, or the full name of a service asked without its final dot. */
function isOutside(name: string): boolean {
  if (!name.includes('.')) return false;
  if (name.endsWith(SERVICE_DOMAIN)) return true;
  return PRIVATE_TOP_LEVELS.has(topLevel(name)) || registeredDomainOf(name) !== undefined;
}

/** Whether the last label could be a namespace (`dev`, `shop`, `qa`), although it is a top-level domain too. */
function mayBeNamespace(name: string): boolean {
  const last = topLevel(name);
  if (name.endsWith(SERVICE_DOMAIN) || CLASSIC_TOP_LEVELS.has(last)) return false;
  return last.length !== 2 || JARGON_TOP_LEVELS.has(last);
}

function topLevel(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function labels(name: string): number {
  return name.split('.').length;
}
