// Coverage counts every file of src/, loaded or not. A type-only file has no code to run, so it is loaded here and counts
// as covered. A file with code is not loaded here: its own tests have to cover it.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { transformSync } from 'esbuild';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name}`);

/** True when nothing is left of the file once its types are removed. */
const isTypeOnly = (path: string): boolean =>
  transformSync(readFileSync(path, 'utf8'), { loader: 'ts', format: 'esm' }).code.trim() === '';

it.each(sources.filter(isTypeOnly))('%s exports no values', async (path) => {
  expect(Object.keys(await import(resolve(path)))).toEqual([]);
});
