// One normalized record (design section 4), written as text: {"timestamp":"2026-11-23T14:16:47.073Z","content":...}
import type { Attributed } from '../model/client.ts';
import type { AttributeValue, DnsEvent } from '../model/dns-event.ts';
import type { Signal } from '../model/signal.ts';
import { answersText } from './answers-text.ts';
import { type Caps, capped } from './caps.ts';
import { createOriginText, type Fragments, type Origin } from './fragments.ts';
import type { JsonText } from './json-text.ts';
import { logLevelOf } from './log-level.ts';
import type { NameFacts } from './names.ts';

/** An outside name with a search suffix is an expansion only when nobody knew it. */
export const isSearchExpansion = (event: DnsEvent, names: NameFacts): boolean =>
  names.intendedName !== undefined && event.responseCode === 'NXDOMAIN';

/** Writes one record: who asked, what was asked, what came back. */
export type RecordText = (
  event: DnsEvent,
  names: NameFacts,
  who: Attributed,
  signals: readonly Signal[],
) => string;

/**
 * The writer of normalized records; fields come in the order of `RECORD_FIELDS` (model/record.ts), absent ones are left
 * out. One per envelope; what repeats comes from the batch's fragments.
 */
export function createRecordText(shared: Fragments, origin: Origin): RecordText {
  const { json, timestamp, question } = shared;
  const { q } = json;
  const k = createKeys(json);
  const originText = createOriginText(shared, origin);
  const repeating = createRepeating(shared);
  const level = { INFO: `${q}INFO${q}`, WARN: `${q}WARN${q}`, ERROR: `${q}ERROR${q}` };
  // One flag for all caps of a record: nearly none is ever cut.
  const caps = { hit: false };
  const text = (key: string, value: string | undefined): string =>
    value === undefined || value === '' ? '' : key + json.string(capped(value, caps));

  return (event, names, who, signals) => {
    const asked = question(event.name, event.type, names);
    const isExpansion = isSearchExpansion(event, names);
    caps.hit = asked.isCapped;
    let out = k.timestamp + timestamp(event.timeMs) + q;
    if (shared.withContent) out += k.content + json.line(event.content);
    out += k.loglevel + level[logLevelOf(event)] + repeating.source(event.source);
    out += isExpansion ? asked.expansion : asked.usual;
    if (event.class !== undefined) out += text(k.class, event.class);
    if (isExpansion) out += asked.intendedName;
    if (event.responseCode !== undefined) out += repeating.responseCode(event.responseCode);
    if (!event.responseSeen) out += `${k.responseSeen}false`;
    out += text(k.id, event.id);
    if (event.headerFlags !== undefined && event.headerFlags !== '')
      out += repeating.flags(event.headerFlags);
    out += number(k.requestBytes, event.requestBytes) + number(k.responseBytes, event.responseBytes);
    out += number(k.duration, event.durationNs);
    if (event.opCode !== undefined && event.opCode !== '0') out += text(k.opCode, event.opCode);
    if (event.ednsDo === true) out += `${k.ednsDo}true`;
    if (event.ednsUdpSize !== 512) out += number(k.ednsUdpSize, event.ednsUdpSize);
    out += text(k.upstream, event.upstream);
    if (event.answers !== undefined) out += answersText(json, event, caps);
    out += text(k.clientIp, event.clientIp) + number(k.clientPort, event.clientPort);
    if (event.transport !== undefined) out += repeating.transport(event.transport);
    const client = shared.client(who.client, event.vpcId);
    out += client.who + originText(event, who.client.cluster) + client.where;
    if (client.isCut) caps.hit = true;
    if (who.resolver !== undefined) out += shared.resolver(who.resolver);
    for (const [name, value] of event.extra) out += attribute(json, name, value, caps);
    if (signals.length > 0) out += k.signals + list(json, signals);
    if (event.isPartial) out += `${k.parseStatus}${q}partial${q}`;
    if (caps.hit) out += `${k.truncated}true`;
    for (const [key, value] of shared.statics) if (!out.includes(key)) out += value;
    return `${out}}`;
  };
}

const number = (key: string, value: number | undefined): string => (value === undefined ? '' : key + value);

const list = (json: JsonText, values: readonly string[]): string => `[${values.map(json.string).join(',')}]`;

/** Dynatrace's cap for the values of one attribute. */
const MAX_LIST = 32;

function attribute(json: JsonText, name: string, value: AttributeValue, caps: Caps): string {
  if (typeof value === 'string') return value === '' ? '' : json.key(name) + json.string(capped(value, caps));
  if (typeof value !== 'object') return json.key(name) + value;
  if (value.length === 0) return '';
  caps.hit ||= value.length > MAX_LIST;
  const values = value.slice(0, MAX_LIST).map((item) => capped(item, caps));
  return json.key(name) + list(json, values);
}

const createRepeating = ({ repeating }: Fragments) => ({
  source: repeating('log.source'),
  responseCode: repeating('dns.response_code'),
  flags: repeating('dns.header_flags'),
  transport: repeating('network.transport'),
});

function createKeys(json: JsonText) {
  const { key, q } = json;
  return {
    timestamp: `{${key('timestamp').slice(1)}${q}`,
    content: key('content'),
    loglevel: key('loglevel'),
    class: key('dns.question.class'),
    responseSeen: key('dns.response.seen'),
    id: key('dns.id'),
    requestBytes: key('dns.request.bytes'),
    responseBytes: key('dns.response.bytes'),
    duration: key('duration'),
    opCode: key('dns.op_code'),
    ednsDo: key('dns.edns.do'),
    ednsUdpSize: key('dns.edns.udp_size'),
    upstream: key('dns.upstream'),
    clientIp: key('client.ip'),
    clientPort: key('client.port'),
    signals: key('dns.signals'),
    parseStatus: key('dns.parse.status'),
    truncated: key('dns.truncated'),
  } as const;
}
