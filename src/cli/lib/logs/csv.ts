// The results of Logs Insights as CSV (RFC 4180), as the console downloads them:
//   @timestamp,@message
//   2026-03-01 00:00:01.000,"{""version"":""1.100000"", ...}"
import type { Text } from './text.ts';

const HEADER = /^"?@?[A-Za-z_][\w.]{0,63}"?(?:,"?@?[A-Za-z_][\w.]{0,63}"?){0,99}$/;
const NAMES: ReadonlySet<string> = new Set(['@message', 'query_name']);

/** Creates the reader of a file whose first line names columns of DNS logs; undefined for any other first line. */
export function createCsvReader(header: string) {
  if (!HEADER.test(header)) return undefined;
  const names = cellsOf(header);
  if (!names.some((name) => NAMES.has(name))) return undefined;
  let isHeader = true;
  let row: string[] = [];
  let isQuoted = false;

  const finish = (): readonly Text[] => {
    const cells = row.length === 0 ? undefined : cellsOf(row.join('\n'));
    row = [];
    isQuoted = false;
    if (cells === undefined) return [];
    const value = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
    return [{ text: cells.join(','), value, stamp: undefined }];
  };
  return {
    add: (line: string): readonly Text[] => {
      if (isHeader) {
        isHeader = false;
        return [];
      }
      row.push(line);
      // Within quotes a row goes on in the next line.
      if (line.split('"').length % 2 === 0) isQuoted = !isQuoted;
      return isQuoted ? [] : finish();
    },
    flush: finish,
  };
}

const CELL = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g;

const cellsOf = (row: string): readonly string[] =>
  [...row.matchAll(CELL)].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
