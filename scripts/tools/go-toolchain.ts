// The Go toolchain, with which the suites build real servers into a cache outside the checkout.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$XDG_CACHE_HOME/eks-dns-firehose` */
export const SERVER_CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'eks-dns-firehose');

/** Whether there is a Go toolchain on the PATH. */
export const hasGo = (): boolean => spawnSync('go', ['version']).status === 0;

/** Runs `go` in a folder and returns what it prints; throws with its messages when it fails. */
export function go(args: readonly string[], cwd: string): string {
  const run = spawnSync('go', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (run.status !== 0) throw new Error(`go ${args.join(' ')} failed: ${run.stderr || run.error?.message}`);
  return run.stdout;
}
