// The wrapper of Container Insights as it stands in an envelope's message, one JSON string deep:
//   {\"time\":\"2023-11-20T21:20:29.1Z\",\"stream\":\"stdout\",\"_p\":\"F\",\"log\":\"[INFO] ...\",\"kubernetes\":{...}}
import type { Emitter, RawLine } from '../model/line.ts';
import { rfc3339Ms } from '../model/time.ts';
import type { EmitterReader } from './unwrap-emitter.ts';

/** Takes the wrapper off a line that is not decoded. */
export type RawUnwrapper = (raw: RawLine, logStream: string | undefined) => boolean;

const TIME = '{\\"time\\":\\"';
const STREAM = '\\",\\"stream\\":\\"std';
const LOG = '\\",\\"_p\\":\\"F\\",\\"log\\":\\"';
const KUBERNETES = '\\",\\"kubernetes\\":';
const NEWLINE = '\\\\n';

/** More CoreDNS pods than write to one log stream. */
const MAX_TAILS = 8;

/** After so many tails that are no `kubernetes` object, none of the batch is tried any more. */
const MAX_MISSES = 16;

const NOT_ASCII = /[\x80-\xff]/;

type Tail = { readonly text: string; readonly emitter: Emitter };

/**
 * Creates an unwrapper that sets a line's borders, time and emitter as `Unwrapper` would; false, and nothing set, for
 * any other layout. `emitters` are those of the batch.
 */
export function createRawUnwrapper(emitters: EmitterReader): RawUnwrapper {
  // What follows the line is the same for all lines of a pod: comparing is cheaper than reading it again.
  const tails: Tail[] = [];
  let tailsStream: string | undefined;
  let misses = 0;

  const emitterOf = (text: string, logStream: string | undefined): Emitter | undefined => {
    if (logStream !== tailsStream) tails.length = 0;
    tailsStream = logStream;
    for (const tail of tails) if (tail.text === text) return tail.emitter;
    const pod = misses > MAX_MISSES || NOT_ASCII.test(text) ? undefined : unescaped(text);
    const emitter = pod === undefined ? undefined : emitters.ofKubernetesText(pod, logStream);
    if (emitter === undefined) {
      misses++;
      return undefined;
    }
    if (tails.length === MAX_TAILS) tails.shift();
    tails.push({ text, emitter });
    return emitter;
  };

  return (raw, logStream) => {
    const { text, start, end } = raw;
    if (!text.startsWith(TIME, start)) return false;
    const timeAt = start + TIME.length;
    const timeEnd = text.indexOf('\\', timeAt);
    if (timeEnd - timeAt > 40 || !text.startsWith(STREAM, timeEnd)) return false;
    // `out` or `err`
    const logAt = timeEnd + STREAM.length + 3;
    if (!text.startsWith(LOG, logAt)) return false;
    const lineAt = logAt + LOG.length;
    const lineEnd = innerStringEnd(text, lineAt);
    if (lineEnd > end || !text.startsWith(KUBERNETES, lineEnd)) return false;
    const tailAt = lineEnd + KUBERNETES.length;
    if (text.charCodeAt(end - 1) !== 0x7d) return false;
    const emitter = emitterOf(text.slice(tailAt, end - 1), logStream);
    if (emitter === undefined) return false;
    raw.depth = 2;
    raw.start = lineAt;
    raw.end = text.startsWith(NEWLINE, lineEnd - NEWLINE.length) ? lineEnd - NEWLINE.length : lineEnd;
    raw.timeMs = rfc3339Ms(text.slice(timeAt, timeEnd));
    raw.emitter = emitter;
    return true;
  };
}

/** Position of the `\"` that ends the string of depth 2 in which `at` stands; -1 when there is none. */
function innerStringEnd(text: string, at: number): number {
  let i = at;
  for (;;) {
    const slash = text.indexOf('\\', i);
    if (slash < 0 || text.charCodeAt(slash + 1) === 0x22) return slash;
    // `\\` and what it escapes: `\\n`, `\\\"`, `\\\\`
    i = text.charCodeAt(slash + 2) === 0x5c ? slash + 4 : slash + 3;
  }
}

function unescaped(text: string): string | undefined {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}
