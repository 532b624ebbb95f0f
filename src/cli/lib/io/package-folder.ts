import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../../terminal.ts';

/** Folder of this program, with `dynatrace/`, `scripts/` and `template.yaml`. It runs from `dist/` or `src/` below it. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'dynatrace', 'openpipeline-processor.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw fail('the folder dynatrace/ is missing', 'install the program again');
    folder = parent;
  }
  return folder;
}
