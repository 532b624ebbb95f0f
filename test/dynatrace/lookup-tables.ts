// The lists of `dynatrace/lists/` as the lookup tables that `apply --lists` makes of them.
import { readdirSync, readFileSync } from 'node:fs';
import type { Row } from './dql/values.ts';

const FOLDER = 'dynatrace/lists';

/** Lines of every list by the name of its table. */
export const readFiles = (): [table: string, lines: string[]][] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.csv'))
    .map((file) => [
      file.replace('.csv', ''),
      readFileSync(`${FOLDER}/${file}`, 'utf8').trimEnd().split('\n'),
    ]);

/** Rows by the path of the lookup table. */
export function readLists(): Readonly<Record<string, readonly Row[]>> {
  return Object.fromEntries(
    readFiles().map(([table, lines]) => {
      const [header = '', ...rows] = lines.filter((line) => !line.startsWith('#'));
      const columns = header.split(',');
      const toRow = (line: string): Row =>
        Object.fromEntries(line.split(',').map((value, i) => [columns[i] ?? '', value]));
      return [`/lookups/eks_dns/${table}`, rows.map(toRow)];
    }),
  );
}
