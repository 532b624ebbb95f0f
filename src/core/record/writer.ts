// One normalized record (design section 4), written as text: {"timestamp":"2026-11-23T14:16:47.073Z","content":...}

import type { AttributionResult } from '../model/client.ts';
import type { Attributes, AttributeValue, DnsEvent } from '../model/dns-event.ts';
import type { Signal } from '../model/signal.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { createAnswersText } from './answer-fields.ts';
import { createOriginText, type Fragments, type Origin } from './encoded-fields.ts';
import type { JsonText } from './json-encoder.ts';
import type { Question } from './question-fields.ts';
import { type Caps, capped, MAX_LIST } from './truncation.ts';

/** Writes one record: who asked, what was asked, what came back. */
export type RecordText = (
  out: ByteWriter,
  event: DnsEvent,
  question: Question,
  who: AttributionResult,
  signals: readonly Signal[],
  origin: Origin,
) => void;

/**
 * The writer of normalized records; fields come in the order of `RECORD_FIELDS` (model/record.ts), absent ones are left
 * out. One for all batches; what repeats comes from the fragments.
 */
export function createRecordText(shared: Fragments): RecordText {
  const { json, keys: k } = shared;
  const originText = createOriginText(shared);
  // One flag for all caps of a record: nearly none is ever cut.
  const caps = { hit: false };

  const answersText = createAnswersText(json);
  const flagsText = lastOf(shared.flags);
  const transportText = lastOf(shared.transport);
  const resolverText = lastOf(shared.resolver);

  const text = (out: ByteWriter, key: Uint8Array, value: string | undefined): void => {
    if (value === undefined || value === '') return;
    out.put(key);
    json.write(out, capped(value, caps));
  };
  /** The same, for what is short; its key has the first quote. */
  const short = (out: ByteWriter, key: Uint8Array, value: string | undefined): void => {
    if (value === undefined || value === '') return;
    out.put(key);
    json.body(out, capped(value, caps));
    out.put(k.quote);
  };
  const number = (out: ByteWriter, key: Uint8Array, value: number | undefined): void => {
    if (value === undefined) return;
    out.put(key);
    out.number(value);
  };
  const extras = (out: ByteWriter, extra: Attributes): void => {
    for (const [name, value] of extra) out.add(attribute(json, name, value, caps));
  };

  return (out, event, question, who, signals, origin) => {
    const start = out.length();
    const asked = shared.asked(question, event);
    const place = originText(origin, event, who.client.cluster);
    const client = shared.client(who, event.vpcId);
    caps.hit = asked.isCut || client.isCut;
    shared.time(out, event.timeMs);
    if (shared.withContent) json.body(out, event.content);
    out.put(asked.text);
    short(out, k.id, event.id);
    if (event.headerFlags !== undefined && event.headerFlags !== '') out.put(flagsText(event.headerFlags));
    number(out, k.requestBytes, event.requestBytes);
    number(out, k.responseBytes, event.responseBytes);
    number(out, k.duration, event.durationNs);
    if (event.opCode !== '0') text(out, k.opCode, event.opCode);
    if (event.ednsDo === true) out.put(k.ednsDo);
    if (event.ednsUdpSize !== 512) number(out, k.ednsUdpSize, event.ednsUdpSize);
    text(out, k.upstream, event.upstream);
    if (event.answers !== undefined) answersText(out, event, caps);
    short(out, k.clientIp, event.clientIp);
    number(out, k.clientPort, event.clientPort);
    if (event.transport !== undefined) out.put(transportText(event.transport));
    out.put(client.who);
    out.put(place);
    out.put(client.where);
    if (who.resolver !== undefined) out.put(resolverText(who.resolver));
    if (event.extra.length > 0) extras(out, event.extra);
    if (signals.length > 0) out.add(json.key('dns.signals') + list(json, signals));
    if (event.isPartial) out.put(k.partial);
    if (caps.hit) out.put(k.truncated);
    for (const [key, value] of shared.statics) if (!out.bytes().includes(key, start)) out.put(value);
    out.put(k.end);
  };
}

/** Answers the same question at once; neighbouring lines say the same. */
function lastOf<K>(textOf: (key: K) => Uint8Array): (key: K) => Uint8Array {
  let last: K | undefined;
  let text: Uint8Array | undefined;
  return (key) => {
    if (text === undefined || last !== key) {
      last = key;
      text = textOf(key);
    }
    return text;
  };
}

const list = (json: JsonText, values: readonly string[]): string => `[${values.map(json.string).join(',')}]`;

function attribute(json: JsonText, name: string, value: AttributeValue, caps: Caps): string {
  if (typeof value === 'string') return value === '' ? '' : json.key(name) + json.string(capped(value, caps));
  if (typeof value !== 'object') return json.key(name) + value;
  if (value.length === 0) return '';
  caps.hit ||= value.length > MAX_LIST;
  const values = value.slice(0, MAX_LIST).map((item) => capped(item, caps));
  return json.key(name) + list(json, values);
}
