import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '../../..');

const LEFT_OUT = new Set(['.aws-sam', '.cache', '.git', '.venv', 'coverage', 'dist', 'node_modules']);

/** The folder of this run, which the suite deletes at its end. */
const FOLDER = process.env.AWS_SUITE_FOLDER ?? '';

/**
 * A copy of the repository like a fresh clone, in which `sam build` was run: nothing but Node and SAM was there before.
 * The same for all tests of a run, which takes a minute for the first of them.
 */
export function builtCheckout(): string {
  const folder = join(FOLDER, 'checkout');
  const filter = (path: string): boolean => !LEFT_OUT.has(relative(ROOT, path).split('/')[0] ?? '');
  if (!existsSync(folder)) cpSync(ROOT, folder, { recursive: true, filter });
  if (!existsSync(join(folder, '.aws-sam/build/template.yaml'))) tool(folder, 'sam', ['build']);
  return folder;
}

/** Folder of the programs of the suite's virtual environment: `sam`, `cfn-lint`, `python`. */
export const BIN = process.env.AWS_SUITE_BIN ?? '';

/** Runs a program of the suite's virtual environment; throws with its output unless it exits with 0. */
export function tool(
  cwd: string,
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const run = spawnSync(`${BIN}/${name}`, [...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${BIN}:${process.env.PATH}`, ...env },
  });
  const output = `${run.stdout}${run.stderr}`;
  if (run.status !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${run.status}\n${output}`);
  return output;
}
