import { spawnSync } from 'node:child_process';
import type { Run } from './run-command.ts';

const CLI = new URL('../../dist/cli.mjs', import.meta.url).pathname;

/** Runs the built command line as a process of its own, with `input` on stdin and none of this process's settings. */
export function runCli(
  args: readonly string[],
  input: string | Buffer = '',
  env: Readonly<Record<string, string>> = {},
): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    input,
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  return { code: status ?? -1, stdout, stderr };
}
