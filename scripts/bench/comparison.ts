// Compares the transform with its floor and with the straightforward version over batches of a workload, each in a process
// of its own, in alternation: the speed of a shared machine varies, so ratios are those of one round.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FirehoseEvent } from '../../src/cli/lib/io/log-input.ts';
import { type Batch, createBatches, type Workload } from './batches.ts';
import { inflated, messagesOf } from './rivals.ts';
import { median } from './setup.ts';
import { createWorkloadTransform } from './workload-transform.ts';

/** Batches of a workload with the outputs of the transform: some to warm up, then those of each round. */
export type Task = {
  readonly workload: Workload;
  readonly eventsPerBatch: number;
  readonly warmUp: number;
  readonly perRound: number;
  readonly batches: readonly {
    readonly event: FirehoseEvent;
    /** Data of the records, base64. */
    readonly output: readonly string[];
  }[];
};

const ROUNDS = 3;
const WARM_UP = 8;
const PER_ROUND = 2;

/** Figures of a workload; ratios are medians over the rounds. */
export type Comparison = {
  readonly events: number;
  readonly records: number;
  readonly nsPerEvent: number;
  readonly floorNsPerEvent: number;
  readonly costOverFloor: number;
  readonly speedOverStraightforward: number;
  /** Mean size of a record's JSON without its envelope. */
  readonly bytesPerRecord: number;
  /** Inflated bytes per byte of gzip, in and out. */
  readonly inflation: { readonly input: number; readonly output: number };
};

/** Compares the programs over batches of about `gzipBytes`. No batch comes twice, so new names stay new. */
export async function compare(workload: Workload, gzipBytes: number): Promise<Comparison> {
  const batches = createBatches(workload, gzipBytes, WARM_UP + ROUNDS * PER_ROUND);
  const eventsPerBatch = batches[0]?.events ?? 0;
  const transform = createWorkloadTransform(workload, eventsPerBatch);
  const outputs: string[][] = [];
  for (const { event } of batches) {
    const { response } = await transform(event);
    outputs.push(response.records.map(({ data }) => data ?? ''));
  }
  const task: Task = {
    workload,
    eventsPerBatch,
    warmUp: WARM_UP,
    perRound: PER_ROUND,
    batches: batches.map(({ event }, i) => ({ event, output: outputs[i] ?? [] })),
  };
  const rounds = await inProcesses(task);
  const nsPerEvent = (of: (round: Round) => number): number =>
    (median(rounds.map(of)) / PER_ROUND / eventsPerBatch) * 1e6;
  return {
    events: eventsPerBatch,
    records: batches[0]?.event.records.length ?? 0,
    nsPerEvent: nsPerEvent((round) => round.transform),
    floorNsPerEvent: nsPerEvent((round) => round.floor),
    costOverFloor: median(rounds.map((round) => round.transform / round.floor)),
    speedOverStraightforward: median(rounds.map((round) => round.straightforward / round.transform)),
    ...sizesOf(batches[0], outputs[0] ?? []),
  };
}

function sizesOf(batch: Batch | undefined, output: readonly string[]) {
  const plain = inflated(output);
  const messages = messagesOf(plain);
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  const gzipBytes = sum(output.map((data) => Buffer.byteLength(data, 'base64')));
  return {
    bytesPerRecord: sum(messages.map((message) => Buffer.byteLength(message))) / messages.length,
    inflation: {
      input: (batch?.plainBytes ?? 0) / (batch?.gzipBytes ?? 1),
      output: sum(plain.map(({ length }) => length)) / gzipBytes,
    },
  };
}

/** ms of CPU of the batches of a round. */
type Round = { readonly transform: number; readonly floor: number; readonly straightforward: number };

async function inProcesses(task: Task): Promise<readonly Round[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'task.json');
  writeFileSync(file, JSON.stringify(task));
  const started: ChildProcess[] = [];
  const start = async (program: keyof Round): Promise<() => Promise<number>> => {
    const child = fork('scripts/run.js', ['scripts/bench/contender.ts', program, file]);
    started.push(child);
    await answerOf(child);
    return () => {
      child.send('round');
      return answerOf(child);
    };
  };
  try {
    const [transform, floor, straightforward] = await Promise.all([
      start('transform'),
      start('floor'),
      start('straightforward'),
    ]);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        transform: await transform(),
        floor: await floor(),
        straightforward: await straightforward(),
      });
    }
    return rounds;
  } finally {
    for (const child of started) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The next message of a child; rejects when it ends instead. */
async function answerOf(child: ChildProcess): Promise<number> {
  const end = new AbortController();
  const exit = once(child, 'exit', end).then(([code]) => {
    throw new Error(`a program of the comparison ended with ${code}`);
  });
  // Ended by us.
  exit.catch(() => undefined);
  try {
    const [answer] = await Promise.race([once(child, 'message', end), exit]);
    return answer as number;
  } finally {
    end.abort();
  }
}
