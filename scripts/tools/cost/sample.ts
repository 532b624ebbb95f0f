// Child of the search: runs shapes at a sixteenth of the size in this process. Arguments: first seed, number, bundle.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { randomShape } from './grammar.ts';
import { buildEvent } from './shape.ts';

/** What a shape cost, roughly: the process is warm, and may collect its garbage at any time. */
export type Sample = { readonly seed: number; readonly cpuMs: number; readonly memoryBytes: number };

const SCALE = 1 / 16;

const [from = '1', count = '1', bundle = 'dist/index.mjs'] = process.argv.slice(2);
process.env.EC2_LOOKUP = 'off';
type Handler = (event: unknown) => Promise<unknown>;
const { handler } = (await import(pathToFileURL(resolve(bundle)).href)) as { handler: Handler };
const samples: Sample[] = [];
for (let seed = Number(from); seed < Number(from) + Number(count); seed++) {
  const event: unknown = JSON.parse(buildEvent(randomShape(seed), SCALE).text);
  const memoryBefore = process.memoryUsage.rss();
  const before = process.cpuUsage();
  await handler(event);
  const { user, system } = process.cpuUsage(before);
  const memoryBytes = process.memoryUsage.rss() - memoryBefore;
  samples.push({ seed, cpuMs: (user + system) / 1000, memoryBytes });
}
process.send?.(samples, () => process.disconnect());
