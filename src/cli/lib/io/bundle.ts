// The built function and its environment, as `invoke` and `simulate` take them.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { EXIT, fail } from '../../terminal.ts';
import { commandLine } from '../shell.ts';
import { pathFromUser } from '../started-as.ts';
import { parseJson } from './json.ts';
import { readBytes } from './log-input.ts';
import { packageFolder } from './package-folder.ts';

/** The format of `sam local invoke --env-vars`: variables per function, or for all functions under `Parameters`. */
const EnvironmentFile = z.record(z.string(), z.record(z.string(), z.coerce.string()));

/** File URL of the built function; throws if it does not exist. */
export function bundleUrl(file: string): string {
  const path = resolve(file);
  if (!existsSync(path)) {
    const folder = pathFromUser(packageFolder());
    const build = commandLine(['npm', ...(folder === '.' ? [] : ['--prefix', folder]), 'run', 'build']);
    throw fail(`${file} is not built`, `\`${build}\` builds it`, EXIT.usage);
  }
  return pathToFileURL(path).href;
}

/** Variables of an environment file: those for all functions, overridden by those of single functions. */
export async function readEnvironment(file: string): Promise<Record<string, string>> {
  const parsed = EnvironmentFile.safeParse(parseJson((await readBytes(file)).toString('utf8')));
  if (!parsed.success) {
    throw fail(
      `${file} is not an environment file`,
      'write it as {"Parameters": {"DIRECTORY_FILE": "events/directory.json"}}',
      EXIT.usage,
    );
  }
  const { Parameters: shared = {}, ...functions } = parsed.data;
  return Object.assign({}, shared, ...Object.values(functions));
}
