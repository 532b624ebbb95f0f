import type { EncodedText } from './encoded-text.ts';
import type { LogProducer, Proof } from './log-line.ts';
import type { LogSourceName } from './log-sources.ts';

/** A value that a record attribute can have. */
export type AttributeValue = string | number | boolean | readonly string[];

/** Source-specific attributes under their final names, in the order to print them. */
export type Attributes = readonly (readonly [name: string, value: AttributeValue])[];

/** Levels of records, in the words of Dynatrace. `DEBUG` and `FATAL` only where CoreDNS printed them. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

/** One of `LOG_LEVELS`, printed as `loglevel`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One answer of a Resolver record. `data` is the Rdata as text; the final dot is removed only where it is a name. */
export type Answer = { readonly data: string; readonly type: string };

/** Pod identity that CoreDNS itself logged with its `metadata` plugin (`{/kubernetes/client-*}`): inferred, never exact. */
export type ClientMetadata = {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  /** `{/kubernetes/client-label/<key>}` by key. */
  readonly labels: ReadonlyMap<string, string> | undefined;
};

/** Ids by which the Resolver names its client (`srcids`). */
export type SourceIds = {
  readonly instance: string | undefined;
  readonly resolverEndpoint: string | undefined;
  readonly resolverNetworkInterface: string | undefined;
};

/**
 * One DNS query or error, in one shape for all sources. All members are always present (`undefined` = not logged), so
 * that V8 sees one hidden class. Attributes that only one source has are in `extra`, under their final names.
 */
export type DnsEvent = {
  readonly source: LogSourceName;
  /** Time of the query, epoch ms. */
  readonly timeMs: number;
  /** False when `timeMs` is only the time of arrival. */
  readonly timeIsCertain: boolean;
  /** The line without wrapper and `[INFO] `, or the Resolver JSON as received. */
  readonly content: string | EncodedText;
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
  /** The container that printed the line (CoreDNS), as far as it is believed. */
  readonly producer: LogProducer | undefined;
  /** What proves that the line is genuine. */
  readonly proof: Proof;
  readonly answers: readonly Answer[] | undefined;
  /** Number of answers before the limit of 32 was applied. */
  readonly answerCount: number | undefined;
  /** Account and region as logged; where they are not, the record has the envelope's account and the function's region. */
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  readonly vpcId: string | undefined;
  /** `ALERT`, `BLOCK` or, in logs of other tools, `ALLOW`; upper case. */
  readonly firewallAction: string | undefined;
  /** True for lines of `plugin/errors` and `plugin/loop`. */
  readonly isError: boolean;
  /** The level that CoreDNS printed before an error. */
  readonly printedLevel: LogLevel | undefined;
  /** True when name and type were parsed, but not the whole line. */
  readonly isPartial: boolean;
  /** True when `content` holds further lines, which are in no record of their own: the event must not be dropped. */
  readonly isFirstOfSeveral: boolean;
  readonly extra: Attributes;
};

/** An event under construction, or one object that is reused for event after event. */
export type DnsEventDraft = { -readonly [K in keyof DnsEvent]: DnsEvent[K] };

const NO_EXTRA: Attributes = [];

/** An event with only its source set. */
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
  proof: 'nothing',
  answers: undefined,
  answerCount: undefined,
  accountId: undefined,
  region: undefined,
  vpcId: undefined,
  firewallAction: undefined,
  isError: false,
  printedLevel: undefined,
  isPartial: false,
  isFirstOfSeveral: false,
  extra: NO_EXTRA,
});
