// Runs one request in a process of its own and measures what it costs.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildEvent, type Shape } from './shape.ts';

/** What a request cost, and whether every record came back. */
export type Cost = {
  /** User and system time of the whole process, from the event's text to the response's. */
  readonly cpuMs: number;
  /** Peak memory of the process over that of a process with a small request. */
  readonly memoryMb: number;
  readonly requestBytes: number;
  /** Results by name: `Ok`, `ProcessingFailed`; how many records came back with other data. */
  readonly results: Readonly<Record<string, number>>;
  readonly rewritten: number;
  /** Undefined where every record id came back once, in order, in a response of at most 6 MB. */
  readonly fault: string | undefined;
};

/** The bundle and the Node that run it. */
export type Runner = { readonly bundle: string; readonly node: string; readonly memoryMb: number };

/** Of the child; memory limits are those that Lambda sets for its Node runtime. */
const CHILD = `
const { readFileSync } = await import('node:fs');
const { handler } = await import(process.argv[1]);
const text = readFileSync(process.argv[2], 'utf8');
const deadline = Date.now() + 300_000;
const context = { getRemainingTimeInMillis: () => deadline - Date.now() };
const before = process.cpuUsage();
const event = JSON.parse(text);
const response = JSON.stringify(await handler(event, context));
const { user, system } = process.cpuUsage(before);
// Not \`maxRSS\` where there is better: Linux starts it with the peak of the process that started this one.
let maxRSS = process.resourceUsage().maxRSS;
try {
  maxRSS = Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? maxRSS);
} catch {}
const { records } = JSON.parse(response);
const results = {};
let rewritten = 0;
for (const [i, { result, data }] of records.entries()) {
  results[result] = (results[result] ?? 0) + 1;
  if (data !== event.records[i].data) rewritten++;
}
const same = records.length === event.records.length && records.every(({ recordId }, i) => recordId === event.records[i].recordId);
const fault = !same ? 'record ids differ' : response.length > 6291556 ? 'response of ' + response.length + ' bytes' : undefined;
process.stderr.write('\\n' + JSON.stringify({ cpuMs: (user + system) / 1000, maxRSS, results, rewritten, fault }));
`;

/** Measures a shape; the process may die, which is a fault too. */
export async function measure(runner: Runner, shape: Shape, idleKb: number, scale = 1): Promise<Cost> {
  const event = buildEvent(shape, scale);
  const requestBytes = event.text.length;
  const child = await run(runner, event.text);
  if (child === undefined)
    return {
      cpuMs: Number.NaN,
      memoryMb: Number.NaN,
      requestBytes,
      results: {},
      rewritten: 0,
      fault: 'died',
    };
  const { cpuMs, maxRSS, results, rewritten, fault } = child;
  return { cpuMs, memoryMb: (maxRSS - idleKb) / 1024, requestBytes, results, rewritten, fault };
}

/** Peak memory of a process with a small request, kB. */
export async function idleKb(runner: Runner): Promise<number> {
  const child = await run(runner, '{"records":[{"recordId":"1","data":"eA=="}]}');
  if (child === undefined) throw new Error(`${runner.bundle} does not run on ${runner.node}`);
  return child.maxRSS;
}

type ChildCost = Omit<Cost, 'memoryMb' | 'requestBytes'> & { readonly maxRSS: number };

async function run({ bundle, node, memoryMb }: Runner, text: string): Promise<ChildCost | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'cost-'));
  const file = join(folder, 'event.json');
  writeFileSync(file, text);
  const flags = [
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.floor(memoryMb * 0.05)}`,
  ];
  const env = {
    PATH: process.env.PATH ?? '',
    TZ: 'UTC',
    TMPDIR: folder,
    AWS_REGION: 'eu-west-1',
    EC2_LOOKUP: 'off',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  };
  try {
    const stderr = await new Promise<string>((resolve) => {
      const args = [...flags, '--input-type=module', '--eval', CHILD, bundle, file];
      execFile(node, args, { env, maxBuffer: 2 ** 26, timeout: 280_000 }, (_, __, errors) => resolve(errors));
    });
    const last = stderr.trimEnd().split('\n').at(-1) ?? '';
    return last.startsWith('{"cpuMs"') ? (JSON.parse(last) as ChildCost) : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
