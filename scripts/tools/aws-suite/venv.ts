import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const REQUIREMENTS = 'test/aws/requirements.txt';

/** A Python 3.10+ that can make virtual environments; undefined when there is none. */
export function findPython(): string | undefined {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  return ['python3', 'python'].find((name) => spawnSync(name, ['-c', check]).status === 0);
}

/** Makes `.venv` with the pinned tools, unless it holds them already; gives its folder of programs. */
export function ensureVenv(python: string): string {
  const bin = resolve('.venv/bin');
  const stamp = '.venv/requirements.txt';
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return bin;
  console.error('making .venv with moto, ministack, SAM CLI and cfn-lint; this takes some minutes once');
  call(python, ['-m', 'venv', '.venv']);
  call(`${bin}/pip`, ['install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  writeFileSync(stamp, wanted);
  return bin;
}

function call(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, [...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}
