// Fills the generated parts of the documents: `npm run docs`, or `-- --check` to see whether they are current.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { documentRegions } from './document-regions.ts';
import { fillRegions } from './regions.ts';

const markdownIn = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => (name.endsWith('.md') ? `${folder}/${name}` : []));

const isCheck = process.argv.includes('--check');
const regions = await documentRegions();
const files = ['README.md', ...markdownIn('docs'), ...markdownIn('dynatrace')];
const stale = files.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  const filled = fillRegions(text, regions);
  return filled === text ? [] : [{ file, filled }];
});
const names = stale.map(({ file }) => file).join(', ');
if (!isCheck) {
  for (const { file, filled } of stale) writeFileSync(file, filled);
  console.log(names === '' ? 'All current.' : `Written: ${names}`);
} else if (names !== '') {
  console.error(`Not current: ${names}. Run: npm run docs`);
  process.exitCode = 1;
}
