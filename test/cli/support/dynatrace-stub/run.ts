import { dynatraceCommand } from '../../../../src/cli/commands/dynatrace.ts';
import { type Run, runCommand } from '../../../support/run-command.ts';
import { PLATFORM } from './index.ts';

/** Runs `eks-dns dynatrace <args>` in this process, with that token in DT_TOKEN; null = none. */
export async function runDynatrace(args: readonly string[], token: string | null = PLATFORM): Promise<Run> {
  const before = process.env.DT_TOKEN;
  setToken(token ?? undefined);
  try {
    return await runCommand(dynatraceCommand(), args);
  } finally {
    setToken(before);
  }
}

/** Sets DT_TOKEN; undefined deletes it. */
export function setToken(token: string | undefined): void {
  if (token === undefined) delete process.env.DT_TOKEN;
  else process.env.DT_TOKEN = token;
}
