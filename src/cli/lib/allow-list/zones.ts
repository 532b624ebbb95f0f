// Which zone a name belongs to, and how wide a wildcard over it may be.
import { getDomain } from 'tldts';
import { createDomainInfo, type DomainSettings } from '../../../core/question/domain.ts';
import { SHARED_DOMAINS } from './shared-domains.ts';

/** The zone of a name: the widest domain that a wildcard over it may cover. */
export type Zone = {
  /**
   * `external`: whoever owns the domain receives the query; also below a top-level domain that is not known, because the
   * list of them grows. `cluster`: CoreDNS itself answers. `inside`: hosts, search domains, reverse names and single labels,
   * which are answered in the network.
   */
  readonly kind: 'external' | 'inside' | 'cluster';
  /** Undefined for names without one, such as a public suffix itself: they are only written as they are. */
  readonly domain: string | undefined;
  /** `always`: the zone is one wildcard, because search expansions fill it; `never`: others own names below it. */
  readonly fold: 'always' | 'many' | 'never';
};

// Host names of EC2, which resolv.conf of a pod lists as its last search suffix.
const HOST_ZONE = /(?:^|\.)([a-z0-9-]+\.compute\.internal|ec2\.internal)$/;

/** The zone of a name in lower case without final dot. */
export type ZoneOf = (name: string) => Zone;

/**
 * Creates the function. `a.b.example.co.uk` -> `example.co.uk`; `x.bucket.s3.amazonaws.com` ->
 * `bucket.s3.amazonaws.com`, because the private part of the Public Suffix List counts too: below such a suffix every
 * neighbour belongs to somebody else.
 */
export function createZoneOf(settings: DomainSettings): ZoneOf {
  const domainInfo = createDomainInfo(settings);
  const widest = (name: string, domains: readonly string[]): string | undefined =>
    domains.filter((domain) => isWithin(name, domain)).sort((a, b) => a.length - b.length)[0];
  return (name) => {
    const { category, isInSearchDomain } = domainInfo(name);
    if (category === 'cluster') {
      const domain = widest(name, settings.clusterDomains) ?? 'clusterset.local';
      return { kind: 'cluster', domain, fold: 'always' };
    }
    const own =
      HOST_ZONE.exec(name)?.[1] ?? (isInSearchDomain ? widest(name, settings.searchDomains) : undefined);
    if (own !== undefined) return { kind: 'inside', domain: own, fold: 'always' };
    const isInside = category === 'reverse' || category === 'single-label';
    const domain = registrableDomain(name);
    const isShared = domain !== undefined && SHARED_DOMAINS.has(domain);
    return { kind: isInside ? 'inside' : 'external', domain, fold: isShared ? 'never' : 'many' };
  };
}

/** The public suffix, private ones included, and one label before it; undefined for a name without one. */
function registrableDomain(name: string): string | undefined {
  const options = {
    allowPrivateDomains: true,
    extractHostname: false,
    validateHostname: false,
    detectIp: false,
  };
  return getDomain(name, options) ?? undefined;
}

/** Whether `name` is `domain` or lies below it. */
export const isWithin = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

// An escaped dot (`\\.`) does not end a label.
const FIRST_LABEL = /^(?:[^.\\]|\\.)*\./s;

/** `a.b.example.com` -> `b.example.com`; empty for a single label. */
export const parentOf = (name: string): string => {
  if (!name.includes('\\')) return name.slice(name.indexOf('.') + 1 || name.length);
  return name.slice(FIRST_LABEL.exec(name)?.[0].length ?? name.length);
};

/** Number of labels. */
export const labelCount = (name: string): number => {
  let count = 1;
  for (let i = 0; i < name.length; i++) {
    if (name[i] === '\\') i++;
    else if (name[i] === '.') count++;
  }
  return count;
};
