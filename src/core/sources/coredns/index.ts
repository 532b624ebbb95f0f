import { createRawLineReader } from '../../fast-path/coredns-line.ts';
import type { DnsEvent } from '../../model/dns-event.ts';
import type { Line, LogProducer, UnwrappedLine } from '../../model/log-line.ts';
import type { LogSource } from '../../model/ports.ts';
import type { Settings } from '../../model/settings.ts';
import { rfc3339Ms } from '../../util/rfc3339.ts';
import { readHead } from './common.ts';
import { type ErrorPlugin, readError } from './errors.ts';
import { type CompiledFormat, compileFormat } from './format.ts';
import { queryOfImitation, queryOfObject } from './json-members.ts';
import { readPrefix } from './prefix.ts';
import { type Context, type Query, queryEvent } from './query.ts';
import { createRecogniser } from './recognise.ts';

type CoreDnsSettings = Pick<Settings, 'corednsLogFormats' | 'corednsContainers'>;

/**
 * Creates the source for what CoreDNS prints of queries: its `log`, `errors` and `loop` plugins, as text in the
 * configured FORMATs or the default ones, and as JSON. Throws for a FORMAT that `compileFormat` refuses.
 * https://coredns.io/plugins/log/ https://coredns.io/plugins/errors/
 */
export function createCoreDnsSource(settings: CoreDnsSettings): LogSource {
  const formats = settings.corednsLogFormats.map(compiled);
  const containers = new Set(settings.corednsContainers);
  const rawLines = createRawLineReader();
  let lastEmitter: LogProducer | undefined;
  let isLastForeign = false;
  const isForeign = (producer: LogProducer | undefined): boolean => {
    if (producer === lastEmitter) return isLastForeign;
    lastEmitter = producer;
    isLastForeign = producer?.container !== undefined && !containers.has(producer.container);
    return isLastForeign;
  };
  return {
    name: 'coredns',
    prefilter: createRecogniser(settings.corednsContainers, formats),
    parse: (line, unwrapped) =>
      isForeign(unwrapped.producer) ? undefined : parseLine(line, unwrapped, formats),
    // Configured formats come before the default one, and need decoded text.
    ...(formats.length === 0 && {
      scanKeys: rawLines.scanKeys,
      parseInPlace: (raw) => (isForeign(raw.producer) ? undefined : rawLines.parseInPlace(raw)),
    }),
  };
}

function compiled(format: string): CompiledFormat {
  const result = compileFormat(format);
  if (!result.ok) throw new Error(`COREDNS_LOG_FORMAT ${format}: ${result.message}`);
  return result.format;
}

function parseLine(
  line: Line,
  unwrapped: UnwrappedLine,
  formats: readonly CompiledFormat[],
): DnsEvent | undefined {
  const { text, json } = unwrapped;
  if (json !== undefined) {
    if (isResolverRecord(json)) return undefined;
    const event = parseNative(line, unwrapped, json, formats);
    if (event !== undefined) return event;
  }
  const { stamp, level, levelAt, textAt } = readPrefix(text);
  const context = contextOf(line, unwrapped, text.slice(level === 'INFO' ? textAt : levelAt), stamp);
  if (text.startsWith('plugin/', textAt)) return parsePlugin(context, text, textAt);
  if (level !== undefined && level !== 'INFO') return undefined;
  const isSure = level === 'INFO' || unwrapped.producer?.container !== undefined;
  const query = readQuery(text, textAt, formats, isSure);
  if (query !== undefined) return queryEvent(context, query);
  // Merged into the wrapper, the members are all that is left of the line.
  return json === undefined ? undefined : eventOfMembers(context, json);
}

/** `stamp` is the time that CoreDNS 1.2.6 to 1.6.2 printed before the level. */
function contextOf(
  line: Line,
  { timeMs, producer }: UnwrappedLine,
  content: string,
  stamp: string | undefined,
): Context {
  const loggedMs = timeMs ?? (stamp === undefined ? undefined : rfc3339Ms(stamp));
  const timeIsCertain = loggedMs !== undefined || !line.timeIsArrival;
  return { timeMs: loggedMs ?? line.timestampMs, timeIsCertain, content, producer };
}

/** A bare line that holds fewer placeholders than this could be anybody's. */
const MIN_PLACEHOLDERS = 4;

/** Configured formats come first, then the default ones with or without a tail, then objects that a FORMAT imitates. */
function readQuery(
  text: string,
  at: number,
  formats: readonly CompiledFormat[],
  isSure: boolean,
): Query | undefined {
  for (const format of formats) {
    const query = isSure || format.placeholders >= MIN_PLACEHOLDERS ? format.match(text, at) : undefined;
    if (query?.name !== undefined) return query;
  }
  if (text.charCodeAt(at) === 0x7b) return queryOfImitation(text, at);
  const head = readHead(text, at, 'either');
  if (head === undefined) return undefined;
  if (head.end < text.length) head.query.isPartial = true;
  return head.query;
}

const PLUGINS: readonly ErrorPlugin[] = ['errors', 'loop'];

function parsePlugin(context: Context, text: string, at: number): DnsEvent | undefined {
  for (const plugin of PLUGINS) {
    const mark = `plugin/${plugin}: `;
    if (text.startsWith(mark, at)) return readError(context, plugin, text.slice(at + mark.length));
  }
  return undefined;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * CoreDNS's own JSON lines. The members lack the response flags and metadata; `msg`, the line that FORMAT would have
 * printed, has them, and becomes the content.
 */
function parseNative(
  line: Line,
  unwrapped: UnwrappedLine,
  json: Json,
  formats: readonly CompiledFormat[],
): DnsEvent | undefined {
  const { plugin, msg: message } = json;
  const msg = typeof message === 'string' ? message : '';
  const context = contextOf(line, unwrapped, msg === '' ? unwrapped.text : msg, undefined);
  const errorPlugin = PLUGINS.find((name) => name === plugin);
  if (errorPlugin !== undefined) {
    const mark = `plugin/${errorPlugin}: `;
    return readError(context, errorPlugin, msg.startsWith(mark) ? msg.slice(mark.length) : msg);
  }
  if (plugin !== 'log') return undefined;
  const said = readQuery(msg, 0, formats, true);
  const query = queryOfObject(json) ?? said;
  if (query === undefined) return undefined;
  query.headerFlags ??= said?.headerFlags;
  query.metadata ??= said?.metadata;
  query.local ??= said?.local;
  return queryEvent(context, query);
}

/** Resolver query logs have members of the same names. */
const isResolverRecord = (json: Json): boolean => 'query_timestamp' in json || 'srcaddr' in json;

function eventOfMembers(context: Context, json: Json): DnsEvent | undefined {
  const query = queryOfObject(json);
  return query === undefined ? undefined : queryEvent(context, query);
}
