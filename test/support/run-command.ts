import type { Command } from 'commander';
import { reportError } from '../../src/cli/terminal.ts';

/** What a command printed, and what the process would have ended with. */
export type Run = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs one command in this process, as `main.ts` would, with its output caught. */
export async function runCommand(command: Command, args: readonly string[]): Promise<Run> {
  const before = { stdout: process.stdout.write, stderr: process.stderr.write, exitCode: process.exitCode };
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = ((chunk: string | Uint8Array) => {
      text[name] += chunk.toString();
      return true;
    }) as typeof process.stdout.write;
  let code = 0;
  try {
    process.exitCode = 0;
    await command.exitOverride().parseAsync([...args], { from: 'user' });
    code = Number(process.exitCode);
  } catch (error) {
    code = reportError(error);
  } finally {
    process.stdout.write = before.stdout;
    process.stderr.write = before.stderr;
    process.exitCode = before.exitCode;
  }
  return { code, ...text };
}
