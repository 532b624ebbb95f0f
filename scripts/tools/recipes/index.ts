// `npm run recipes`: carries out every recipe of docs/contributing.md with a dummy, each in a copy of the project, and
// checks that types, lint, unused code, generated files and tests are green afterwards.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyProject } from '../project-copy.ts';
import { applyChange, type Recipe } from './recipe.ts';
import { RECIPES } from './recipes.ts';

/** Brings generated files up to date, as a person would after the change. */
const GENERATE = ['npm run -s format -- --linter-enabled=false', 'npm run -s dynatrace', 'npm run -s docs'];
const CHECK = [
  'npm run -s types',
  'npm run -s lint',
  'npm run -s unused',
  'npm run -s events:check',
  'npm run -s dynatrace -- --check',
  'npm run -s docs -- --check',
];

function carryOut(recipe: Recipe): number {
  const copy = copyProject();
  try {
    for (const step of recipe.steps) {
      const path = join(copy.folder, step.file);
      const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, applyChange(step, text));
    }
    for (const [file, text] of recipe.golden) {
      const path = join(copy.folder, 'test/golden', file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const cases = recipe.golden.map(([file]) => dirname(file)).join('|');
    const update =
      recipe.changesAllGolden || cases !== ''
        ? [
            `UPDATE_GOLDEN=1 npm test -- test/golden.test.ts${recipe.changesAllGolden ? '' : ` -t '${cases}'`}`,
          ]
        : [];
    for (const line of [...update, ...GENERATE, ...CHECK]) copy.run(line);
    copy.run(`npm test -- test/golden.test.ts ${recipe.tests.join(' ')}`);
    return new Set(recipe.steps.map(({ file }) => file)).size;
  } finally {
    copy.remove();
  }
}

/** The output of a command that failed, as far as a person needs it. */
function reasonOf(error: unknown): string {
  const { message, stdout, stderr } = error as { message?: string; stdout?: string; stderr?: string };
  return [message, stdout, stderr]
    .filter((text) => text)
    .join('\n')
    .slice(0, 8000);
}

for (const recipe of RECIPES) {
  try {
    const files = carryOut(recipe);
    const isWithin = files <= recipe.maxFiles;
    console.log(
      `${isWithin ? 'ok    ' : 'FAILED'} ${recipe.title}: ${files} files (at most ${recipe.maxFiles})`,
    );
    if (!isWithin) process.exitCode = 1;
  } catch (error) {
    console.log(`FAILED ${recipe.title}\n${reasonOf(error)}`);
    process.exitCode = 1;
  }
}
