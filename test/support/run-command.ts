import type { Command } from 'commander';
import { reportError, throwInsteadOfExit } from '../../src/cli/terminal.ts';
import { captureOutput, type Output } from './captured-output.ts';

/** The output of a command, and the exit code that the process would have had. */
export type Run = Readonly<Output> & { readonly code: number };

/** Runs one command in this process, as `main.ts` would, and captures its output. */
export async function runCommand(command: Command, args: readonly string[]): Promise<Run> {
  const before = process.exitCode;
  let code = 0;
  const output = await captureOutput(async () => {
    try {
      process.exitCode = 0;
      throwInsteadOfExit(command);
      await command.parseAsync([...args], { from: 'user' });
      code = Number(process.exitCode);
    } catch (error) {
      code = reportError(error);
    } finally {
      process.exitCode = before;
    }
  });
  return { code, ...output };
}
