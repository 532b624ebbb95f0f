// `npm run dynatrace`: generates everything in `dynatrace/` but its documents and lists. `-- --check` only compares.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { alerts } from './alerts.ts';
import { dashboard } from './dashboard.ts';
import { fieldTable, LEGEND } from './field-table.ts';
import { findings } from './findings.ts';
import { notebook } from './notebook.ts';
import { pipeline } from './pipeline.ts';
import { queryLibrary } from './query-library.ts';
import { recordSchema } from './record-schema.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const FILES: ReadonlyMap<string, string> = new Map([
  ['dynatrace/record.schema.json', json(recordSchema(true))],
  ['dynatrace/openpipeline-processor.json', json(pipeline())],
  ['dynatrace/findings.json', json(findings())],
  ['dynatrace/dashboard.json', json(dashboard('metrics'))],
  ['dynatrace/dashboard-without-processor.json', json(dashboard('logs'))],
  ['dynatrace/notebook.json', json(notebook())],
  [
    'dynatrace/FIELDS.md',
    `# Fields of the normalised record\n\nGenerated from \`src/core/model/record-fields/\`; ${LEGEND}.\n\n${fieldTable()}\n`,
  ],
  ...[...alerts()].map(([name, alert]): [string, string] => [`dynatrace/alerts/${name}.json`, json(alert)]),
  ...[...queryLibrary()].map(([name, query]): [string, string] => [
    `dynatrace/queries/${name}.dql`,
    `${query}\n`,
  ]),
]);

const FOLDERS = ['dynatrace/alerts', 'dynatrace/queries'];

const written = [...FILES].filter(([path, text]) => read(path) !== text).map(([path]) => path);
const leftOver = FOLDERS.flatMap(filesIn).filter((path) => !FILES.has(path));
const stale = [...written, ...leftOver];
if (!process.argv.includes('--check')) {
  for (const path of written) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, FILES.get(path) ?? '');
  }
  for (const path of leftOver) rmSync(path);
  console.log(stale.length === 0 ? 'All up to date.' : `Written: ${stale.join(', ')}`);
} else if (stale.length > 0) {
  console.error(`Not up to date: ${stale.join(', ')}. Run: npm run dynatrace`);
  process.exitCode = 1;
}

/** Paths of the files below a folder. */
function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
