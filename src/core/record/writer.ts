// Writes one normalised record as text: {"timestamp":"2026-11-23T14:16:47.073Z","content":...}
// The fields are described in model/record-fields/ and docs/record.md.
import type { AttributionResult } from '../model/client.ts';
import type { Attributes, AttributeValue, DnsEvent } from '../model/dns-event.ts';
import { MAX_ATTRIBUTE_VALUES } from '../model/limits.ts';
import type { MergedQueries } from '../model/merged-queries.ts';
import type { Origin } from '../model/origin.ts';
import { createOmits, type Omits } from '../model/record-fields/omission.ts';
import type { Settings } from '../model/settings.ts';
import type { Signal } from '../model/signal.ts';
import type { Question } from '../question/index.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { createAnswerFields } from './answer-fields.ts';
import type { Encoders } from './encoders.ts';
import { bytesOf, type JsonEncoder } from './json-encoder.ts';
import { mergedText } from './merged-fields.ts';
import { createQuestionFields } from './question-fields.ts';
import { createStartWriter } from './start.ts';
import { type Truncation, truncate } from './truncation.ts';

/**
 * Appends one normalised record to `out`, in the escape level of its encoder. `merged`: what it stands for, where that is
 * more than its own event. Returns whether a value was truncated.
 */
export type RecordWriter = (
  out: ByteWriter,
  event: DnsEvent,
  question: Question,
  attribution: AttributionResult,
  signals: readonly Signal[],
  origin: Origin,
  merged?: MergedQueries,
) => boolean;

/**
 * Creates the writer of normalised records. Fields are written in the order of `RECORD_FIELDS`; absent ones, and those of `OMIT`, are left out.
 * Create once per process: V8 would optimise new closures from scratch in every batch.
 */
export function createRecordWriter(
  json: JsonEncoder,
  encoders: Encoders,
  settings: Pick<Settings, 'omit' | 'recordKey' | 'staticAttributes'>,
): RecordWriter {
  const omits = createOmits(settings.omit);
  const keys = createKeys(json, omits);
  const statics = staticFields(json, settings.staticAttributes);
  const writeStart = createStartWriter(json, settings.recordKey);
  const writeQuestion = createQuestionFields(json, omits);
  const writeAnswers = createAnswerFields(json, omits);
  // One object for all records; set at the start of each.
  const truncation: Truncation = { wasTruncated: false };

  /** A string value; `key` ends with the value's first quote. Undefined: the field is left out. */
  const text = (out: ByteWriter, key: Uint8Array | undefined, value: string | undefined): void => {
    if (key === undefined || value === undefined || value === '') return;
    out.addBytes(key);
    json.writeBody(out, truncate(value, truncation));
    out.addBytes(keys.quote);
  };
  const number = (out: ByteWriter, key: Uint8Array | undefined, value: number | undefined): void => {
    if (key === undefined || value === undefined) return;
    out.addBytes(key);
    out.addNumber(value);
  };

  return (out, event, question, { client, resolver }, signals, origin, merged) => {
    const encodedClient = encoders.client(client, event.vpcId);
    truncation.wasTruncated = encodedClient.wasTruncated;
    writeStart(out, event.timeMs);
    if (keys.content !== undefined) {
      out.addBytes(keys.content);
      json.writeBody(out, event.content);
      out.addBytes(keys.quote);
    }
    writeQuestion(out, question, event, truncation);
    text(out, keys.id, event.id);
    text(out, keys.headerFlags, event.headerFlags);
    number(out, keys.requestBytes, event.requestBytes);
    number(out, keys.responseBytes, event.responseBytes);
    number(out, keys.duration, merged?.durationNs ?? event.durationNs);
    if (event.opCode !== '0') text(out, keys.opCode, event.opCode);
    if (event.ednsDo === true && keys.ednsDo !== undefined) out.addBytes(keys.ednsDo);
    if (event.ednsUdpSize !== 512) number(out, keys.ednsUdpSize, event.ednsUdpSize);
    text(out, keys.upstream, event.upstream);
    if (event.answers !== undefined) writeAnswers(out, event, truncation);
    if (merged !== undefined) out.addText(mergedText(json, omits, merged, event.timeMs));
    text(out, keys.clientIp, event.clientIp);
    number(out, keys.clientPort, event.clientPort);
    text(out, keys.transport, event.transport);
    out.addBytes(encodedClient.identity);
    out.addBytes(encoders.origin(origin, event, client.cluster));
    out.addBytes(encodedClient.placement);
    if (resolver !== undefined) out.addBytes(encoders.resolver(resolver));
    if (event.extra.length > 0) addAttributes(out, json, omits, event.extra, truncation);
    if (signals.length > 0 && keys.signals !== undefined) out.addText(keys.signals + list(json, signals));
    if (event.isPartial && keys.partial !== undefined) out.addBytes(keys.partial);
    if (truncation.wasTruncated && keys.truncated !== undefined) out.addBytes(keys.truncated);
    out.addBytes(statics);
    out.addBytes(keys.end);
    return truncation.wasTruncated;
  };
}

/** Keys, those of strings with the first quote of the value, and members with a fixed value; undefined where `omits` says so. */
function createKeys(json: JsonEncoder, omits: Omits) {
  const key = (name: string, value = ''): Uint8Array | undefined =>
    omits(name) ? undefined : bytesOf(json.key(name) + value);
  const textKey = (name: string): Uint8Array | undefined => key(name, json.quote);
  return {
    content: textKey('content'),
    id: textKey('dns.id'),
    headerFlags: textKey('dns.header_flags'),
    requestBytes: key('dns.request.bytes'),
    responseBytes: key('dns.response.bytes'),
    duration: key('duration'),
    opCode: textKey('dns.op_code'),
    ednsDo: key('dns.edns.do', 'true'),
    ednsUdpSize: key('dns.edns.udp_size'),
    upstream: textKey('dns.upstream'),
    clientIp: textKey('client.ip'),
    clientPort: key('client.port'),
    transport: textKey('network.transport'),
    signals: omits('dns.signals') ? undefined : json.key('dns.signals'),
    partial: key('dns.parse.status', json.string('partial')),
    truncated: key('dns.truncated', 'true'),
    quote: bytesOf(json.quote),
    end: bytesOf('}'),
  } as const;
}

/**
 * `STATIC_ATTRIBUTES` as members, the first value of a name. The settings refuse names of other fields, and `encodeClient`
 * leaves out annotations of the same name.
 */
const staticFields = (json: JsonEncoder, attributes: Settings['staticAttributes']): Uint8Array => {
  const first = new Map<string, string>();
  for (const [name, value] of attributes) if (value !== '' && !first.has(name)) first.set(name, value);
  return bytesOf([...first].map(([name, value]) => json.key(name) + json.string(value)).join(''));
};

const list = (json: JsonEncoder, values: readonly string[]): string =>
  `[${values.map(json.string).join(',')}]`;

function addAttributes(
  out: ByteWriter,
  json: JsonEncoder,
  omits: Omits,
  attributes: Attributes,
  truncation: Truncation,
): void {
  for (const [name, value] of attributes)
    if (!omits(name)) out.addText(attributeText(json, name, value, truncation));
}

function attributeText(
  json: JsonEncoder,
  name: string,
  value: AttributeValue,
  truncation: Truncation,
): string {
  if (typeof value === 'string')
    return value === '' ? '' : json.key(name) + json.string(truncate(value, truncation));
  if (typeof value !== 'object') return json.key(name) + value;
  if (value.length === 0) return '';
  truncation.wasTruncated ||= value.length > MAX_ATTRIBUTE_VALUES;
  const values = value.slice(0, MAX_ATTRIBUTE_VALUES).map((item) => truncate(item, truncation));
  return json.key(name) + list(json, values);
}
