// Prints records as they come: what is printed is not kept.
import { write } from '../../terminal.ts';
import type { JsonRecord } from '../io/firehose-response.ts';
import { createRecordTable } from './view.ts';

/** The forms in which records are printed. */
export const FORMATS = ['pretty', 'json', 'ndjson'] as const;

/** One of `FORMATS`. */
export type Format = (typeof FORMATS)[number];

/** Prints groups of records as one text of a format; `end` completes it. */
export type RecordPrinter = {
  readonly add: (records: readonly JsonRecord[]) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Creates the printer of a format: a table of the width `columns`, an array of JSON, or a line of JSON each. */
export function createRecordPrinter(format: Format, columns: number | undefined): RecordPrinter {
  if (format === 'json') return createArrayPrinter();
  const rowsOf = createRecordTable(columns);
  const linesOf = (records: readonly JsonRecord[]) =>
    records.map((record) => JSON.stringify(record)).join('\n');
  const textOf = format === 'pretty' ? rowsOf : linesOf;
  return {
    add: async (records) => {
      if (records.length > 0) await write(`${textOf(records)}\n`);
    },
    end: async () => {},
  };
}

/** Prints `[`, the records indented as `JSON.stringify` does, and `]`. */
function createArrayPrinter(): RecordPrinter {
  let before = '[\n';
  return {
    add: async (records) => {
      if (records.length === 0) return;
      const texts = records.map((record) => JSON.stringify(record, null, 2).replace(/^/gm, '  '));
      await write(before + texts.join(',\n'));
      before = ',\n';
    },
    end: async () => write(before === ',\n' ? '\n]\n' : '[]\n'),
  };
}
