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
const PROCESSES = 15;
const IMPORT_GOAL_MS = 60;

/** A process that imports `file`, or nothing; prints the CPU time of all its threads, ms. */
const scriptOf = (file: string | undefined): string => `
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1000);
});
${file === undefined ? '' : `await import(${JSON.stringify(file)});`}
`;

const run = promisify(execFile);

/** Measures the import, the time from process start to first response, and the bundle's size; medians. */
export async function measureColdStart(): Promise<Findings> {
  const bundleBytes = sizesOf('dist');
  progress('cold start: import');
  const processCpuMs = await measureProcesses();
  const importCpuMs = processCpuMs.withImport - processCpuMs.empty;
  const firstResponseMs = await measureFirstResponses();
  const { withoutLookups, withKubernetes, withKubernetesAndEc2 } = firstResponseMs;
  const rows = [
    ['CPU of an empty Node process', `${fixed(processCpuMs.empty, 0)} ms`],
    ['CPU of one that imports dist/index.mjs', `${fixed(processCpuMs.withImport, 0)} ms`],
    ['start to first response, no look-ups', `${fixed(withoutLookups, 0)} ms`],
    ['start to first response, 2,000 pods from EKS and Kubernetes', `${fixed(withKubernetes, 0)} ms`],
    ['start to first response, also an instance from EC2', `${fixed(withKubernetesAndEc2, 0)} ms`],
    ['bytes of index.mjs', String(bundleBytes.index)],
    [`bytes of its ${bundleBytes.chunks} chunks, most of them for look-ups`, String(bundleBytes.chunkBytes)],
  ];
  const copies = await measureColdCopies();
  return {
    figures: { processCpuMs, firstResponseMs, bundleBytes, copies: copies.figures },
    text: `${table([`cold start, medians of ${RUNS}`, ''], rows)}\n\n${copies.text}`,
    verdicts: [
      ...copies.verdicts,
      {
        target: `import <= ${IMPORT_GOAL_MS} ms over an empty process (CPU)`,
        found: `${fixed(importCpuMs, 0)} ms`,
        isMet: importCpuMs <= IMPORT_GOAL_MS,
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

/** Medians over `PROCESSES` whole processes of each kind, in alternation. */
async function measureProcesses() {
  const empty: number[] = [];
  const withImport: number[] = [];
  for (let n = 0; n < PROCESSES; n++) {
    empty.push(await cpuMsOf(undefined));
    withImport.push(await cpuMsOf(BUNDLE));
  }
  return { empty: median(empty), withImport: median(withImport) };
}

async function cpuMsOf(file: string | undefined): Promise<number> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', scriptOf(file)]);
  return Number(stdout);
}

async function repeat<T>(once: () => Promise<T>): Promise<T[]> {
  const values: T[] = [];
  for (let n = 0; n < RUNS; n++) values.push(await once());
  return values;
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
