import type { EscapedSlice } from '../fast-path/escaped-slice.ts';
import type { LogProducer } from './log-line.ts';

/** A value that a record attribute can have. */
export type AttributeValue = string | number | boolean | readonly string[];

/** Source-specific attributes under their final names, in the order to print them. */
export type Attributes = readonly (readonly [name: string, value: AttributeValue])[];

/** Where a record comes from; printed as `log.source`. */
export type LogSourceName = 'coredns' | 'aws.vpcdnsquerylogs' | 'aws.route53.public';

/** Dynatrace log levels that we emit. */
export type LogLevel = 'INFO' | 'WARN' | 'ERROR';

/** One answer of a Resolver record. `data` is the Rdata as text, the final dot cut only where it is a name. */
export type Answer = { readonly data: string; readonly type: string };

/** Pod identity that CoreDNS itself logged (`{/kubernetes/client-*}`); inferred, never exact. */
export type ClientMetadata = {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  /** `{/kubernetes/client-label/<key>}` by key. */
  readonly labels: ReadonlyMap<string, string> | undefined;
};

/** Ids with which the Resolver names its client (`srcids`). */
export type SourceIds = {
  readonly instance: string | undefined;
  readonly resolverEndpoint: string | undefined;
  readonly resolverNetworkInterface: string | undefined;
};

/**
 * What every DNS source tells, in one shape. All members are always present (`undefined` = not logged), so that the
 * engine sees one hidden class per source. Source-specific facts travel in `extra` under their final names.
 */
export type DnsEvent = {
  readonly source: LogSourceName;
  /** Time of the query, epoch ms. */
  readonly timeMs: number;
  /** False when `timeMs` is only the time of arrival. */
  readonly timeIsCertain: boolean;
  /** The line without wrapper and `[INFO] `, or the Resolver JSON as received. */
  readonly content: string | EscapedSlice;
  /** Lower case, no final dot, the root is `.`; as CoreDNS prints it, escapes included. Absent only in summaries of errors. */
  readonly name: string | undefined;
  /** `A`, `HTTPS`, `TYPE65280`. */
  readonly type: string | undefined;
  /** Only when it is not `IN`. */
  readonly class: string | undefined;
  /** Upper-case name, or the number as text. */
  readonly responseCode: string | undefined;
  /** False when CoreDNS saw no response (`- - 0`); the response code is then absent. */
  readonly responseSeen: boolean;
  readonly id: string | undefined;
  /** `qr,rd,ra` as logged; empty text: no flag was set. */
  readonly headerFlags: string | undefined;
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
  readonly durationNs: number | undefined;
  readonly opCode: string | undefined;
  readonly ednsDo: boolean | undefined;
  readonly ednsUdpSize: number | undefined;
  readonly upstream: string | undefined;
  /** Without brackets; zone kept. */
  readonly clientIp: string | undefined;
  readonly clientPort: number | undefined;
  readonly transport: string | undefined;
  readonly clientMetadata: ClientMetadata | undefined;
  readonly sourceIds: SourceIds | undefined;
  /** Who printed the line (CoreDNS). */
  readonly producer: LogProducer | undefined;
  readonly answers: readonly Answer[] | undefined;
  /** How many answers there were before the cap of 32. */
  readonly answerCount: number | undefined;
  /** As logged by the source; else the envelope's and the function's. */
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  readonly vpcId: string | undefined;
  /** `ALERT` or `BLOCK`, upper case. */
  readonly firewallAction: string | undefined;
  /** True for what `plugin/errors` and `plugin/loop` print. */
  readonly isError: boolean;
  /** True when name and type were understood but not all the rest. */
  readonly isPartial: boolean;
  readonly extra: Attributes;
};

/** An event in the making, or one object that serves event after event. */
export type DnsEventDraft = { -readonly [K in keyof DnsEvent]: DnsEvent[K] };

const NO_EXTRA: Attributes = [];

/** An event of which nothing is known but where it comes from. */
export const emptyEvent = (source: LogSourceName): DnsEventDraft => ({
  source,
  timeMs: 0,
  timeIsCertain: true,
  content: '',
  name: undefined,
  type: undefined,
  class: undefined,
  responseCode: undefined,
  responseSeen: true,
  id: undefined,
  headerFlags: undefined,
  requestBytes: undefined,
  responseBytes: undefined,
  durationNs: undefined,
  opCode: undefined,
  ednsDo: undefined,
  ednsUdpSize: undefined,
  upstream: undefined,
  clientIp: undefined,
  clientPort: undefined,
  transport: undefined,
  clientMetadata: undefined,
  sourceIds: undefined,
  producer: undefined,
  answers: undefined,
  answerCount: undefined,
  accountId: undefined,
  region: undefined,
  vpcId: undefined,
  firewallAction: undefined,
  isError: false,
  isPartial: false,
  extra: NO_EXTRA,
});
