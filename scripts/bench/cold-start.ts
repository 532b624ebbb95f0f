// Duration of the first invocation of the built bundle, in separate processes.
import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { progress, table } from '../../src/cli/terminal.ts';
import { startStubServices } from '../tools/faults/stub-services.ts';
import { measureColdCopies } from './cold-copies.ts';
import { BUNDLE, coreDnsLine, type Environment, firstResponse } from './first-response.ts';
import type { Findings } from './section.ts';
import { fixed, median } from './setup.ts';

const RUNS = 7;
const IMPORT_GOAL_MS = 60;

/** Measures only the import: wall-clock time, and CPU time of all threads. */
const IMPORT = `
const start = [performance.now(), process.cpuUsage()];
await import(process.argv[1]);
const { user, system } = process.cpuUsage(start[1]);
console.log(JSON.stringify({ clockMs: performance.now() - start[0], cpuMs: (user + system) / 1000 }));
`;

const run = promisify(execFile);

/** Measures the import, the time from process start to first response, and the bundle's size; medians of seven runs. */
export async function measureColdStart(): Promise<Findings> {
  const bundleBytes = sizesOf('dist');
  progress('cold start: import');
  const imports = await repeat(importOnce);
  const importMs = {
    clock: median(imports.map(({ clockMs }) => clockMs)),
    cpu: median(imports.map(({ cpuMs }) => cpuMs)),
  };
  const emptyProcessMs = median(await repeat(() => timed(() => node('0'))));
  const firstResponseMs = await measureFirstResponses();
  const { withoutLookups, withKubernetes, withKubernetesAndEc2 } = firstResponseMs;
  const rows = [
    ['import of dist/index.mjs, wall clock', `${fixed(importMs.clock, 0)} ms`],
    ['import of dist/index.mjs, CPU of all threads', `${fixed(importMs.cpu, 0)} ms`],
    ['an empty Node process, start to end', `${fixed(emptyProcessMs, 0)} ms`],
    ['start to first response, no look-ups', `${fixed(withoutLookups, 0)} ms`],
    ['start to first response, 2,000 pods from EKS and Kubernetes', `${fixed(withKubernetes, 0)} ms`],
    ['start to first response, also an instance from EC2', `${fixed(withKubernetesAndEc2, 0)} ms`],
    ['bytes of index.mjs', String(bundleBytes.index)],
    [`bytes of its ${bundleBytes.chunks} chunks, most of them for look-ups`, String(bundleBytes.chunkBytes)],
  ];
  const copies = await measureColdCopies();
  return {
    figures: { importMs, emptyProcessMs, firstResponseMs, bundleBytes, copies: copies.figures },
    text: `${table([`cold start, medians of ${RUNS}`, ''], rows)}\n\n${copies.text}`,
    verdicts: [
      ...copies.verdicts,
      {
        target: `import <= ${IMPORT_GOAL_MS} ms over an empty process (CPU)`,
        found: `${fixed(importMs.cpu, 0)} ms (wall clock: ${fixed(importMs.clock, 0)} ms)`,
        isMet: importMs.cpu <= IMPORT_GOAL_MS,
      },
    ],
  };
}

async function measureFirstResponses() {
  const services = await startStubServices();
  const start = (what: string, env: Environment, isOfResolver: boolean) => {
    progress(`cold start: ${what}`);
    return repeat(() => firstResponseOf(env, isOfResolver)).then(median);
  };
  try {
    const live = { ...services.env, LOOKUP_BUDGET_MS: '20000' };
    return {
      withoutLookups: await start('no look-ups', { EC2_LOOKUP: 'off' }, false),
      withKubernetes: await start('Kubernetes', { ...live, EC2_LOOKUP: 'off' }, false),
      withKubernetesAndEc2: await start('Kubernetes and EC2', live, true),
    };
  } finally {
    await services.close();
  }
}

const firstResponseOf = async (env: Environment, isOfResolver: boolean): Promise<number> => {
  const expected = 'CLUSTERS' in env ? ['web-0-', ...(isOfResolver ? ['aws.ec2.instance_type'] : [])] : [];
  const { elapsedMs } = await firstResponse(
    env,
    isOfResolver ? [coreDnsLine('10.0.0.1'), RESOLVER] : [coreDnsLine('10.0.0.1')],
    expected,
  );
  return elapsedMs;
};

const RESOLVER = JSON.stringify({
  version: '1.100000',
  account_id: '111122223333',
  region: 'eu-west-1',
  vpc_id: 'vpc-0a1b2c3d4e5f60718',
  query_timestamp: new Date().toISOString(),
  query_name: 'www.example.com.',
  query_type: 'A',
  query_class: 'IN',
  rcode: 'NOERROR',
  answers: [{ Rdata: '203.0.113.7', Type: 'A', Class: 'IN' }],
  srcaddr: '10.0.0.1',
  srcport: '40000',
  transport: 'UDP',
  srcids: { instance: 'i-0aaaaaaaaaaaaaaaa' },
});

const node = (script: string) => run(process.execPath, ['--input-type=module', '--eval', script, BUNDLE]);

async function importOnce(): Promise<{ readonly clockMs: number; readonly cpuMs: number }> {
  return JSON.parse((await node(IMPORT)).stdout);
}

async function repeat<T>(once: () => Promise<T>): Promise<T[]> {
  const values: T[] = [];
  for (let n = 0; n < RUNS; n++) values.push(await once());
  return values;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Bytes of the files that Lambda loads, without source maps. */
function sizesOf(folder: string) {
  const chunks = readdirSync(join(folder, 'chunks')).filter((name) => name.endsWith('.mjs'));
  const size = (name: string): number => statSync(join(folder, name)).size;
  return {
    index: size('index.mjs'),
    chunks: chunks.length,
    chunkBytes: chunks.reduce((sum, name) => sum + size(join('chunks', name)), 0),
  };
}
