// A line as the container runtime (CRI) writes it; `P` marks a part of a line that the runtime split at 16 KiB:
//   2023-11-20T21:20:29.123456789Z stdout F [INFO] 10.0.1.23:40212 - 29008 "A IN example.org. udp ...
// https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md

const STDOUT = ' stdout ';
const STDERR = ' stderr ';
const TAG_LENGTH = STDOUT.length;

/** What stands before the text of a CRI line. */
export type CriPrefix = {
  readonly stamp: string;
  readonly stream: 'stdout' | 'stderr';
  readonly isPart: boolean;
  readonly textAt: number;
};

/** Reads the CRI prefix; undefined when there is none. Looks at the first 60 characters only. */
export function readCriPrefix(text: string): CriPrefix | undefined {
  const first = text.charCodeAt(0);
  if (first < 0x30 || first > 0x39) return undefined;
  const space = text.indexOf(' ');
  if (space < 20 || space > 40) return undefined;
  const stream = text.startsWith(STDOUT, space) ? 'stdout' : 'stderr';
  if (stream === 'stderr' && !text.startsWith(STDERR, space)) return undefined;
  const flag = text.charCodeAt(space + TAG_LENGTH);
  if (flag !== 0x46 && flag !== 0x50) return undefined;
  // The tag may carry more after a colon.
  const end = text.indexOf(' ', space + TAG_LENGTH);
  if (end < 0 || (end !== space + TAG_LENGTH + 1 && text.charCodeAt(space + TAG_LENGTH + 1) !== 0x3a))
    return undefined;
  return { stamp: text.slice(0, space), stream, isPart: flag === 0x50, textAt: end + 1 };
}

/** Re-joins the parts of split lines, each stream of text apart. */
export type PartJoiner = {
  /** Gives the whole line at its last part; undefined while parts are outstanding. */
  readonly join: (key: string, text: string, isPart: boolean) => string | undefined;
  readonly isPending: () => boolean;
  readonly reset: () => void;
};

// A split line goes on with whatever it holds; what begins like this was printed by CoreDNS and is whole.
const NEW_LINE = /^\[(?:DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\] /;

/** Creates a joiner that knows no part yet (one per batch). */
export function createPartJoiner(): PartJoiner {
  const pending = new Map<string, string>();
  const join = (key: string, text: string, isPart: boolean): string | undefined => {
    const head = pending.size === 0 ? undefined : pending.get(key);
    if (isPart) {
      pending.set(key, head === undefined ? text : head + text);
      return undefined;
    }
    // Containers whose wrappers name no pod share a key: the other's rest is still to come.
    if (head === undefined || NEW_LINE.test(text)) return text;
    pending.delete(key);
    return head + text;
  };
  return { join, isPending: () => pending.size > 0, reset: () => pending.clear() };
}
