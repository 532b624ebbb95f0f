import type { CompiledFormat } from './format.ts';

const POD = '"kubernetes":{';
const CONTAINER = '"container_name":"';

/** What every line that can be read without configuration holds, in any wrapper. */
const MARKS = ['. udp ', '. tcp ', '"udp', '"tcp'] as const;

const PLUGIN = 'plugin';
/** What follows in `plugin/errors` and in `"plugin":"log"`, in however many JSON strings. */
const DNS_PLUGIN = /^(?:\\*\/(?:errors|loop)|\\*"\s*:\s*\\*"(?:log|errors|loop)\\*")/;
/** A bare line of any other plugin, which is no query whatever it says. */
const OTHER_PLUGIN = /^\[[A-Z]+\] plugin\/(?!errors|loop)/;

/**
 * Creates the test that keeps application lines away from unwrapping and parsing: where the wrapper names the
 * container, that decides; else a line must hold one of a few short texts, or look like a query in a FORMAT of its own.
 */
export function createRecogniser(
  containers: readonly string[],
  formats: readonly CompiledFormat[],
): (text: string) => boolean {
  const marks = [...MARKS, ...formats.map(markOf)];
  const byPod = createPodTest(containers);
  return (text) => {
    const answer = text.charCodeAt(0) === 0x7b ? byPod(text) : undefined;
    if (answer !== undefined) return answer;
    if (text.charCodeAt(0) === 0x5b && OTHER_PLUGIN.test(text)) return false;
    for (const mark of marks) if (text.includes(mark)) return true;
    return namesPlugin(text) || isLikeQuery(text);
  };
}

function namesPlugin(text: string): boolean {
  for (let at = text.indexOf(PLUGIN); at >= 0; at = text.indexOf(PLUGIN, at)) {
    at += PLUGIN.length;
    const next = text.charCodeAt(at);
    const isOpen = next === SLASH || next === QUOTE || next === BACKSLASH;
    if (isOpen && DNS_PLUGIN.test(text.slice(at, at + MAX_MEMBER))) return true;
  }
  return false;
}

const SLASH = 0x2f;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const MAX_MEMBER = 64;

const INFO = '[INFO] ';
/** A FORMAT has printed address and name by then, or never will. */
const MAX_LOOK = 256;
const IPV4 = /\d\.\d{1,3}\.\d{1,3}\.\d/;
const IPV6 = /\[[0-9a-f]*:[0-9a-f:]/;
/** The end of `example.org.`; numbers and the ends of sentences have no such labels before them. */
const NAME_END = /[\w-]\.[a-z][a-z0-9-]*\.(?![\w-])/;

/** What the `log` plugin prints in a FORMAT that nobody told us: an address, and a name with its final dot. */
function isLikeQuery(text: string): boolean {
  const at = text.indexOf(INFO);
  if (at < 0 || !isLineStart(text, at)) return false;
  const line = text.slice(at + INFO.length, at + INFO.length + MAX_LOOK);
  if (line.startsWith(PLUGIN)) return false;
  return (IPV4.test(line) || (line.includes(']') && IPV6.test(line))) && NAME_END.test(line);
}

/** Nothing before it, the quote of a wrapper, `stdout F ` or a time; applications put other things before a level. */
function isLineStart(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (at === 0 || before === QUOTE) return true;
  return before === SPACE && (text.charAt(at - 2) === 'F' || text.charAt(at - 2) === 'Z');
}

/** Answers by the container that the wrapper's last member names; undefined where it names none. */
function createPodTest(containers: readonly string[]): (text: string) => boolean | undefined {
  const quoted = containers.map((name) => JSON.stringify(name).slice(1));
  let lastTail = '';
  let lastAnswer = false;
  return (text) => {
    // Neighbouring lines come from the same pod: one comparison instead of a search.
    const tail = text.slice(-lastTail.length);
    if (tail === lastTail) return lastAnswer;
    // Within a JSON text a quote has a backslash before it, so these are members and no part of a log line.
    const at = text.lastIndexOf(CONTAINER);
    const podAt = at < 0 ? -1 : text.lastIndexOf(POD, at);
    if (podAt < 0) return undefined;
    lastTail = text.slice(podAt);
    lastAnswer = quoted.some((name) => text.startsWith(name, at + CONTAINER.length));
    return lastAnswer;
  };
}

/** The longest piece of a FORMAT's literals that no JSON encoder writes in another way; empty text is in every line. */
function markOf(format: CompiledFormat): string {
  let longest = '';
  for (const segment of format.segments) {
    if (segment.kind !== 'literal') continue;
    for (const piece of segment.text.split(/[^A-Za-z0-9 ,.:;=|_{}[\]()-]+/)) {
      if (piece.length > longest.length) longest = piece;
    }
  }
  return longest;
}
