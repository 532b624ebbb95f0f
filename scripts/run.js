// Runs a TypeScript file on every supported Node: `node scripts/run.js scripts/demo.ts [args]`.
// Node 20 cannot strip types, so the file is bundled first (packages stay external) into .cache/.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [entry, ...args] = process.argv.slice(2);
const outfile = `${root}.cache/run/${entry.replaceAll(/[^a-z0-9]+/gi, '-')}.mjs`;
await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.argv.splice(1, process.argv.length, fileURLToPath(pathToFileURL(outfile)), ...args);
await import(pathToFileURL(outfile).href);
