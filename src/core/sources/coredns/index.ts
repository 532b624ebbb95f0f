import type { DnsEvent } from '../../model/dns-event.ts';
import type { LogLine, UnwrappedLine } from '../../model/log-line.ts';
import type { LogSource } from '../../model/ports.ts';
import type { Settings } from '../../model/settings.ts';
import type { JsonObject } from '../../util/json.ts';
import { rfc3339Ms } from '../../util/rfc3339.ts';
import { wellFormedJson } from '../../util/well-formed.ts';
import { readDefaultFormat } from './common.ts';
import { type ErrorPlugin, readError, readFailure } from './errors.ts';
import { type CompiledFormat, compileFormat } from './format.ts';
import { queryOfJson, queryOfJsonLike, queryOfOwnJson } from './json-members.ts';
import { createPrefilter, resemblesLine } from './prefilter.ts';
import { levelOf, queryEnd, readPrefix, skipBlanks, withoutFinalBlanks } from './prefix.ts';
import { type LineContext, type Query, queryEvent } from './query.ts';

type CoreDnsSettings = Pick<Settings, 'corednsLogFormats' | 'corednsContainers'>;

/**
 * Creates the parser for the lines of CoreDNS's `log`, `errors` and `loop` plugins: text in the configured FORMATs or in
 * the default ones, and JSON. Throws for a FORMAT that `compileFormat` refuses.
 * https://coredns.io/plugins/log/ https://coredns.io/plugins/errors/
 */
export function createCoreDnsSource(settings: CoreDnsSettings): LogSource {
  const formats = settings.corednsLogFormats.map(compileOrThrow);
  const containers = settings.corednsContainers;
  return {
    name: 'coredns',
    prefilter: createPrefilter(containers, formats),
    parse: (line, unwrapped) => parseLine(line, unwrapped, formats, containers),
    resembles: resemblesLine,
  };
}

function compileOrThrow(format: string): CompiledFormat {
  const result = compileFormat(format);
  if (!result.ok) throw new Error(`COREDNS_LOG_FORMAT ${format}: ${result.message}`);
  return result.format;
}

function parseLine(
  line: LogLine,
  unwrapped: UnwrappedLine,
  formats: readonly CompiledFormat[],
  containers: readonly string[],
): DnsEvent | undefined {
  const { text, json } = unwrapped;
  if (json !== undefined) {
    if (isResolverRecord(json)) return undefined;
    const event = parseJsonLine(line, unwrapped, json, formats);
    if (event !== undefined) return event;
  }
  const { time, hasDate, level, levelAt, messageAt } = readPrefix(text);
  const contextAt = (at: number): LineContext =>
    contextOf(line, unwrapped, contentOf(text, at, json), time, level);
  const plugin = PLUGIN_MESSAGE.exec(text.slice(messageAt, messageAt + MAX_PLUGIN_NAME));
  if (plugin !== null) {
    const name = PLUGINS.find((known) => known === plugin[1]);
    return name && readError(contextAt(levelAt), name, text.slice(messageAt + plugin[0].length));
  }
  const container = unwrapped.producer?.container;
  const isContainer = container !== undefined && containers.includes(container);
  if (level !== undefined && level !== 'INFO') {
    const isOldError = level === 'ERROR' && (hasDate || isContainer);
    return isOldError ? readFailure(contextAt(levelAt), text.slice(messageAt)) : undefined;
  }
  const isFromCoreDns = level === 'INFO' || isContainer;
  const query = readQuery(text, messageAt, formats, isFromCoreDns);
  const context = contextAt(level === 'INFO' ? messageAt : levelAt);
  if (query !== undefined) return queryEvent(context, query);
  // Log shippers can merge the members of a JSON line into the wrapper, so that the line itself is lost.
  return json === undefined || !isFromCoreDns ? undefined : eventOfMembers(context, json);
}

/** The line from `at`; of a line that is JSON, all of it. */
const contentOf = (text: string, at: number, json: JsonObject | undefined): string =>
  json === undefined ? text.slice(at) : wellFormedJson(text.slice(at));

/** `prefixTime` is the time that CoreDNS 1.2.6 to 1.6.2 prints before the level; `level` as it was printed. */
function contextOf(
  line: LogLine,
  { timeMs, producer }: UnwrappedLine,
  content: string,
  prefixTime: string | undefined,
  level: unknown,
): LineContext {
  const loggedMs = timeMs ?? (prefixTime === undefined ? undefined : rfc3339Ms(prefixTime));
  const timeIsCertain = loggedMs !== undefined || !line.timeIsArrival;
  return { timeMs: loggedMs ?? line.timestampMs, timeIsCertain, content, producer, level: levelOf(level) };
}

/**
 * A FORMAT with fewer placeholders than this may also match lines of other programs. It is only tried if the line is
 * known to come from CoreDNS.
 */
const MIN_PLACEHOLDERS = 4;

/** More blanks than anybody begins a FORMAT with. */
const MAX_BLANKS = 8;

/**
 * Reads a query, whatever blanks are behind it. Of several lines in one text, the first: a log shipper may have glued them.
 */
function readQuery(
  text: string,
  at: number,
  formats: readonly CompiledFormat[],
  isFromCoreDns: boolean,
): Query | undefined {
  const whole = readLine(text, at, formats, isFromCoreDns);
  if (whole !== undefined && !whole.isPartial) return whole;
  let best = whole;
  const end = queryEnd(text, at);
  const line = withoutFinalBlanks(text.slice(0, end));
  const lastStart = Math.min(skipBlanks(line, at), at + MAX_BLANKS);
  // Not all blanks, where the first value is empty.
  for (let start = line.length === text.length ? at + 1 : at; start <= lastStart; start++) {
    const first = readLine(line, start, formats, isFromCoreDns);
    if (first === undefined) continue;
    first.isFirstOfSeveral = end < text.length;
    best = first;
    if (!first.isPartial) break;
  }
  return best;
}

/** Tries the configured FORMATs first, then a JSON-like object or a default format, which other text may follow. */
function readLine(
  text: string,
  at: number,
  formats: readonly CompiledFormat[],
  isFromCoreDns: boolean,
): Query | undefined {
  for (const format of formats) {
    const isTried = isFromCoreDns || format.placeholders >= MIN_PLACEHOLDERS;
    const query = isTried ? format.match(text, at) : undefined;
    if (query?.name !== undefined) return query;
  }
  // Any DNS server may print such an object.
  if (text.charCodeAt(at) === 0x7b) return isFromCoreDns ? queryOfJsonLike(text, at) : undefined;
  const match = readDefaultFormat(text, at, 'either');
  if (match === undefined) return undefined;
  if (match.end < text.length) match.query.isPartial = true;
  return match.query;
}

const PLUGINS: readonly ErrorPlugin[] = ['errors', 'loop'];

/** `plugin/errors: `. The name of a query may start with `plugin/` too, but it ends with a dot. */
const PLUGIN_MESSAGE = /^plugin\/([\w-]+): /;
const MAX_PLUGIN_NAME = 64;

/**
 * Parses CoreDNS's own JSON (`-log-format=json`). Its members do not include response flags, metadata and `{local}`.
 * Those are read from `msg`, the line in the FORMAT, which also becomes the content.
 */
function parseJsonLine(
  line: LogLine,
  unwrapped: UnwrappedLine,
  json: JsonObject,
  formats: readonly CompiledFormat[],
): DnsEvent | undefined {
  const { plugin, msg: message, level } = json;
  const msg = typeof message === 'string' ? message : '';
  const content = msg === '' ? wellFormedJson(unwrapped.text) : msg;
  const context = contextOf(line, unwrapped, content, undefined, level);
  const errorPlugin = PLUGINS.find((name) => name === plugin);
  if (errorPlugin !== undefined) {
    const prefix = `plugin/${errorPlugin}: `;
    return readError(context, errorPlugin, msg.startsWith(prefix) ? msg.slice(prefix.length) : msg);
  }
  if (plugin !== 'log') return undefined;
  const fromMessage = readQuery(msg, 0, formats, true);
  const query = queryOfOwnJson(json) ?? fromMessage;
  if (query === undefined) return undefined;
  query.headerFlags ??= fromMessage?.headerFlags;
  query.metadata ??= fromMessage?.metadata;
  query.local ??= fromMessage?.local;
  return queryEvent(context, query);
}

/** Query logs of Route 53 Resolver have members with the same names. */
const isResolverRecord = (json: JsonObject): boolean => 'query_timestamp' in json || 'srcaddr' in json;

function eventOfMembers(context: LineContext, json: JsonObject): DnsEvent | undefined {
  const query = queryOfJson(json);
  return query === undefined ? undefined : queryEvent(context, query);
}
