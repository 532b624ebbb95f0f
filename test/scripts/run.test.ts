// Both ends of a pipe may be the command line: what one process imports, another must not write over.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Copy, copyProject } from '../../scripts/tools/project-copy.ts';

const RUN = 'node scripts/run.js src/cli/main.ts --version';
const BUNDLE = '.cache/run/src-cli-main-ts.mjs';

let copy: Copy;
beforeAll(() => {
  copy = copyProject();
});
afterAll(() => copy.remove());

it('puts a new bundle beside the one that is being read, whole and at once', () => {
  copy.run(
    `${RUN} && ln ${BUNDLE} being-read && cp ${BUNDLE} as-it-was && echo '// changed' >> src/cli/main.ts`,
  );
  expect(copy.run(`${RUN} && [ being-read -ef ${BUNDLE} ] && echo written over || echo replaced`)).toMatch(
    /^\d.*\nreplaced\n$/,
  );
  expect(copy.run('cmp being-read as-it-was && ls .cache/run')).toBe('src-cli-main-ts.mjs\n');
});

it('runs many at once, each with its output', () => {
  const all = `for n in 1 2 3 4 5 6 7 8; do ${RUN} & done; wait`;
  expect(copy.run(all).trim().split('\n')).toEqual(Array(8).fill(copy.run(RUN).trim()));
});
