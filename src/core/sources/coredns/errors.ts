// Reads the messages of CoreDNS about failed queries. They follow the query line, and have no client and no id:
//   [ERROR] plugin/errors: 2 api.example.com. AAAA: read udp 10.0.1.5:39345->10.0.0.2:53: i/o timeout
//   [WARNING] plugin/errors: 4 errors like '^read udp .* i/o timeout$' occurred in last 30s
//   [FATAL] plugin/loop: Loop (127.0.0.1:55953 -> :1053) detected for zone ".", see ... Query: "HINFO 12.34."
// https://github.com/coredns/coredns/blob/master/plugin/errors/errors.go
// https://github.com/coredns/coredns/blob/master/plugin/loop/loop.go
import type { Attributes, DnsEvent } from '../../model/dns-event.ts';
import { isServer } from '../../util/ip-address.ts';
import { messageEnd, withoutFinalBlanks } from './prefix.ts';
import { durationOf, emptyQuery, errorEvent, isLoopProbe, type LineContext, type Query } from './query.ts';
import { durationNs, isType, nameEnd, responseCodeName } from './values.ts';

/** Plugins whose messages are errors of queries. */
export type ErrorPlugin = 'errors' | 'loop';

/** Reads the message after `plugin/errors: ` or `plugin/loop: `; undefined for an unknown layout. */
export function readError(context: LineContext, plugin: ErrorPlugin, message: string): DnsEvent | undefined {
  const first = firstLine(message);
  if (plugin === 'loop') return readLoop(context, first);
  return readSummary(context, first) ?? readSummary(context, message) ?? readFailure(context, message);
}

/** A message without another line that a log shipper glued to it. */
const firstLine = (message: string): string => withoutFinalBlanks(message.slice(0, messageEnd(message)));

const SUMMARY_START = /^(\d{1,15}) errors like '/;
const SUMMARY_END = /^' occurr?ed in last (\S{1,40})$/;

function readSummary(context: LineContext, message: string): DnsEvent | undefined {
  const start = SUMMARY_START.exec(message.slice(0, 40));
  const endAt = message.lastIndexOf("' occur");
  const end = endAt < 0 ? null : SUMMARY_END.exec(message.slice(endAt));
  const period = durationNs(end?.[1] ?? '');
  if (start === null || period === undefined) return undefined;
  const query = emptyQuery();
  const periodNs = durationOf(query, period);
  return errorEvent(context, query, undefined, [
    FAILURE,
    ['event.reason', message.slice(start[0].length, endAt)],
    ['log.logger', 'plugin/errors'],
    ['coredns.errors.count', Number(start[1])],
    ...(periodNs === undefined ? [] : [['coredns.errors.period_seconds', periodNs / 1e9] as const]),
  ]);
}

const CODE = /^(\d{1,5}) /;

/**
 * Reads `2 api.example.com. AAAA: read udp ...`. The code is 0 where a plugin has already answered, as `rewrite` does with
 * SERVFAIL: then the client's response code is unknown.
 */
export function readFailure(context: LineContext, message: string): DnsEvent | undefined {
  const text = firstLine(message);
  const code = CODE.exec(text.slice(0, 6));
  if (code?.[1] === undefined) return undefined;
  const nameAt = code[0].length;
  const typeAt = nameEnd(text, nameAt) + 1;
  const colon = typeAt === 0 ? -1 : text.indexOf(':', typeAt);
  if (colon < 0 || colon - typeAt > 16 || text.charCodeAt(typeAt - 2) !== 0x2e) return undefined;
  const type = text.slice(typeAt, colon);
  if (!isType(type) || (text.charCodeAt(colon + 1) !== 0x20 && colon + 1 < text.length)) return undefined;
  const reason = text.slice(colon + 2);
  const query = emptyQuery();
  query.name = text.slice(nameAt, typeAt - 1);
  query.type = type;
  query.responseCode = Number(code[1]) === 0 ? undefined : responseCodeName(code[1]);
  // The line has no client, so the name alone has to identify a query that CoreDNS sent to itself.
  const extra = reasonAttributes(reason, 'errors');
  return errorEvent(
    context,
    query,
    upstreamOf(query, reason),
    isLoopProbe(query) ? [...extra, SYNTHETIC] : extra,
  );
}

/** An error of Go's network package, alone or behind what a plugin or an HTTP client puts before it. */
const NETWORK_ERROR = /(?:^|[ "(])(?:read|write|dial) (?:udp|tcp)[46]? /;
/** The look-up of an upstream's name: its address is that of the server that was asked for it. */
const NAME_LOOKUP = /(?:^|[ "(])lookup \S+ on /;
const ARROW = '->';
const MAX_ADDRESS = 80;

/**
 * `10.0.0.2:53` of `read udp 10.0.1.5:39345->10.0.0.2:53: i/o timeout` and of `dial tcp 10.0.0.2:53: i/o timeout`. If there
 * is other text in its place, such as a masked address, the query becomes partial.
 */
function upstreamOf(query: Query, reason: string): string | undefined {
  if (NAME_LOOKUP.test(reason)) return undefined;
  const error = NETWORK_ERROR.exec(reason);
  const from = error === null ? 0 : error.index + error[0].length;
  const arrow = reason.indexOf(ARROW, from);
  const firstEnd = reason.indexOf(': ', from);
  // Without an arrow before the colon, there is one address: it was dialled.
  const isPair = arrow >= 0 && (error === null || arrow < firstEnd);
  if (error === null && !isPair) return undefined;
  const at = isPair ? arrow + ARROW.length : from;
  const end = reason.indexOf(': ', at);
  if (end < 0 || end - at > MAX_ADDRESS) return undefined;
  const upstream = reason.slice(at, end);
  if (isServer(upstream)) return upstream;
  query.isPartial ||= error !== null;
  return undefined;
}

const QUERY_PREFIX = 'Query: "';
const SEE_PREFIX = ', see ';

function readLoop(context: LineContext, message: string): DnsEvent | undefined {
  const queryAt = message.indexOf(QUERY_PREFIX);
  if (!message.startsWith('Loop (') || queryAt < 0) return undefined;
  const typeAt = queryAt + QUERY_PREFIX.length;
  const space = message.indexOf(' ', typeAt);
  if (space < 0 || !message.endsWith('"')) return undefined;
  const query = emptyQuery();
  query.type = message.slice(typeAt, space);
  query.name = message.slice(space + 1, -1);
  if (!isType(query.type) || !query.name.endsWith('.')) return undefined;
  const seeAt = message.indexOf(SEE_PREFIX);
  const reason = message.slice(0, seeAt < 0 || seeAt > queryAt ? queryAt : seeAt).trimEnd();
  return errorEvent(context, query, undefined, [...reasonAttributes(reason, 'loop'), SYNTHETIC]);
}

const FAILURE = ['event.outcome', 'failure'] as const;

const SYNTHETIC = ['dns.synthetic', true] as const;

const reasonAttributes = (reason: string, plugin: ErrorPlugin): Attributes => [
  FAILURE,
  ['event.reason', reason],
  ['log.logger', `plugin/${plugin}`],
];
