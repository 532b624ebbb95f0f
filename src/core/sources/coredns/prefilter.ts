import type { UnwrappedLine } from '../../model/log-line.ts';
import type { JsonObject } from '../../util/json.ts';
import type { CompiledFormat } from './format.ts';
import { readPrefix, withoutFinalBlanks } from './prefix.ts';

// A member that Fluent Bit and Fluentd add to a line.
const CONTAINER_NAME = '"container_name":"';

/** Every query in a default format, as text or as JSON, contains one of these texts, in any wrapper. */
const DEFAULT_SUBSTRINGS = ['. udp ', '. tcp ', '"udp', '"tcp', '%! ('] as const;

const PLUGIN = 'plugin';
/** Text after `plugin` in `plugin/errors` and in `"plugin":"log"`, at any escape level. */
const DNS_PLUGIN = /^(?:\\*\/(?:errors|loop)|\\*"\s*:\s*\\*"(?:log|errors|loop)\\*")/;
/** The start of a line of any other plugin, which is never a query. */
const OTHER_PLUGIN = /^\[[A-Z]+\] plugin\/(?!(?:errors|loop): )[\w-]+: /;

/**
 * Creates the prefilter, which keeps application lines away from unwrapping and parsing. A line must come from one of
 * `containers` by its wrapper, contain one of a few short texts, or resemble a query in a FORMAT that is not configured
 * (so that it is counted as unparsed). `\u` escapes can hide each of these texts.
 */
export function createPrefilter(
  containers: readonly string[],
  formats: readonly CompiledFormat[],
): (text: string) => boolean {
  const substrings = [...DEFAULT_SUBSTRINGS, ...formats.map(longestLiteral)];
  const members = containers.map((name) => CONTAINER_NAME + JSON.stringify(name).slice(1));
  return (text) => {
    const isObject = text.charCodeAt(0) === 0x7b;
    if (isObject && members.some((member) => text.includes(member))) return true;
    if (text.charCodeAt(0) === 0x5b && OTHER_PLUGIN.test(text)) return false;
    for (const substring of substrings) if (text.includes(substring)) return true;
    return (
      containsDnsPlugin(text) ||
      containsOldError(text) ||
      mayBeQuery(text) ||
      (isObject && text.includes('\\u'))
    );
  };
}

/** A message of `plugin/errors` or `plugin/loop`. */
const DNS_MESSAGE = /^plugin\/(?:errors|loop): /;
const MAX_MESSAGE_START = 16;

/**
 * Whether a line that could not be read looks like one of CoreDNS's `log`, `errors` and `loop` plugins: a query in an
 * unknown FORMAT, or a message with the plugin's name.
 */
export function resemblesLine({ text, json }: UnwrappedLine): boolean {
  const isObject = text.charCodeAt(0) === 0x7b;
  return (
    (!isObject && resemblesQuery(text)) || isDnsMessage(text) || (json !== undefined && resemblesJson(json))
  );
}

function isDnsMessage(text: string): boolean {
  const { level, messageAt } = readPrefix(text);
  return level !== undefined && DNS_MESSAGE.test(text.slice(messageAt, messageAt + MAX_MESSAGE_START));
}

/** `{"level":"INFO","msg":"...","plugin":"log"}` */
function resemblesJson({ level, msg, plugin }: JsonObject): boolean {
  const isDnsPlugin = plugin === 'log' || plugin === 'errors' || plugin === 'loop';
  return isDnsPlugin && typeof level === 'string' && typeof msg === 'string';
}

function containsDnsPlugin(text: string): boolean {
  for (let at = text.indexOf(PLUGIN); at >= 0; at = text.indexOf(PLUGIN, at)) {
    at += PLUGIN.length;
    const next = text.charCodeAt(at);
    const isPossible = next === SLASH || next === QUOTE || next === BACKSLASH;
    if (isPossible && DNS_PLUGIN.test(text.slice(at, at + MAX_MEMBER))) return true;
  }
  return false;
}

const ERROR = '[ERROR] ';

/** `[ERROR] 2 example.org. A: ...`, as versions before 1.2.6 print it. */
function containsOldError(text: string): boolean {
  const code = text.charCodeAt(text.indexOf(ERROR) + ERROR.length);
  return code >= 0x30 && code <= 0x39 && text.includes(ERROR);
}

const SLASH = 0x2f;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;
const MAX_MEMBER = 64;

const INFO = '[INFO] ';
/** A query has its address and its name within this many characters. */
const MAX_SEARCHED = 256;
const IPV4 = /\d\.\d{1,3}\.\d{1,3}\.\d/;
const IPV6 = /\[[0-9a-f]*:[0-9a-f:]/;
/** The end of `example.org.`, but not of a number or a sentence. */
const NAME_END = /[\w-]\.[a-z][a-z0-9-]*\.(?![\w-])/;

/** As `resemblesQuery`, or an object behind the level: names in it may have one label. */
function mayBeQuery(text: string): boolean {
  const at = text.indexOf(INFO);
  return at >= 0 && (text.charCodeAt(at + INFO.length) === OPEN_BRACE || resemblesQuery(text, at));
}

/** Whether text resembles a line of the `log` plugin in an unknown FORMAT: an address, and a name with a final dot. */
function resemblesQuery(text: string, at = text.indexOf(INFO)): boolean {
  if (at < 0 || !isLineStart(text, at)) return false;
  const line = text.slice(at + INFO.length, at + INFO.length + MAX_SEARCHED);
  if (line.startsWith(PLUGIN)) return false;
  return (IPV4.test(line) || (line.includes(']') && IPV6.test(line))) && NAME_END.test(line);
}

/**
 * Whether a line of CoreDNS can start at `at`: at the start of the text, after the quote of a wrapper, after `stdout F `
 * or after a time. Applications print other text before a level.
 */
function isLineStart(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (at === 0 || before === QUOTE) return true;
  return before === SPACE && (text.charAt(at - 2) === 'F' || text.charAt(at - 2) === 'Z');
}

/**
 * The longest part of a FORMAT's literals that every JSON encoder writes without escapes. If it is empty, the prefilter
 * accepts every other line.
 */
function longestLiteral(format: CompiledFormat): string {
  let longest = '';
  for (const segment of format.segments) {
    if (segment.kind !== 'literal') continue;
    for (const part of segment.text.split(/[^A-Za-z0-9 ,.:;=|_{}[\]()-]+/)) {
      // Blanks at the end of a line may be lost.
      const piece = withoutFinalBlanks(part);
      if (piece.length > longest.length) longest = piece;
    }
  }
  return longest;
}
