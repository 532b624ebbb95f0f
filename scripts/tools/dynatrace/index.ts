// Writes what is made from the model and the queries: `npm run dynatrace`, or `-- --check` to see whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { dashboard } from './dashboard.ts';
import { fieldTable } from './field-table.ts';
import { recordSchema } from './record-schema.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const FILES: readonly (readonly [path: string, text: string])[] = [
  ['dynatrace/record.schema.json', json(recordSchema(true))],
  ['dynatrace/dashboard.json', json(dashboard())],
  [
    'dynatrace/FIELDS.md',
    `# Fields of the normalised record\n\nGenerated from \`src/core/model/record-fields/\`; logs: C CoreDNS, R Resolver, P public zone.\n\n${fieldTable()}\n`,
  ],
];

const stale = FILES.filter(([path, text]) => read(path) !== text).map(([path]) => path);
if (!process.argv.includes('--check')) {
  for (const [path, text] of FILES) writeFileSync(path, text);
  console.log(stale.length === 0 ? 'All current.' : `Written: ${stale.join(', ')}`);
} else if (stale.length > 0) {
  console.error(`Not current: ${stale.join(', ')}. Run: npm run dynatrace`);
  process.exitCode = 1;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
