// Builds the Lambda bundle (dist/index.mjs) and the command line (dist/cli.mjs).
// Dynamic imports become separate chunks, so the AWS clients are loaded only when a look-up needs them.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * esbuild settings of all bundles. With `module,main` the AWS SDK is bundled without dynamic `require`. Names are kept, so
 * that a stack trace can be read.
 */
export const bundleOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  mainFields: ['module', 'main'],
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
};

/**
 * Deletes `outdir` and builds both bundles into it.
 * @param {string} outdir relative to the repository
 */
export async function buildAll(outdir = 'dist') {
  rmSync(new URL(`../${outdir}`, import.meta.url), { recursive: true, force: true });
  const entries = { index: 'src/lambda/handler.ts', cli: 'src/cli/main.ts' };
  // Two builds, so that the function's package does not contain chunks of the command line.
  await build({ ...bundleOptions, entryPoints: { index: entries.index }, outdir });
  await build({
    ...bundleOptions,
    entryPoints: { cli: entries.cli },
    outdir,
    chunkNames: 'cli/[name]-[hash]',
    // commander is a CommonJS package and loads Node's built-in modules with `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
