// What code writes to stdout and stderr, caught instead of printed.
import { afterEach } from '@jest/globals';

const STREAMS = ['stdout', 'stderr'] as const;

/** Texts by stream. */
export type Output = { stdout: string; stderr: string };

let restore = (): void => {};

// A test that ends at its time limit leaves its work hanging: caught any longer, Jest's own report would be lost.
afterEach(() => restore());

/** Runs `work` and gives what was written meanwhile. One at a time. */
export async function captureOutput(work: () => unknown): Promise<Output> {
  const output: Output = { stdout: '', stderr: '' };
  const originals = STREAMS.map((name) => [name, process[name].write] as const);
  restore = () => {
    for (const [name, write] of originals) process[name].write = write;
    restore = () => {};
  };
  for (const name of STREAMS)
    process[name].write = ((chunk: string | Uint8Array) => {
      output[name] += chunk.toString();
      return true;
    }) as typeof process.stdout.write;
  try {
    await work();
  } finally {
    restore();
  }
  return output;
}
