// The one build definition: the Lambda bundle (dist/index.mjs) and the command line (dist/cli.mjs).
// Dynamic imports become chunks of their own, so the AWS clients are read from disk only when a lookup is due.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** esbuild settings shared by everything we bundle; `module,main` keeps the AWS SDK free of dynamic `require`. */
export const bundleOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  mainFields: ['module', 'main'],
  splitting: true,
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
};

/**
 * Builds into `outdir` (relative to the repository).
 * @param {string} outdir
 */
export async function buildAll(outdir = 'dist') {
  rmSync(new URL(`../${outdir}`, import.meta.url), { recursive: true, force: true });
  const entries = { index: 'src/lambda/handler.ts', cli: 'src/cli/main.ts' };
  // Two builds, so that the function's package does not carry the command line's chunks.
  await build({ ...bundleOptions, entryPoints: { index: entries.index }, outdir });
  await build({
    ...bundleOptions,
    entryPoints: { cli: entries.cli },
    outdir,
    chunkNames: 'cli/[name]-[hash]',
    // commander is CommonJS and requires Node's own modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
