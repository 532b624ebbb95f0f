import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { recordsIn } from '../../src/cli/lib/io/firehose-response.ts';
import { reportPage } from '../../src/cli/lib/report/page.ts';
import { createSummariser } from '../../src/cli/lib/report/summarise.ts';
import type { Shown } from './shown.ts';

const REPORT = '.cache/demo/report.html';

/** Writes the report of all records, and returns its path. */
export function writeReport(shown: readonly Shown[]): string {
  const summariser = createSummariser();
  for (const { records } of shown) for (const record of recordsIn(records)) summariser.add(record);
  mkdirSync(dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, reportPage(summariser, 'DNS report: the demo', Date.now()));
  return REPORT;
}
