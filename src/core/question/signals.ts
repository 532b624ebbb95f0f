// Hints for threat hunting, derived from one query alone: a DNS tunnel encodes data in names below a domain that the
// attacker owns, and receives commands in TXT answers. https://attack.mitre.org/techniques/T1071/004/
import type { DnsEvent } from '../model/dns-event.ts';
import type { QuestionCategory } from '../model/settings.ts';
import { SIGNALS, type Signal } from '../model/signal.ts';
import { hasDataByDesign } from './data-by-design.ts';
import type { DomainInfo } from './domain.ts';
import { hasMetadataAnswer } from './metadata-answer.ts';
import { measureSubdomain, type Subdomain } from './subdomain.ts';

/**
 * Thresholds for the subdomain (the part before the registered domain). The usual rules of thumb (52 characters of a
 * whole name in "Detecting DNS Tunneling", SANS 2013; entropy of 3.5 to 4.5 bits) also match harmless names of cloud
 * services, so these values are measured: `npm run bench:signals` prints the share of harmless names that they match
 * and the share of tunnelled names that they miss.
 */
export const THRESHOLDS = {
  /** `long-name`: symbols without the dots. GUID, region and service of a cloud take up to about 75. */
  longNameSymbols: 90,
  /** `deep-name`: labels. Chains of CDN names reach 6. */
  deepNameLabels: 9,
  /** `hex-label`: hex digits in one chunk. Many services use an MD5 or a GUID (32 digits) as a name; longer ones are rare. */
  hexLabelDigits: 34,
  /** `hex-label`: hex digits in all labels. Certificate authorities prove domain control with two MD5 (64 digits). */
  hexNameDigits: 65,
  /** `high-entropy`: bits per symbol. Hex cannot exceed 4, English with digits stays below 4.3. */
  entropyBits: 4.3,
  /** `high-entropy`: least number of symbols. In shorter text a high entropy is chance. */
  entropySymbols: 30,
  /**
   * `high-entropy` of text, CSV and JSON in base32 or base64, whose entropy is that of a long name: least number of
   * symbols, and of runs of digits between letters of one chunk.
   */
  encodedSymbols: 44,
  encodedDigitRuns: 2,
} as const;

/** A shorter subdomain reaches no threshold: so many labels of one symbol, with their dots. */
const MIN_SUBDOMAIN = 2 * THRESHOLDS.deepNameLabels;

/** A `DomainInfo`, or one with the final category of an event. */
type CheckedDomain = Pick<
  DomainInfo,
  'registeredDomain' | 'isPunycode' | 'isInSearchDomain' | 'isPrivate'
> & {
  readonly category: QuestionCategory;
};

const NO_SIGNALS: readonly Signal[] = [];
/** The bit of `punycode` in the masks of `NAME_SIGNAL_LISTS`. */
const PUNYCODE = 16;
const NAME_SIGNAL_LISTS = combinationsOf(SIGNALS.slice(0, 5));
const EVENT_SIGNAL_LISTS = combinationsOf(SIGNALS.slice(5));

/**
 * Signals of a name alone, in the order of `SIGNALS`. Equal results are the same shared list.
 * Only external names are checked: queries below the domains of AWS, of the cluster and of the network do not leave them,
 * so they cannot be a tunnel.
 * `name` is in lower case, with escapes as CoreDNS or the Resolver prints them.
 */
export function nameSignals(name: string, domain: CheckedDomain): readonly Signal[] {
  const { registeredDomain } = domain;
  if (domain.category !== 'external' || domain.isInSearchDomain) return NO_SIGNALS;
  if (hasDataByDesign(registeredDomain)) return NO_SIGNALS;
  let mask = domain.isPunycode ? PUNYCODE : 0;
  const isShort = name.length - (registeredDomain?.length ?? 0) < MIN_SUBDOMAIN;
  if (domain.isPrivate || isShort) return NAME_SIGNAL_LISTS[mask] ?? NO_SIGNALS;
  const sub = measureSubdomain(name, registeredDomain);
  if (sub.symbols >= THRESHOLDS.longNameSymbols) mask |= 1;
  if (sub.labels >= THRESHOLDS.deepNameLabels) mask |= 2;
  if (isEncoded(sub)) mask |= 4;
  if (isHex(sub)) mask |= 8;
  return NAME_SIGNAL_LISTS[mask] ?? NO_SIGNALS;
}

const isEncoded = (sub: Subdomain): boolean =>
  (sub.dataSymbols >= THRESHOLDS.encodedSymbols && sub.mostDigitRuns >= THRESHOLDS.encodedDigitRuns) ||
  (sub.dataSymbols >= THRESHOLDS.entropySymbols && sub.entropyBits() >= THRESHOLDS.entropyBits);

const isHex = (sub: Subdomain): boolean =>
  sub.longestHex >= THRESHOLDS.hexLabelDigits || sub.hexDigits >= THRESHOLDS.hexNameDigits;

/**
 * Signals of one event other than those of its name, printed after them. The lists are shared and must not be changed.
 * `bypassesCoreDns`: a pod other than CoreDNS queried the Route 53 Resolver directly.
 */
export function eventSignals(
  event: DnsEvent,
  domain: DomainInfo,
  bypassesCoreDns: boolean,
): readonly Signal[] {
  let mask = 0;
  if (event.answers !== undefined && hasUncommonText(event)) mask |= 1;
  if (event.firewallAction === 'ALERT') mask |= 2;
  if (event.firewallAction === 'BLOCK') mask |= 4;
  if (bypassesCoreDns) mask |= 8;
  if (hasMetadataAnswer(event, domain)) mask |= 16;
  return EVENT_SIGNAL_LISTS[mask] ?? NO_SIGNALS;
}

/** All signals of an event, in the order of `SIGNALS`: those of its name, and its own. */
export function signalsOf(
  event: DnsEvent,
  question: { readonly domain: DomainInfo; readonly signals: readonly Signal[] },
  bypassesCoreDns: boolean,
): readonly Signal[] {
  const raised = eventSignals(event, question.domain, bypassesCoreDns);
  return raised.length === 0 ? question.signals : [...question.signals, ...raised];
}

/**
 * TXT that mail servers, certificate managers and site owners need: `v=spf1 ...`, `v=DKIM1; ...`, tokens of domain
 * verification, and an ACME challenge (43 characters of base64url, RFC 8555 section 8.4). Workloads rarely query any
 * other TXT.
 */
const COMMON_TEXT =
  /^"?(?:v=(?:spf1|dmarc1|dkim1|stsv1|tlsrptv1|bimi1)\b|ms=ms\d{1,12}"?$|[a-z0-9-]{1,40}verification[=:][\w+/=.-]{1,100}"?$|[\w-]{43}"?$)/i;

function hasUncommonText(event: DnsEvent): boolean {
  for (const answer of event.answers ?? []) {
    if (answer.type === 'TXT' && !COMMON_TEXT.test(answer.data)) return true;
  }
  return false;
}

/** Every combination of signals, indexed by bit mask, so that no list is created per event. */
function combinationsOf(signals: readonly Signal[]): readonly (readonly Signal[])[] {
  return Array.from({ length: 1 << signals.length }, (_, mask) =>
    signals.filter((_signal, bit) => (mask & (1 << bit)) !== 0),
  );
}
