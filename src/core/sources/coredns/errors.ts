// Reads the messages of CoreDNS about failed queries. They follow the query line, and have no client and no id:
//   [ERROR] plugin/errors: 2 api.example.com. AAAA: read udp 10.0.1.5:39345->10.0.0.2:53: i/o timeout
//   [WARNING] plugin/errors: 4 errors like '^read udp .* i/o timeout$' occurred in last 30s
//   [FATAL] plugin/loop: Loop (127.0.0.1:55953 -> :1053) detected for zone ".", see ... Query: "HINFO 12.34."
// https://github.com/coredns/coredns/blob/master/plugin/errors/errors.go
// https://github.com/coredns/coredns/blob/master/plugin/loop/loop.go
import type { Attributes, DnsEvent } from '../../model/dns-event.ts';
import { isServer } from '../../util/ip-address.ts';
import { durationOf, emptyQuery, errorEvent, isLoopProbe, type LineContext, type Query } from './query.ts';
import { durationNs, isType, nameEnd, responseCodeName } from './values.ts';

/** Plugins whose messages are errors of queries. */
export type ErrorPlugin = 'errors' | 'loop';

/** Reads the message after `plugin/errors: ` or `plugin/loop: `; undefined for an unknown layout. */
export function readError(context: LineContext, plugin: ErrorPlugin, message: string): DnsEvent | undefined {
  if (plugin === 'loop') return readLoop(context, message);
  return readSummary(context, message) ?? readFailure(context, message);
}

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

function readFailure(context: LineContext, message: string): DnsEvent | undefined {
  const code = CODE.exec(message.slice(0, 6));
  if (code?.[1] === undefined) return undefined;
  const nameAt = code[0].length;
  const typeAt = nameEnd(message, nameAt) + 1;
  const colon = typeAt === 0 ? -1 : message.indexOf(': ', typeAt);
  if (colon < 0 || colon - typeAt > 16 || message.charCodeAt(typeAt - 2) !== 0x2e) return undefined;
  const type = message.slice(typeAt, colon);
  if (!isType(type)) return undefined;
  const reason = message.slice(colon + 2);
  const query = emptyQuery();
  query.name = message.slice(nameAt, typeAt - 1);
  query.type = type;
  query.responseCode = responseCodeName(code[1]);
  // The line has no client, so the name alone has to identify a query that CoreDNS sent to itself.
  const extra = reasonAttributes(reason, 'errors');
  return errorEvent(
    context,
    query,
    upstreamOf(query, reason),
    isLoopProbe(query) ? [...extra, SYNTHETIC] : extra,
  );
}

const ARROW = '->';

const NETWORK_ERROR = /^(?:read|write|dial) (?:udp|tcp)/;

/**
 * `10.0.0.2:53` of `read udp 10.0.1.5:39345->10.0.0.2:53: i/o timeout`. If there is other text in its place, such as a
 * masked address, the query becomes partial.
 */
function upstreamOf(query: Query, reason: string): string | undefined {
  const arrow = reason.indexOf(ARROW);
  const end = arrow < 0 ? -1 : reason.indexOf(': ', arrow);
  if (end < 0 || end - arrow > 80) return undefined;
  const address = reason.slice(arrow + ARROW.length, end);
  if (isServer(address)) return address;
  query.isPartial ||= NETWORK_ERROR.test(reason);
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
