// Searches requests of a random shape for the dearest: many at a sixteenth of the size in one process, then the dearest
// of them at full size, each in a process of its own, on each Node. The worst are kept in `worst.json`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { bundleUrl } from '../../../src/cli/lib/io/bundle.ts';
import { print, progress, table } from '../../../src/cli/terminal.ts';
import { randomShape } from './grammar.ts';
import { type Cost, idleKb, measure, type Runner } from './measure.ts';
import type { Sample } from './sample.ts';
import type { Shape } from './shape.ts';

/** What no request may cost. */
const GOAL = { cpuMs: 10_000, memoryMb: 400 } as const;

// Shapes of one process: memory is measured better in a young one.
const SLICE = 500;
const KEPT = 4;

/** The options of a search. */
export type SearchOptions = {
  readonly shapes: number;
  /** The dearest that are measured at full size. */
  readonly dearest: number;
  readonly seed: number;
  readonly bundle: string;
  readonly nodes: readonly string[];
  /** File to which the worst are written. */
  readonly keepIn: string | undefined;
};

/** The search of `npm run test:deep`; COST_NODES lists other executables of Node, separated by commas. */
export const SEARCH: SearchOptions = {
  shapes: 20_000,
  dearest: 200,
  seed: 1,
  bundle: 'dist/index.mjs',
  nodes: process.env.COST_NODES?.split(',') ?? [process.execPath],
  keepIn: 'scripts/tools/cost/worst.json',
};

/** Runs the search; false where a request missed the goal. */
export async function searchCosts(options: SearchOptions): Promise<boolean> {
  const { bundle, nodes, keepIn } = options;
  const found = await sample(options);
  const runners = nodes.map((node): Runner => ({ bundle: bundleUrl(bundle), node, memoryMb: 512 }));
  const idle = await Promise.all(runners.map(idleKb));
  const measured: { shape: Shape; costs: readonly Cost[] }[] = [];
  for (const [i, seed] of found.entries()) {
    const shape = randomShape(seed);
    const costs: Cost[] = [];
    for (const [n, runner] of runners.entries()) costs.push(await measure(runner, shape, idle[n] ?? 0));
    measured.push({ shape, costs });
    if (i % 10 === 9) progress(`${i + 1} of ${found.length} at full size`);
    for (const [n, cost] of costs.entries())
      if (isOverGoal(cost)) progress(`${shape.name} on ${nodes[n]}: ${describe(cost)}`);
  }
  const worst = [
    ...dearestBy(measured, (cost) => cost.cpuMs),
    ...dearestBy(measured, (cost) => cost.memoryMb),
  ];
  print(
    table(
      ['shape', ...nodes],
      [...new Set(worst)].map(({ shape, costs }) => [shape.name, ...costs.map(describe)]),
    ),
  );
  if (keepIn !== undefined) {
    const kept = [...new Set(worst)].map(({ shape }) => shape);
    writeFileSync(keepIn, `${JSON.stringify(kept, null, 2)}\n`);
  }
  const missed = measured.filter(({ costs }) => costs.some(isOverGoal)).length;
  print(
    `${options.shapes} shapes at 1/16, ${measured.length} at full size: ${missed} over ${GOAL.cpuMs / 1000} s of CPU or ${GOAL.memoryMb} MB`,
  );
  return missed === 0;
}

/** Whether a request cost more than it may, or did not come back whole. */
export const isOverGoal = ({ cpuMs, memoryMb, fault }: Cost): boolean =>
  fault !== undefined || !(cpuMs <= GOAL.cpuMs && memoryMb <= GOAL.memoryMb);

const describe = ({ cpuMs, memoryMb, fault }: Cost): string =>
  fault ?? `${(cpuMs / 1000).toFixed(1)} s, ${memoryMb.toFixed(0)} MB`;

const dearestBy = <T extends { readonly costs: readonly Cost[] }>(
  measured: readonly T[],
  of: (cost: Cost) => number,
): T[] =>
  [...measured].sort((a, b) => Math.max(...b.costs.map(of)) - Math.max(...a.costs.map(of))).slice(0, KEPT);

/** The seeds of the dearest shapes at a sixteenth: three quarters by CPU time, the others by memory. */
async function sample({ shapes, dearest, seed, bundle }: SearchOptions): Promise<readonly number[]> {
  const costs: Sample[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < shapes) {
      const from = next;
      next += SLICE;
      costs.push(...(await sampleSlice(seed + from, Math.min(SLICE, shapes - from), bundle)));
      progress(`${costs.length} of ${shapes} at a sixteenth`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const byCpu = [...costs].sort((a, b) => b.cpuMs - a.cpuMs).slice(0, Math.ceil(dearest * 0.75));
  const isTaken = new Set(byCpu);
  const byMemory = costs.filter((cost) => !isTaken.has(cost)).sort((a, b) => b.memoryBytes - a.memoryBytes);
  return [...byCpu, ...byMemory].slice(0, dearest).map((cost) => cost.seed);
}

async function sampleSlice(from: number, count: number, bundle: string): Promise<readonly Sample[]> {
  const args = ['scripts/run.js', 'scripts/tools/cost/sample.ts', String(from), String(count), bundle];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [message] = (await once(child, 'message')) as [readonly Sample[]];
  return message;
}
