import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '../../..');

const LEFT_OUT = new Set(['.aws-sam', '.cache', '.git', '.venv', 'coverage', 'dist', 'node_modules']);

/** Copies the repository like a fresh clone, with nothing installed or built; returns the new folder. */
export function freshCheckout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'eks-dns-'));
  const filter = (path: string): boolean => !LEFT_OUT.has(relative(ROOT, path).split('/')[0] ?? '');
  cpSync(ROOT, folder, { recursive: true, filter });
  return folder;
}

const bin = process.env.AWS_SUITE_BIN ?? '';

/** Runs a program of the suite's virtual environment; throws with its output unless it exits with 0. */
export function tool(
  cwd: string,
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const run = spawnSync(`${bin}/${name}`, [...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, ...env },
  });
  const output = `${run.stdout}${run.stderr}`;
  if (run.status !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${run.status}\n${output}`);
  return output;
}
