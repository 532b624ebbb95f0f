// `npm run events`: generates events/*.json from the readable samples (test/golden/sample-*). `--check` only compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CaseInput, caseEvent } from './input.ts';

const isCheck = process.argv.includes('--check');
const samples = readdirSync('test/golden')
  .filter((name) => name.startsWith('sample-'))
  .sort();
const stale: string[] = [];
for (const sample of samples) {
  const input = CaseInput.parse(JSON.parse(readFileSync(`test/golden/${sample}/input.json`, 'utf8')));
  const file = `events/${sample.slice('sample-'.length)}.json`;
  const text = `${JSON.stringify(caseEvent(input), null, 2)}\n`;
  if (isCheck && !isSame(file, text)) stale.push(file);
  if (!isCheck) writeFileSync(file, text);
}
if (stale.length > 0) {
  console.error(`out of date, run "npm run events": ${stale.join(', ')}`);
  process.exitCode = 1;
} else console.log(`${samples.length} events ${isCheck ? 'are up to date' : 'written'}`);

/** Compares the inflated data, because zlib versions may compress the same text to different bytes. */
function isSame(file: string, text: string): boolean {
  try {
    return inflated(readFileSync(file, 'utf8')) === inflated(text);
  } catch {
    return false;
  }
}

function inflated(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => {
    if (key !== 'data' || typeof value !== 'string') return value;
    try {
      return gunzipSync(Buffer.from(value, 'base64')).toString('latin1');
    } catch {
      return value;
    }
  });
}
