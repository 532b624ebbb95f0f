// A line as the container runtime (CRI) writes it; `P` marks a part of a line that the runtime split at 16 KiB:
//   2023-11-20T21:20:29.123456789Z stdout F [INFO] 10.0.1.23:40212 - 29008 "A IN example.org. udp ...
// https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md

const STDOUT = ' stdout ';
const STDERR = ' stderr ';
const TAG_LENGTH = STDOUT.length;

/** The prefix of a CRI line. */
export type CriPrefix = {
  readonly stamp: string;
  readonly stream: 'stdout' | 'stderr';
  readonly isPart: boolean;
  readonly textAt: number;
};

/** Reads the CRI prefix; undefined when there is none. Reads at most 60 characters. */
export function readCriPrefix(text: string): CriPrefix | undefined {
  const first = text.charCodeAt(0);
  if (first < 0x30 || first > 0x39) return undefined;
  const space = text.indexOf(' ');
  if (space < 20 || space > 40) return undefined;
  const stream = text.startsWith(STDOUT, space) ? 'stdout' : 'stderr';
  if (stream === 'stderr' && !text.startsWith(STDERR, space)) return undefined;
  const flag = text.charCodeAt(space + TAG_LENGTH);
  if (flag !== 0x46 && flag !== 0x50) return undefined;
  // More tags may follow the first one, after a colon.
  const end = text.indexOf(' ', space + TAG_LENGTH);
  if (end < 0 || (end !== space + TAG_LENGTH + 1 && text.charCodeAt(space + TAG_LENGTH + 1) !== 0x3a))
    return undefined;
  return { stamp: text.slice(0, space), stream, isPart: flag === 0x50, textAt: end + 1 };
}

const NO_TEXT = '';
const TOO_LONG = null;

/** Joins the parts of split lines, separately for each text stream. */
export type PartJoiner = {
  /** Returns the whole line at its last part; undefined while parts are outstanding. */
  readonly join: (key: string, text: string, isPart: boolean) => string | undefined;
  readonly isPending: () => boolean;
  readonly reset: () => void;
};

// The rest of a split line may be any text. A line that starts like this was printed whole by CoreDNS.
const NEW_LINE = /^\[(?:DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /;

/**
 * Creates a joiner without outstanding parts. Of a line longer than `maxChars` nothing is left: its last part gives empty
 * text.
 */
export function createPartJoiner(maxChars: number): PartJoiner {
  const pending = new Map<string, string | typeof TOO_LONG>();
  const join = (key: string, text: string, isPart: boolean): string | undefined => {
    const head = pending.size === 0 ? undefined : pending.get(key);
    if (isPart) {
      const isLong = head === TOO_LONG || (head ?? NO_TEXT).length + text.length > maxChars;
      pending.set(key, isLong ? TOO_LONG : (head ?? NO_TEXT) + text);
      return undefined;
    }
    // Containers whose wrappers name no pod share a key: the rest of the other container's line is still outstanding.
    if (head === undefined || NEW_LINE.test(text)) return text;
    pending.delete(key);
    return head === TOO_LONG || head.length + text.length > maxChars ? NO_TEXT : head + text;
  };
  return { join, isPending: () => pending.size > 0, reset: () => pending.clear() };
}
