// `npm run dynatrace`: generates the record's schema and field table, and the dashboard. `-- --check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { dashboard } from './dashboard.ts';
import { fieldTable, LEGEND } from './field-table.ts';
import { recordSchema } from './record-schema.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const FILES: readonly (readonly [path: string, text: string])[] = [
  ['dynatrace/record.schema.json', json(recordSchema(true))],
  ['dynatrace/dashboard.json', json(dashboard())],
  [
    'dynatrace/FIELDS.md',
    `# Fields of the normalised record\n\nGenerated from \`src/core/model/record-fields/\`; ${LEGEND}.\n\n${fieldTable()}\n`,
  ],
];

const stale = FILES.filter(([path, text]) => read(path) !== text).map(([path]) => path);
if (!process.argv.includes('--check')) {
  for (const [path, text] of FILES) writeFileSync(path, text);
  console.log(stale.length === 0 ? 'All up to date.' : `Written: ${stale.join(', ')}`);
} else if (stale.length > 0) {
  console.error(`Not up to date: ${stale.join(', ')}. Run: npm run dynatrace`);
  process.exitCode = 1;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
