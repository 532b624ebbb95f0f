// `npm run test:deep`: runs the property tests with a million cases, in several processes with different seeds, then
// searches the requests that cost most (`npm run test:cost -- --search` alone). DEEP_RUNS sets another number of cases.
// fast-check prints a failing seed, which can be passed to the test with DEEP_SEED.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { SEARCH, searchCosts } from './cost/search.ts';

// Without the global set-up: the properties need no bundle, and parallel processes would overwrite each other's build.
const { globalSetup: _, ...config } = JSON.parse(readFileSync('package.json', 'utf8')).jest;
const JEST = [
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  `--config=${JSON.stringify({ ...config, rootDir: process.cwd() })}`,
  'test/properties',
];
const SLICE = 10_000;

const total = Number(process.env.DEEP_RUNS ?? '1000000');
const seed = Number(process.env.DEEP_SEED ?? Date.now() % 2 ** 31);
let next = 0;
let hasFailed = false;

/** Runs slices until none is left, each in a new process with an empty heap. */
async function work(): Promise<void> {
  while (next < total && !hasFailed) {
    const from = next;
    next += SLICE;
    const runs = Math.min(SLICE, total - from);
    const env = { ...process.env, DEEP_RUNS: String(runs), DEEP_SEED: String(seed + from) };
    const child = spawn(process.execPath, JEST, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    if (code !== 0) {
      hasFailed = true;
      console.error(Buffer.concat(errors).toString());
    }
    console.log(
      `${from + runs} of ${total} cases per property, seed ${seed + from}: ${code === 0 ? 'ok' : 'FAILED'}`,
    );
  }
}

await Promise.all(Array.from({ length: Math.max(1, availableParallelism() - 1) }, work));
const isWithinGoal = hasFailed || (await searchCosts(SEARCH));
process.exitCode = hasFailed || !isWithinGoal ? 1 : 0;
