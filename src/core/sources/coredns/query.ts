import type { EscapedSlice } from '../../fast-path/escaped-slice.ts';
import { type Attributes, type ClientMetadata, type DnsEvent, emptyEvent } from '../../model/dns-event.ts';
import type { LogProducer } from '../../model/log-line.ts';
import { readMetadata } from './metadata.ts';

/** What a query line tells; values as CoreDNS prints them, but for `-`, which is undefined (see `responseCode`). */
export type Query = {
  /** Without brackets. */
  clientIp: string | undefined;
  clientPort: number | undefined;
  id: string | undefined;
  type: string | undefined;
  class: string | undefined;
  /** With its final dot. */
  name: string | undefined;
  transport: string | undefined;
  requestBytes: number | undefined;
  ednsDo: boolean | undefined;
  ednsUdpSize: number | undefined;
  /** `-` is kept here and in the flags: it tells that CoreDNS saw no response. */
  responseCode: string | undefined;
  headerFlags: string | undefined;
  responseBytes: number | undefined;
  durationNs: number | undefined;
  opCode: string | undefined;
  /** `{local}`, the server's address. */
  local: string | undefined;
  /** `{/label}` and value. */
  metadata: (readonly [label: string, value: string])[] | undefined;
  isPartial: boolean;
};

/** A query of which nothing is known. */
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
  };
}

/** What is known of a line beside its query; `content` is its text without the prefix. */
export type Context = {
  readonly timeMs: number;
  readonly timeIsCertain: boolean;
  readonly content: string | EscapedSlice;
  readonly producer: LogProducer | undefined;
};

const NO_EXTRA: Attributes = [];
const SYNTHETIC = ['dns.synthetic', true] as const;

/** Turns a query line into the event that all sources share. */
export function queryEvent(context: Context, query: Query): DnsEvent {
  if (query.metadata === undefined) {
    return makeEvent(context, query, false, undefined, undefined, extraOf(query, NO_EXTRA));
  }
  const { upstream, clientMetadata, extra } = readMetadata(query.metadata);
  return makeEvent(context, query, false, upstream, clientMetadata, extraOf(query, extra));
}

/** What only CoreDNS tells, in the order of the record's fields. */
function extraOf(query: Query, metadata: Attributes): Attributes {
  const { local } = query;
  // A wildcard socket knows no address of its own.
  const hasAddress = local !== undefined && local !== '::' && local !== '0.0.0.0';
  const isSelf = isSelfProbe(query);
  if (!hasAddress && !isSelf) return metadata;
  return [
    ...(hasAddress ? [['server.address', local] as const] : NO_EXTRA),
    ...metadata,
    ...(isSelf ? [SYNTHETIC] : NO_EXTRA),
  ];
}

/** Turns what `plugin/errors` or `plugin/loop` said into an event. */
export function errorEvent(
  context: Context,
  query: Query,
  upstream: string | undefined,
  extra: Attributes,
): DnsEvent {
  return makeEvent(context, query, true, upstream, undefined, extra);
}

function makeEvent(
  { timeMs, timeIsCertain, content, producer }: Context,
  query: Query,
  isError: boolean,
  upstream: string | undefined,
  clientMetadata: ClientMetadata | undefined,
  extra: Attributes,
): DnsEvent {
  const seen = query.headerFlags !== '-' && query.responseCode !== '-';
  return Object.assign(emptyEvent('coredns'), {
    timeMs,
    timeIsCertain,
    content,
    name: query.name === undefined ? undefined : plainName(query.name),
    type: query.type,
    class: query.class === 'IN' ? undefined : query.class,
    responseCode: seen ? query.responseCode : undefined,
    responseSeen: seen,
    id: query.id,
    headerFlags: seen ? query.headerFlags : undefined,
    requestBytes: query.requestBytes,
    responseBytes: seen ? query.responseBytes : undefined,
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
    isPartial: query.isPartial,
    extra,
  });
}

/** Lower case, without the final dot; the root stays `.`. */
function plainName(name: string): string {
  const plain = name.length > 1 && name.charCodeAt(name.length - 1) === 0x2e ? name.slice(0, -1) : name;
  // CoreDNS has lowered it already; looking is cheaper than lowering again.
  for (let i = 0; i < plain.length; i++) {
    const code = plain.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) return plain.toLowerCase();
  }
  return plain;
}

// Two numbers of 63 bits each: shorter ones are an address in a reverse zone, or one in a thousand million.
const PROBE_NAME = /^\d{10,19}\.\d{10,19}\.(?:\S+\.)?$/;

/**
 * Whether this is what CoreDNS's `loop` plugin asks at start: `HINFO IN <random>.<random>.<zone>`
 * https://github.com/coredns/coredns/blob/master/plugin/loop/setup.go
 */
export function isProbe(query: Query): boolean {
  return query.type === 'HINFO' && query.name !== undefined && PROBE_NAME.test(query.name);
}

/** The plugin asks the first address that CoreDNS listens on: NodeLocal DNSCache binds to a link-local one. */
const OWN_ADDRESS = /^(?:127\.|169\.254\.|fe80:|::1$)/;

/** Asked by CoreDNS itself. */
function isSelfProbe(query: Query): boolean {
  return isProbe(query) && query.clientIp !== undefined && OWN_ADDRESS.test(query.clientIp);
}
