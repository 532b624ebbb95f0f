// Captures what code writes to stdout and stderr instead of printing it.
import { afterEach } from '@jest/globals';

const STREAMS = ['stdout', 'stderr'] as const;

/** Texts by stream. */
export type Output = { stdout: string; stderr: string };

let restore = (): void => {};

// A test that times out leaves its work pending. If its capture stayed on, Jest's report would be lost with it.
afterEach(() => restore());

/** Runs `work` and returns what was written meanwhile. One call at a time: the streams belong to the process. */
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
