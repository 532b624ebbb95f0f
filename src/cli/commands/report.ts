import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand } from '../lib/aws/command.ts';
import { READ_EVENTS_GRANT } from '../lib/records/read-log-group.ts';
import { addInputOptions, type InputOptions, readRecords, whyNoRecord } from '../lib/records/record-input.ts';
import { createSummariser } from '../lib/report/summarise.ts';
import { progress, warn } from '../terminal.ts';

type Options = InputOptions & { readonly out: string; readonly title: string };

/** `eks-dns report`: records to one HTML file that needs nothing else. */
export function reportCommand(): Command {
  const summary = 'turn records into one HTML file for people: who asked for what, suspects, failures, waste';
  return addInputOptions(awsCommand('report', summary, [READ_EVENTS_GRANT], run))
    .option('--out <file>', 'the file to write; - for stdout', 'dns-report.html')
    .option('--title <text>', 'title of the page', 'DNS report');
}

async function run(options: Options, aws: Aws, files: readonly string[]): Promise<void> {
  const summariser = createSummariser();
  const count = { records: 0, ignored: 0 };
  for await (const record of readRecords(files, options, aws, count)) summariser.add(record);
  // The libraries of the charts are loaded only here.
  const { reportPage } = await import('../lib/report/page.ts');
  const page = reportPage(summariser, options.title, Date.now());
  if (options.out === '-') process.stdout.write(page);
  else await writeFile(options.out, page);
  if (count.ignored > 0) warn(`${count.ignored} line(s) ignored: no DNS record`);
  if (count.records === 0) warn(`no record; ${whyNoRecord(files)}`);
  if (options.out !== '-')
    progress(`${count.records} records in ${options.out} (${Math.ceil(page.length / 1024)} kB)`);
}
