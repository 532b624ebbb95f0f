// A copy of the project like a clean clone: nothing built, nothing cached; the installed packages are linked.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

/** A copy in a temporary folder. */
export type Copy = {
  readonly folder: string;
  /** Runs a shell line there, without access to AWS or a cluster, and returns its output; throws when it fails. */
  readonly run: (line: string) => string;
  readonly remove: () => void;
};

/** Not in a clone. */
const LEFT_OUT = new Set(['node_modules', '.git', '.cache', 'dist', 'coverage', '.aws-sam', '.venv']);

const ENVIRONMENT = { NO_COLOR: '1', AWS_EC2_METADATA_DISABLED: 'true', npm_config_update_notifier: 'false' };

/** Makes a copy; the caller removes it. */
export function copyProject(): Copy {
  const from = resolve('.');
  const folder = mkdtempSync(join(tmpdir(), 'eks-dns-copy-'));
  cpSync(from, folder, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(relative(from, path)),
  });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const { PATH = '', HOME = '' } = process.env;
  return {
    folder,
    run: (line) =>
      execFileSync('bash', ['-o', 'pipefail', '-c', line], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH, HOME, ...ENVIRONMENT },
        stdio: ['ignore', 'pipe', 'pipe'],
        maxBuffer: 64 * 2 ** 20,
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
