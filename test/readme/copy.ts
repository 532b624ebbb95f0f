// A copy of the project as a clean clone has it: nothing built, nothing cached; packages are the ones that are installed.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

/** Where the commands of the documents run. */
export type Copy = {
  /** Runs a line as a shell of a newcomer would, without AWS or a cluster in sight; throws when it fails. */
  readonly run: (line: string) => string;
  readonly remove: () => void;
};

/** Not in a clone, or not worth copying. */
const LEFT_OUT = new Set(['node_modules', '.git', '.cache', 'dist', 'coverage', '.aws-sam', '.venv']);

const ENVIRONMENT = { NO_COLOR: '1', AWS_EC2_METADATA_DISABLED: 'true', npm_config_update_notifier: 'false' };

/** Makes the copy in a folder for temporary files. */
export function copyProject(): Copy {
  const from = resolve('.');
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  cpSync(from, folder, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(relative(from, path)),
  });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const { PATH = '', HOME = '' } = process.env;
  return {
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
