import { createInterface } from 'node:readline/promises';
import { EXIT, fail } from './terminal.ts';

/** Asks a question that only `y` or `yes` answers; throws for any other answer, and without a terminal. */
export async function confirm(question: string): Promise<void> {
  const refusal = fail(
    'nothing was changed',
    'add --yes to make this change, or --dry-run to only show it',
    EXIT.usage,
  );
  if (process.stdin.isTTY !== true) throw refusal;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw refusal;
}
