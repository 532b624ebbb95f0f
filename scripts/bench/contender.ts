// One program of the comparison, in a process of its own: `contender.ts <program> <file of the task>`. Each message asks
// for one round, and is answered with ms of CPU.
import { readFileSync } from 'node:fs';
import type { Task } from './comparison.ts';
import { clientsOf, floor, inflated, straightforward } from './rivals.ts';
import { cpuMs } from './setup.ts';
import { createWorkloadTransform } from './workload-transform.ts';

/** Prepares the work on a batch. */
type Program = (index: number) => () => unknown;

const [, , program = '', file = ''] = process.argv;
const { batches, ...task } = JSON.parse(readFileSync(file, 'utf8')) as Task;
const batchAt = (index: number): Task['batches'][number] => {
  const batch = batches[index];
  if (batch === undefined) throw new Error(`there is no batch ${index}`);
  return batch;
};

function ours(): Program {
  const transform = createWorkloadTransform(task.workload, task.eventsPerBatch);
  return (index) => () => transform(batchAt(index).event);
}

const PROGRAMS: Readonly<Record<string, () => Program>> = {
  transform: ours,
  floor: () => (index) => {
    const { event, output } = batchAt(index);
    const plain = inflated(output);
    return () => floor(event, plain);
  },
  straightforward: () => (index) => {
    const { event, output } = batchAt(index);
    const clients = clientsOf(inflated(output));
    return () => straightforward(event, clients);
  },
};

const prepare = PROGRAMS[program]?.();
let next = 0;

/** ms of CPU for the next `count` batches. */
async function run(count: number): Promise<number> {
  const works = Array.from({ length: count }, () => prepare?.(next++));
  const startMs = cpuMs();
  for (const work of works) await work?.();
  return cpuMs() - startMs;
}

await run(task.warmUp);
process.on('message', async () => process.send?.(await run(task.perRound)));
process.send?.('ready');
