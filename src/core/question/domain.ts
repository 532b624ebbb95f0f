import { parse } from 'tldts';
import { DEFAULT_SETTINGS, type QuestionCategory, type Settings } from '../model/settings.ts';

/** Properties of a question name that follow from its text alone. */
export type DomainInfo = {
  /** By the ICANN section of the Public Suffix List: `example.co.uk`. Absent for cluster, reverse and private names. */
  readonly registeredDomain: string | undefined;
  /**
   * Where the name is below a service of the private section of the Public Suffix List, and its registered domain is that
   * service's: the part of one customer. `tenant.s3.amazonaws.com`, `x.duckdns.org`.
   */
  readonly tenantDomain: string | undefined;
  /** The category, unless the response shows that the name is a search expansion: see `intendedName`. */
  readonly category: Exclude<QuestionCategory, 'search-expansion'>;
  /**
   * Set when the name has the shape of an absolute name plus a search suffix: `www.example.com` for
   * `www.example.com.shop.svc.cluster.local`. The category is `search-expansion` only if the response was NXDOMAIN.
   */
  readonly intendedName: string | undefined;
  /** Whether a label is internationalised (`xn--`, RFC 3490). */
  readonly isPunycode: boolean;
  /** Whether the name is one of `SEARCH_DOMAINS` or below it. */
  readonly isInSearchDomain: boolean;
  /**
   * Whether the name is external, and queries for it stay in the network: its top-level domain is private (`consul`), or it
   * is in a search domain.
   */
  readonly isPrivate: boolean;
};

/** The settings on which the category of a name depends. */
export type DomainSettings = Pick<Settings, 'clusterDomains' | 'searchDomains'>;

// https://github.com/kubernetes/enhancements/tree/master/keps/sig-multicluster/1645-multi-cluster-services-api
const CLUSTER_SET_DOMAIN = 'clusterset.local';

/** A domain, and how names below it end. */
type Suffix = { readonly domain: string; readonly dotted: string };

/** A domain of a cluster; `services` is how the names of its services end. */
type ClusterSuffix = Suffix & { readonly services: string };

/** Domains of the settings, the longest first: one may be below another. */
type Domains = { readonly cluster: readonly ClusterSuffix[]; readonly search: readonly Suffix[] };

const suffixOf = (domain: string): Suffix => ({ domain, dotted: `.${domain}` });

// AWS's own zones: public endpoints in every partition, the dual-stack `.aws` endpoints, and the host names of a VPC.
const AWS_DOMAINS = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'aws.amazon.com',
  'aws',
  'compute.internal',
  'ec2.internal',
].map(suffixOf);
const REVERSE_DOMAINS = ['in-addr.arpa', 'ip6.arpa'].map(suffixOf);

// Top-level domains for private use: RFC 6762, appendix G.
const PRIVATE_TOP_LEVELS = new Set(['internal', 'intranet', 'private', 'corp', 'home', 'lan']);

// These top-level domains, and those of two letters, are not plausible names of a Kubernetes namespace. Some of two
// letters are, because teams use the same abbreviations (`ci`, `qa`).
const GENERIC_TOP_LEVELS = new Set(['com', 'org', 'net', 'edu', 'gov', 'mil', 'int', 'info', 'biz', 'arpa']);
const TWO_LETTER_NAMESPACES = new Set(['ai', 'cd', 'ci', 'ml', 'qa']);

// CoreDNS and Route 53 print special bytes inside a label as `\.` or `\032` (RFC 1035, section 5.1).
const ESCAPES = /\\(?:\d{3}|.)/g;

/** Analyses a name in lower case without final dot; the root is `.`. */
export type DescribeDomain = (name: string) => DomainInfo;

/**
 * Creates the analysis for a configuration. It costs about 2 us per name, most of it for the Public Suffix List, so callers
 * on the hot path cache the result.
 */
export function createDomainInfo({ clusterDomains, searchDomains }: DomainSettings): DescribeDomain {
  const domains = {
    cluster: longestFirst([...clusterDomains, CLUSTER_SET_DOMAIN]).map((domain) => ({
      ...suffixOf(domain),
      services: `.svc.${domain}`,
    })),
    search: longestFirst(searchDomains).map(suffixOf),
  };
  return (name) => {
    const category = categoryOfName(name, domains);
    const isPublic = category === 'external' || category === 'aws';
    const { registeredDomain, tenantDomain } = isPublic ? suffixesOf(name) : NO_SUFFIXES;
    const isInSearchDomain = isWithinAny(name, domains.search);
    return {
      registeredDomain,
      tenantDomain,
      category,
      intendedName: intendedNameOf(name, domains),
      isPunycode: name.startsWith('xn--') || name.includes('.xn--'),
      isInSearchDomain,
      isPrivate:
        category === 'external' &&
        (isInSearchDomain || (registeredDomain === undefined && !isPublicTopLevel(topLevel(name)))),
    };
  };
}

const longestFirst = (domains: readonly string[]): readonly string[] =>
  [...domains].sort((a, b) => b.length - a.length);

/** `createDomainInfo` with the default settings. */
export const domainInfo = createDomainInfo(DEFAULT_SETTINGS);

function categoryOfName(name: string, domains: Domains): DomainInfo['category'] {
  if (isWithinAny(name, domains.cluster)) return 'cluster';
  if (isWithinAny(name, REVERSE_DOMAINS)) return 'reverse';
  if (!name.includes('.')) return 'single-label';
  return isOfAws(name) ? 'aws' : 'external';
}

const isOfAws = (name: string): boolean => isWithinAny(name, AWS_DOMAINS);

function isWithinAny(name: string, suffixes: readonly Suffix[]): boolean {
  for (const { domain, dotted } of suffixes) if (name.endsWith(dotted) || name === domain) return true;
  return false;
}

type Suffixes = Pick<DomainInfo, 'registeredDomain' | 'tenantDomain'>;

const NO_SUFFIXES: Suffixes = { registeredDomain: undefined, tenantDomain: undefined };

/** One look into the list tells both where no private suffix matches: nearly always. */
function suffixesOf(name: string): Suffixes {
  const { domain, isIcann, isPrivate } = parse(masked(name), WITH_PRIVATE);
  if (isPrivate !== true)
    return { registeredDomain: domainIn(name, domain, isIcann), tenantDomain: undefined };
  const registeredDomain = registeredDomainOf(name);
  return {
    registeredDomain,
    tenantDomain: registeredDomain === undefined ? undefined : domainIn(name, domain, true),
  };
}

function registeredDomainOf(name: string): string | undefined {
  const { domain, isIcann } = parse(masked(name), OPTIONS);
  return domainIn(name, domain, isIcann);
}

/** The text of the domain that was found in the masked name. */
const domainIn = (name: string, domain: string | null, isListed: boolean | null): string | undefined =>
  domain === null || isListed !== true || domain.startsWith('_') ? undefined : name.slice(-domain.length);

/** Whether the Public Suffix List has a top-level domain: names below any other do not leave the network. */
function isPublicTopLevel(topLevelDomain: string): boolean {
  return registeredDomainOf(`x.${topLevelDomain}`) !== undefined;
}

/** The parser for names, not for URLs. */
const OPTIONS = { extractHostname: false, validateHostname: false, detectIp: false } as const;
const WITH_PRIVATE = { ...OPTIONS, allowPrivateDomains: true } as const;

/** Escapes replaced by text of the same length, so that an escaped dot does not end a label for the parser. */
const masked = (name: string): string =>
  name.includes('\\') ? name.replace(ESCAPES, (sequence) => '_'.repeat(sequence.length)) : name;

/** Whether everybody may register names below a domain: `com`, `co.uk`. */
export const isPublicSuffix = (domain: string): boolean =>
  registeredDomainOf(domain) === undefined && registeredDomainOf(`x.${domain}`) === `x.${domain}`;

/** The name before one of the usual search suffixes, see `DomainInfo.intendedName`. */
function intendedNameOf(name: string, domains: Domains): string | undefined {
  for (const { services, dotted } of domains.cluster) {
    const inService = nameBefore(name, services);
    if (inService !== undefined) return intendedInService(inService, domains);
    const inCluster = nameBefore(name, dotted);
    if (inCluster !== undefined) return isAbsolute(inCluster, domains) ? inCluster : undefined;
  }
  for (const { dotted } of domains.search) {
    const before = nameBefore(name, dotted);
    if (before !== undefined) return isOutside(before, domains) ? before : undefined;
  }
  const before = nameBefore(name, '.ec2.internal') ?? beforeRegion(nameBefore(name, '.compute.internal'));
  return before !== undefined && isAbsolute(before, domains) ? before : undefined;
}

const nameBefore = (name: string, suffix: string): string | undefined =>
  name.endsWith(suffix) ? name.slice(0, -suffix.length) : undefined;

/** `www.example.com` of `www.example.com.eu-west-1` */
const beforeRegion = (name: string | undefined): string | undefined =>
  name?.slice(0, Math.max(0, name.lastIndexOf('.')));

/**
 * `rest` is the part before `.svc.cluster.local`: `<intended>.<namespace>` with the first search suffix of a pod, or
 * `<intended>` with the second one (`svc.cluster.local`).
 */
function intendedInService(rest: string, domains: Domains): string | undefined {
  const beforeNamespace = rest.slice(0, Math.max(0, rest.lastIndexOf('.')));
  const isRestAbsolute = !couldEndInNamespace(rest, domains) && isAbsolute(rest, domains);
  // The last label of `example.co.uk` is part of the public suffix, so it is hardly a namespace.
  if (isRestAbsolute && labelCount(registeredDomainOf(rest) ?? '') > 2) return rest;
  if (isPlausible(beforeNamespace, domains) && isAbsolute(beforeNamespace, domains)) return beforeNamespace;
  return isRestAbsolute ? rest : undefined;
}

/** `web.dev` may be a service in a namespace as well as a domain; with a third label it can only be a domain. */
const isPlausible = (name: string, domains: Domains): boolean =>
  labelCount(name) > 2 || !couldEndInNamespace(name, domains);

/**
 * Whether a name before a search domain is certainly one of the outside, and no host below that domain: `www.example.com`,
 * `sts.eu-west-1.amazonaws.com`, the full name of a service. What is taken for one may be dropped.
 */
function isOutside(name: string, domains: Domains): boolean {
  if (isInService(name, domains) || (name.includes('.') && isOfAws(name))) return true;
  return registeredDomainOf(name) !== undefined && isPlausible(name, domains);
}

/**
 * Whether a name is complete without a search suffix: a public name, a private name, or the full name of a service
 * that was queried without its final dot.
 */
function isAbsolute(name: string, domains: Domains): boolean {
  if (!name.includes('.')) return false;
  if (isInService(name, domains)) return true;
  return PRIVATE_TOP_LEVELS.has(topLevel(name)) || registeredDomainOf(name) !== undefined;
}

/** Whether the last label could be a namespace (`dev`, `shop`, `qa`), although it is a top-level domain too. */
function couldEndInNamespace(name: string, domains: Domains): boolean {
  const last = topLevel(name);
  if (isInService(name, domains) || GENERIC_TOP_LEVELS.has(last)) return false;
  return last.length !== 2 || TWO_LETTER_NAMESPACES.has(last);
}

const isInService = (name: string, { cluster }: Domains): boolean =>
  cluster.some(({ services }) => name.endsWith(services));

function topLevel(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Counts labels. An escaped dot counts as a separator, which only makes an odd name look longer. */
function labelCount(name: string): number {
  let labels = 1;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) labels++;
  return labels;
}
