import {
  type Attributes,
  type ClientMetadata,
  type DnsEvent,
  emptyEvent,
  type LogLevel,
} from '../../model/dns-event.ts';
import type { EncodedText } from '../../model/encoded-text.ts';
import type { LogProducer } from '../../model/log-line.ts';
import { isAddress, portOf, withoutBrackets } from '../../util/ip-address.ts';
import { readMetadata } from './metadata.ts';
import { TOO_LONG } from './values.ts';

/** The values of a query line as CoreDNS prints them; undefined for `-` and for values that are not logged. */
export type Query = {
  /** Without brackets. */
  clientIp: string | undefined;
  clientPort: number | undefined;
  id: string | undefined;
  type: string | undefined;
  class: string | undefined;
  /** With the final dot. */
  name: string | undefined;
  transport: string | undefined;
  requestBytes: number | undefined;
  ednsDo: boolean | undefined;
  ednsUdpSize: number | undefined;
  /** May be `-`, as may `headerFlags`: CoreDNS saw no response. */
  responseCode: string | undefined;
  headerFlags: string | undefined;
  responseBytes: number | undefined;
  durationNs: number | undefined;
  opCode: string | undefined;
  /** `{local}`: address of the socket on which CoreDNS received the query. */
  local: string | undefined;
  /** Labels and values of `{/label}`. */
  metadata: (readonly [label: string, value: string])[] | undefined;
  isPartial: boolean;
  /** Whether other lines follow in the same text, which are in no record of their own. */
  isFirstOfSeveral: boolean;
};

/** A query without values, to be filled. */
export function emptyQuery(): Query {
  return {
    clientIp: undefined,
    clientPort: undefined,
    id: undefined,
    type: undefined,
    class: undefined,
    name: undefined,
    transport: undefined,
    requestBytes: undefined,
    ednsDo: undefined,
    ednsUdpSize: undefined,
    responseCode: undefined,
    headerFlags: undefined,
    responseBytes: undefined,
    durationNs: undefined,
    opCode: undefined,
    local: undefined,
    metadata: undefined,
    isPartial: false,
    isFirstOfSeveral: false,
  };
}

const isMissing = (value: string): boolean => value === '' || value === '-';

/**
 * The address that CoreDNS printed, without brackets; undefined if it is missing. Text that is not an address, such as a
 * masked one, gives undefined and makes the query partial: the text is only in `content`.
 */
export function addressOf(query: Query, value: string): string | undefined {
  if (isMissing(value)) return undefined;
  const address = withoutBrackets(value);
  if (isAddress(address)) return address;
  query.isPartial = true;
  return undefined;
}

/** The port that CoreDNS printed, in the same way as `addressOf`. */
export function portIn(query: Query, value: string): number | undefined {
  if (isMissing(value)) return undefined;
  const port = portOf(value);
  if (port === undefined) query.isPartial = true;
  return port;
}

/** A duration in ns, in the same way as `addressOf`: one that is too long for an exact number is left out. */
export function durationOf(query: Query, durationNs: number | undefined): number | undefined {
  if (durationNs !== TOO_LONG) return durationNs;
  query.isPartial = true;
  return undefined;
}

/** The properties of a line other than its query. `content` is the text without wrapper, time and `[INFO] `. */
export type LineContext = {
  readonly timeMs: number;
  readonly timeIsCertain: boolean;
  readonly content: string | EncodedText;
  readonly producer: LogProducer | undefined;
  /** The level that CoreDNS printed. */
  readonly level: LogLevel | undefined;
};

const NO_EXTRA: Attributes = [];
const SYNTHETIC = ['dns.synthetic', true] as const;

/** Creates the event of a query line. */
export function queryEvent(context: LineContext, query: Query): DnsEvent {
  if (query.metadata === undefined) {
    return createEvent(context, query, false, undefined, undefined, extraAttributes(query, NO_EXTRA));
  }
  const { upstream, isUpstreamValid, clientMetadata, extra } = readMetadata(query.metadata);
  query.isPartial ||= !isUpstreamValid;
  return createEvent(context, query, false, upstream, clientMetadata, extraAttributes(query, extra));
}

/** Attributes that only CoreDNS logs have, in the order of the record's fields. */
function extraAttributes(query: Query, metadata: Attributes): Attributes {
  const { local } = query;
  // A socket that is bound to every address prints the unspecified address.
  const hasAddress = local !== undefined && local !== '::' && local !== '0.0.0.0';
  const isSynthetic = isOwnLoopProbe(query);
  if (!hasAddress && !isSynthetic) return metadata;
  return [
    ...(hasAddress ? [['server.address', local] as const] : NO_EXTRA),
    ...metadata,
    ...(isSynthetic ? [SYNTHETIC] : NO_EXTRA),
  ];
}

/** Creates the event of a message of `plugin/errors` or `plugin/loop`. */
export function errorEvent(
  context: LineContext,
  query: Query,
  upstream: string | undefined,
  extra: Attributes,
): DnsEvent {
  return createEvent(context, query, true, upstream, undefined, extra);
}

function createEvent(
  { timeMs, timeIsCertain, content, producer, level }: LineContext,
  query: Query,
  isError: boolean,
  upstream: string | undefined,
  clientMetadata: ClientMetadata | undefined,
  extra: Attributes,
): DnsEvent {
  const responseSeen = query.headerFlags !== '-' && query.responseCode !== '-';
  return Object.assign(emptyEvent('coredns'), {
    timeMs,
    timeIsCertain,
    content,
    name: query.name === undefined ? undefined : normalisedName(query.name),
    type: query.type,
    class: query.class === 'IN' ? undefined : query.class,
    responseCode: responseSeen ? query.responseCode : undefined,
    responseSeen,
    id: query.id,
    headerFlags: responseSeen ? query.headerFlags : undefined,
    requestBytes: query.requestBytes,
    responseBytes: responseSeen ? query.responseBytes : undefined,
    durationNs: query.durationNs,
    opCode: query.opCode,
    ednsDo: query.ednsDo,
    ednsUdpSize: query.ednsUdpSize,
    upstream,
    clientIp: query.clientIp,
    clientPort: query.clientPort,
    transport: query.transport,
    clientMetadata,
    producer,
    isError,
    printedLevel: isError ? level : undefined,
    isPartial: query.isPartial,
    isFirstOfSeveral: query.isFirstOfSeveral,
    extra,
  });
}

/** Lower case, without the final dot; the root stays `.`. */
function normalisedName(name: string): string {
  const relative = name.length > 1 && name.charCodeAt(name.length - 1) === 0x2e ? name.slice(0, -1) : name;
  // CoreDNS prints lower case in nearly all lines, and a check is cheaper than a conversion.
  for (let i = 0; i < relative.length; i++) {
    const code = relative.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) return relative.toLowerCase();
  }
  return relative;
}

// Two random numbers of 63 bits. Shorter numbers are almost certainly an address in a reverse zone.
const LOOP_PROBE_NAME = /^\d{10,19}\.\d{10,19}\.(?:\S+\.)?$/;

/**
 * Whether this is the query that CoreDNS's `loop` plugin sends at start-up: `HINFO IN <random>.<random>.<zone>`
 * https://github.com/coredns/coredns/blob/master/plugin/loop/setup.go
 */
export function isLoopProbe(query: Query): boolean {
  return query.type === 'HINFO' && query.name !== undefined && LOOP_PROBE_NAME.test(query.name);
}

/** The plugin queries the first address that CoreDNS listens on. NodeLocal DNSCache binds to a link-local address. */
const OWN_ADDRESS = /^(?:127\.|169\.254\.|fe80:|::1$)/;

/** Whether CoreDNS sent this loop probe to itself. A probe from another address passed through another resolver. */
function isOwnLoopProbe(query: Query): boolean {
  return isLoopProbe(query) && query.clientIp !== undefined && OWN_ADDRESS.test(query.clientIp);
}
