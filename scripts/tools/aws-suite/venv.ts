import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const REQUIREMENTS = 'test/aws/requirements.txt';

/** Name of a Python 3.10+ that can create virtual environments; undefined if there is none. */
export function findPython(): string | undefined {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  return ['python3', 'python'].find((name) => spawnSync(name, ['-c', check]).status === 0);
}

/** Creates `.venv` with the pinned tools if it does not have them; returns its `bin` folder. */
export function ensureVenv(python: string): string {
  const bin = resolve('.venv/bin');
  const stamp = '.venv/requirements.txt';
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements) return bin;
  console.error('creating .venv with moto, ministack, SAM CLI and cfn-lint; this takes a few minutes, once');
  call(python, ['-m', 'venv', '.venv']);
  call(`${bin}/pip`, ['install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  writeFileSync(stamp, requirements);
  return bin;
}

function call(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, [...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}
