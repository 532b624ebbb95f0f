import type { CompiledFormat } from './format.ts';

const POD = '"kubernetes":{';
const CONTAINER = '"container_name":"';

/** What every line that can be read without configuration holds, in any wrapper. */
const MARKS = ['. udp ', '. tcp ', 'plugin', '"udp', '"tcp'] as const;

/**
 * Creates the test that keeps application lines away from unwrapping and parsing: where the wrapper names the
 * container, that decides; else a line must hold one of a few short texts.
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
    for (const mark of marks) if (text.includes(mark)) return true;
    return false;
  };
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
