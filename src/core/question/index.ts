// What the name of a query tells on its own, and what it tells together with the answer.
import type { DnsEvent } from '../model/dns-event.ts';
import type { QuestionCategory } from '../model/settings.ts';
import type { Signal } from '../model/signal.ts';
import { type DomainInfo, domainInfo } from './domain.ts';
import { nameSignals } from './signals.ts';

/** A queried name: its domain, and the signals that the name alone raises. */
export type Question = { readonly domain: DomainInfo; readonly signals: readonly Signal[] };

/** Describes a name. Summaries of errors have no name. */
export type DescribeQuestion = (name: string | undefined) => Question;

/** Describes a name anew each time: about 2 us. */
export const describeQuestion: DescribeQuestion = (name = '') => {
  const domain = domainInfo(name);
  return { domain, signals: nameSignals(name, domain) };
};

/** An outside name with a search suffix is a search expansion only if no server knew it. */
export const isSearchExpansion = (event: DnsEvent, domain: DomainInfo): boolean =>
  domain.intendedName !== undefined && event.responseCode === 'NXDOMAIN';

/** The category of a query, printed as `dns.question.category`. */
export const categoryOf = (event: DnsEvent, domain: DomainInfo): QuestionCategory =>
  isSearchExpansion(event, domain) ? 'search-expansion' : domain.category;
