// Transcripts in the documents: what a command printed in a test, between two comments that a reader does not see.
import { readFileSync, writeFileSync } from 'node:fs';

/** The text between `<!-- transcript: <name> -->` and `<!-- end -->`; with UPDATE_GOLDEN=1, `printed` is written there first. */
export function transcriptIn(path: string, name: string, printed: string): string {
  const document = readFileSync(path, 'utf8');
  const begin = `<!-- transcript: ${name} -->`;
  const at = document.indexOf(begin) + begin.length;
  const end = document.indexOf('<!-- end -->', at);
  if (at < begin.length || end < 0) throw new Error(`${path} has no transcript "${name}"`);
  const block = `\n\n\`\`\`console\n${printed.trimEnd()}\n\`\`\`\n\n`;
  if (process.env.UPDATE_GOLDEN !== '1') return document.slice(at, end);
  writeFileSync(path, document.slice(0, at) + block + document.slice(end));
  return block;
}
