// One normalized record (design section 4), written as text: {"timestamp":"2026-11-23T14:16:47.073Z","content":...}
import type { Attributed } from '../model/client.ts';
import type { AttributeValue, DnsEvent } from '../model/dns-event.ts';
import type { Signal } from '../model/signal.ts';
import { answersText } from './answers-text.ts';
import { createOriginText, type Fragments, type Origin } from './fragments.ts';
import { capValue, type JsonText } from './json-text.ts';
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
 * out. One per envelope; fragments that repeat (client, instance, resolver, origin) are written once.
 */
export function createRecordText(shared: Fragments, origin: Origin): RecordText {
  const { json, timestamp } = shared;
  const { q } = json;
  const k = shared.keys;
  const originOf = createOriginText(json, origin);

  return (event, names, who, signals) => {
    const isExpansion = isSearchExpansion(event, names);
    let out = `{${q}timestamp${q}:${q}${timestamp(event.timeMs)}${q}`;
    if (shared.withContent) out += k.content + json.string(event.content);
    out += k.loglevel + q + logLevelOf(event) + q + k.logSource + q + event.source + q;
    let capped = false;
    const text = (key: string, value: string | undefined): string => {
      if (value === undefined || value === '') return '';
      const cut = capValue(value);
      capped ||= cut !== value;
      return key + json.string(cut);
    };
    out += text(k.name, event.name) + text(k.type, event.type);
    if (event.name !== undefined) {
      out += text(k.registeredDomain, names.registeredDomain);
      out += k.category + q + (isExpansion ? 'search-expansion' : names.category) + q;
    }
    out += text(k.class, event.class);
    if (isExpansion) out += text(k.intendedName, names.intendedName);
    out += text(k.responseCode, event.responseCode);
    if (!event.responseSeen) out += `${k.responseSeen}false`;
    out += text(k.id, event.id) + text(k.headerFlags, event.headerFlags);
    out += number(k.requestBytes, event.requestBytes) + number(k.responseBytes, event.responseBytes);
    out += number(k.duration, event.durationNs);
    if (event.opCode !== undefined && event.opCode !== '0') out += text(k.opCode, event.opCode);
    if (event.ednsDo === true) out += `${k.ednsDo}true`;
    if (event.ednsUdpSize !== 512) out += number(k.ednsUdpSize, event.ednsUdpSize);
    out += text(k.upstream, event.upstream);
    if (event.answers !== undefined) out += answersText(json, event, () => (capped = true));
    out += text(k.clientIp, event.clientIp) + number(k.clientPort, event.clientPort);
    out += text(k.transport, event.transport);
    out += shared.client(who.client) + originOf(event) + shared.instance(who.client, event.vpcId);
    if (who.resolver !== undefined) out += shared.resolver(who.resolver);
    for (const [name, value] of event.extra) out += attribute(json, name, value, () => (capped = true));
    if (signals.length > 0) out += k.signals + list(json, signals);
    if (event.isPartial) out += `${k.parseStatus}${q}partial${q}`;
    if (capped) out += `${k.truncated}true`;
    for (const [key, value] of shared.statics) if (!out.includes(key)) out += value;
    return `${out}}`;
  };
}

const number = (key: string, value: number | undefined): string => (value === undefined ? '' : key + value);

const list = (json: JsonText, values: readonly string[]): string => `[${values.map(json.string).join(',')}]`;

/** Dynatrace's cap for the values of one attribute. */
const MAX_LIST = 32;

function attribute(json: JsonText, name: string, value: AttributeValue, capped: () => void): string {
  const cap = (item: string): string => {
    const cut = capValue(item);
    if (cut !== item) capped();
    return cut;
  };
  if (typeof value === 'string') return value === '' ? '' : json.key(name) + json.string(cap(value));
  if (typeof value !== 'object') return json.key(name) + value;
  if (value.length === 0) return '';
  if (value.length > MAX_LIST) capped();
  return json.key(name) + list(json, value.slice(0, MAX_LIST).map(cap));
}
