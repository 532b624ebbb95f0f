// What the DNS records of a setup cost a day: from what was measured, otherwise an estimate per 100 queries a second.

import { readFlow } from '../doctor/flow-checks.ts';
import type { Situation } from './situation.ts';

/**
 * USD per million queries of the whole chain (CloudWatch, Firehose, Lambda, Dynatrace), by `npm run bench:bill`;
 * docs/cost.md has the calculation, and a test compares.
 */
export const USD_PER_MILLION = {
  default: 0.625,
  lean: 0.457,
  lookup: 0.364,
  'lookup and lean': 0.339,
} as const;
/** Settings whose bill was measured. */
export type Billed = keyof typeof USD_PER_MILLION;

/**
 * USD per million Resolver records, by the same prices: an event of 547 bytes in CloudWatch, a record of 2,180 bytes in
 * Dynatrace for 35 days.
 */
export const RESOLVER_USD_PER_MILLION = 0.71;

/** The metrics of the function, USD per day: 32 at 0.30 a month. */
const METRICS_USD = 0.32;

const DAY_SECONDS = 86_400;
const ESTIMATED_PER_SECOND = 100;

/** The cost of a day. */
export type Cost = {
  readonly usdPerDay: number;
  readonly isEstimate: boolean;
  /** `100 CoreDNS queries a second`, `1200 CoreDNS queries and 300 Resolver records in the last hour` */
  readonly basis: string;
  /** The same with the settings that save most. */
  readonly usdWithLookupAndLean: number;
};

/** Which row of the measured bill fits the function's settings; without a function, the defaults. */
export function billedAs(variables: Readonly<Record<string, string>>): Billed {
  const isLean = (variables.OMIT ?? '').split(',').includes('lean');
  const merges = variables.AGGREGATE === 'lookup';
  return merges ? (isLean ? 'lookup and lean' : 'lookup') : isLean ? 'lean' : 'default';
}

/** The cost of so many queries and Resolver records a day. */
const usdOf = (billed: Billed, queries: number, resolverRecords: number): number =>
  (queries * USD_PER_MILLION[billed] + resolverRecords * RESOLVER_USD_PER_MILLION) / 1e6 + METRICS_USD;

/** Reads the last hour where DNS is logged already; otherwise estimates. */
export async function costOf({ aws, stream, dnsFunction }: Situation): Promise<Cost> {
  const billed = billedAs(dnsFunction?.variables ?? {});
  const flow =
    dnsFunction === undefined ? new Map<string, number>() : await readFlow(aws, stream, dnsFunction);
  const queries = flow.get('EventsCoreDns') ?? 0;
  const records = flow.get('EventsResolver') ?? 0;
  const of = (perDay: number, resolver: number) => ({
    usdPerDay: usdOf(billed, perDay, resolver),
    usdWithLookupAndLean: usdOf('lookup and lean', perDay, resolver),
  });
  if (queries + records > 0)
    return {
      ...of(queries * 24, records * 24),
      isEstimate: false,
      basis: `${queries} CoreDNS queries and ${records} Resolver records in the last hour`,
    };
  return {
    ...of(ESTIMATED_PER_SECOND * DAY_SECONDS, 0),
    isEstimate: true,
    basis: `${ESTIMATED_PER_SECOND} CoreDNS queries a second`,
  };
}

/** One line: `about 5.72 USD a day for ... (estimate); 3.25 with ...`. */
export const costText = ({ usdPerDay, isEstimate, basis, usdWithLookupAndLean }: Cost): string =>
  `about ${usdPerDay.toFixed(2)} USD a day for ${basis} (${isEstimate ? 'an estimate' : 'measured'}, list prices);\n` +
  `${usdWithLookupAndLean.toFixed(2)} with AGGREGATE=lookup and OMIT=lean (docs/cost.md)`;
