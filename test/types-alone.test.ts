// Coverage counts every file of src/, loaded or not. A file of types alone has nothing that could run: it is loaded here,
// so that it does not count as missed. One with code never is: its own tests have to reach it.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { transformSync } from 'esbuild';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name}`);

/** Whether nothing is left of it once its types are gone. */
const isTypesAlone = (path: string): boolean =>
  transformSync(readFileSync(path, 'utf8'), { loader: 'ts', format: 'esm' }).code.trim() === '';

it.each(sources.filter(isTypesAlone))('%s exports nothing that runs', async (path) => {
  expect(Object.keys(await import(resolve(path)))).toEqual([]);
});
