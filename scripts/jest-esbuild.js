// Jest transformer: compiles each TypeScript file with esbuild, the compiler of the production bundle.
import { transformSync } from 'esbuild';

export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20.19',
      sourcefile: path,
      sourcemap: 'both',
    });
    return { code, map };
  },
};
