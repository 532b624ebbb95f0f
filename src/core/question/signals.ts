// Hints for a hunter, from one query alone: a tunnel puts data in the names below a domain of its own, and takes
// commands out of TXT answers. https://attack.mitre.org/techniques/T1071/004/
import type { DnsEvent } from '../model/dns-event.ts';
import type { QuestionCategory } from '../model/settings.ts';
import { SIGNALS, type Signal } from '../model/signal.ts';
import { measureSubdomain, type Subdomain } from './subdomain.ts';

/**
 * Thresholds for what stands before the registered domain. Rules of thumb (52 characters of a whole name in "Detecting
 * DNS Tunneling", SANS 2013; entropy of 3.5 to 4.5 bits) are all met by harmless names of clouds; these are measured:
 * `npm run bench:signals` shows the share of harmless names that they hit and of tunnelled ones that they miss.
 */
export const THRESHOLDS = {
  /** `long-name`: symbols without the dots. A cloud's GUID, region and service take up to about 75. */
  longNameSymbols: 90,
  /** `deep-name`: labels. Chains of CDN names reach 6. */
  deepNameLabels: 9,
  /** `hex-label`: digits in one label. An MD5 or a GUID (32) is a name that many services use; longer ones are rare. */
  hexLabelDigits: 34,
  /** `hex-label`: digits in all labels. Two MD5 are a certificate authority's proof of domain control. */
  hexNameDigits: 65,
  /** `high-entropy`: bits per symbol; hex never gets beyond 4, English with digits stays below 4.3. */
  entropyBits: 4.3,
  /** `high-entropy`: fewer symbols cannot show that many bits beyond chance. */
  entropySymbols: 30,
} as const;

/**
 * Services that carry data in names by design: reputation look-ups of malware scanners and block lists. Only their
 * owners see what is asked. https://isc.sans.edu/diary/24844 and the services' own manuals.
 */
const DATA_BY_DESIGN: ReadonlySet<string> = new Set([
  'cymru.com',
  'e5.sk',
  'mcafee.com',
  'msbl.org',
  'sophosxl.net',
  'spamhaus.net',
  'spamhaus.org',
  'surbl.org',
  'trellix.com',
  'uribl.com',
]);

/** The part of what `names.ts` knows of a name that is judged here. */
type DomainInfo = {
  readonly registeredDomain: string | undefined;
  readonly category: QuestionCategory;
  readonly isPunycode: boolean;
};

const NONE: readonly Signal[] = [];
const NAME_LISTS = listsOf(SIGNALS.slice(0, 5));
const EVENT_LISTS = listsOf(SIGNALS.slice(5));

/**
 * Signals of a name alone; the same name always answers the same list, which is shared and in the order of `SIGNALS`.
 * Only outside names are judged: nobody but AWS or the cluster sees what is asked below their own domains.
 * `name` is lower case as CoreDNS or the Resolver prints it, escapes included.
 */
export function nameSignals(name: string, facts: DomainInfo): readonly Signal[] {
  const { registeredDomain } = facts;
  if (facts.category !== 'external') return NONE;
  if (registeredDomain !== undefined && DATA_BY_DESIGN.has(registeredDomain)) return NONE;
  const sub = measureSubdomain(name, registeredDomain);
  let mask = 0;
  if (sub.symbols >= THRESHOLDS.longNameSymbols) mask |= 1;
  if (sub.labels >= THRESHOLDS.deepNameLabels) mask |= 2;
  if (sub.dataSymbols >= THRESHOLDS.entropySymbols && sub.entropyBits() >= THRESHOLDS.entropyBits) mask |= 4;
  if (isHex(sub)) mask |= 8;
  if (facts.isPunycode) mask |= 16;
  return NAME_LISTS[mask] ?? NONE;
}

const isHex = (sub: Subdomain): boolean =>
  sub.longestHex >= THRESHOLDS.hexLabelDigits || sub.hexDigits >= THRESHOLDS.hexNameDigits;

/**
 * Signals of one event beyond its name, to be printed behind those of the name; shared lists, never to be changed.
 * `bypassesCoreDns`: a pod that is no CoreDNS asked the VPC resolver itself.
 */
export function eventSignals(event: DnsEvent, bypassesCoreDns: boolean): readonly Signal[] {
  let mask = 0;
  if (event.answers !== undefined && hasUncommonText(event)) mask |= 1;
  if (event.firewallAction === 'ALERT') mask |= 2;
  if (event.firewallAction === 'BLOCK') mask |= 4;
  if (bypassesCoreDns) mask |= 8;
  return EVENT_LISTS[mask] ?? NONE;
}

/**
 * TXT that mail servers, certificate managers and site owners live on: `v=spf1 ...`, `v=DKIM1; ...`, tokens of domain
 * verification, and an ACME challenge (43 characters of base64url, RFC 8555 section 8.4). Anything else is rare for a
 * workload and worth reading.
 */
const COMMON_TEXT =
  /^"?(?:v=(?:spf1|dmarc1|dkim1|stsv1|tlsrptv1|bimi1)\b|ms=ms\d{1,12}"?$|[a-z0-9-]{1,40}verification[=:][\w+/=.-]{1,100}"?$|[\w-]{43}"?$)/i;

function hasUncommonText(event: DnsEvent): boolean {
  for (const answer of event.answers ?? []) {
    if (answer.type === 'TXT' && !COMMON_TEXT.test(answer.data)) return true;
  }
  return false;
}

/** Every combination of signals, by bit mask, so that no event builds a list. */
function listsOf(signals: readonly Signal[]): readonly (readonly Signal[])[] {
  return Array.from({ length: 1 << signals.length }, (_, mask) =>
    signals.filter((_signal, bit) => (mask & (1 << bit)) !== 0),
  );
}
