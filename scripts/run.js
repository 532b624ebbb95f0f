// Runs a TypeScript file with any supported Node version: `node scripts/run.js scripts/demo/index.ts [args]`.
// Node 20 cannot strip types, so the file is first bundled into .cache/ (packages stay external).
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [entry, ...args] = process.argv.slice(2);
const outfile = `${root}.cache/run/${entry.replaceAll(/[^a-z0-9]+/gi, '-')}.mjs`;
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile,
  write: false,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
// Written under another name and renamed: the other process of a pipe may be importing the same file, and an incomplete
// module could run without an error.
const temporary = `${outfile}.${process.pid}`;
mkdirSync(dirname(outfile), { recursive: true });
for (const { contents } of outputFiles) writeFileSync(temporary, contents);
renameSync(temporary, outfile);
process.argv.splice(1, process.argv.length, fileURLToPath(pathToFileURL(outfile)), ...args);
await import(pathToFileURL(outfile).href);
