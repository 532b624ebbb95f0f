import type { CompiledFormat } from './format.ts';

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
  const quoted = containers.map((name) => JSON.stringify(name).slice(1));
  const marks = [...MARKS, ...formats.map(markOf)];
  return (text) => {
    if (text.charCodeAt(0) === 0x7b) {
      // From the end: the wrapper's own members stand behind the line.
      let at = text.lastIndexOf(CONTAINER);
      const isNamed = at >= 0;
      while (at >= 0) {
        const from = at + CONTAINER.length;
        for (const name of quoted) if (text.startsWith(name, from)) return true;
        at = at === 0 ? -1 : text.lastIndexOf(CONTAINER, at - 1);
      }
      if (isNamed) return false;
    }
    for (const mark of marks) if (text.includes(mark)) return true;
    return false;
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
