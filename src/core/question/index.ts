// Analysis of a question: from its name alone (`describeQuestion`), and together with the response.
import type { DnsEvent } from '../model/dns-event.ts';
import { DEFAULT_SETTINGS, type QuestionCategory } from '../model/settings.ts';
import type { Signal } from '../model/signal.ts';
import { createDomainInfo, type DomainInfo, type DomainSettings } from './domain.ts';
import { nameSignals } from './signals.ts';

/** A question name: its domain, and the signals that the name alone raises. */
export type Question = { readonly domain: DomainInfo; readonly signals: readonly Signal[] };

/** Analyses a question name; undefined for the error summaries of CoreDNS, which have no name. */
export type DescribeQuestion = (name: string | undefined) => Question;

/** Creates the analysis of names for a configuration, without a cache: about 2 us per name. */
export function createDescribeQuestion(settings: DomainSettings): DescribeQuestion {
  const describeDomain = createDomainInfo(settings);
  return (name = '') => {
    const domain = describeDomain(name);
    return { domain, signals: nameSignals(name, domain) };
  };
}

/** `createDescribeQuestion` with the default settings. */
export const describeQuestion = createDescribeQuestion(DEFAULT_SETTINGS);

/** A name of that shape is a search expansion only if it does not exist: a service may have the same name. */
export const isSearchExpansion = (event: DnsEvent, domain: DomainInfo): boolean =>
  domain.intendedName !== undefined && event.responseCode === 'NXDOMAIN';

/** The category of a query, printed as `dns.question.category`. */
export const categoryOf = (event: DnsEvent, domain: DomainInfo): QuestionCategory =>
  isSearchExpansion(event, domain) ? 'search-expansion' : domain.category;
