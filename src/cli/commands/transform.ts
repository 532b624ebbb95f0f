import { Command, Option } from 'commander';
import { type BatchSummary, createSummary } from '../../core/model/summary.ts';
import { emptyInput } from '../lib/io/lines.ts';
import { FORMS, readLogs } from '../lib/logs/index.ts';
import { nobodyNamed } from '../lib/records/nobody-named.ts';
import { announceLookups, createHealthReport, openPipeline } from '../lib/records/pipeline.ts';
import { createRecordPrinter, FORMATS, type Format } from '../lib/records/print-records.ts';
import { addBatchCounts, summaryText } from '../lib/records/summary.ts';
import { isNarrow, LEGEND } from '../lib/records/view.ts';
import { progress, terminalWidth, warn } from '../terminal.ts';

type Options = {
  readonly directory?: string;
  readonly format: Format;
  readonly json?: true;
  readonly logGroup?: string;
  readonly summary?: true;
};

/** `eks-dns transform [file...]`: runs logs through the pipeline and prints the records, as the logs arrive. */
export function transformCommand(): Command {
  return new Command('transform')
    .description('run CoreDNS or Route 53 logs through the pipeline and print the normalised records')
    .argument('[file...]', 'logs in a form of the list below; - for stdin (default)')
    .option(
      '-d, --directory <file>',
      'pods, nodes and instances (DIRECTORY_FILE): kubectl get pods,nodes -A -o json, or make-directory',
    )
    .addOption(new Option('-f, --format <format>', 'output format').choices(FORMATS).default('pretty'))
    .option('--json', 'the same as --format json')
    .option('-g, --log-group <name>', 'log group of lines that name none')
    .option(
      '-s, --summary',
      'print counts of events, attribution and bytes on stderr (always on with pretty)',
    )
    .addHelpText('after', `\nReads:\n${FORMS_LIST}`)
    .addHelpText(
      'after',
      '\nAll settings of the function apply, as environment variables (CLUSTERS, COREDNS_LOG_FORMAT, ...).',
    )
    .action(transformFiles);
}

const FORMS_LIST = FORMS.map((form) => `  - ${form}`).join('\n');

async function transformFiles(files: string[], options: Options): Promise<void> {
  const pipeline = await openPipeline(options.directory);
  const format = options.json ? 'json' : options.format;
  const columns = terminalWidth();
  announceLookups(pipeline.settings);
  const reportHealth = createHealthReport();
  for (const file of files.length > 0 ? files : ['-']) {
    const printer = createRecordPrinter(format, columns);
    const summary = createSummary();
    let records = 0;
    let batches = 0;
    for await (const batch of readLogs(file, () => ({ arrivalMs: Date.now(), logGroup: options.logGroup }))) {
      const result = await pipeline.run(batch);
      batches++;
      records += result.records.length;
      addBatchCounts(summary, result.summary);
      reportHealth(result.summary);
      await printer.add(result.records);
    }
    if (batches === 0) throw emptyInput(file);
    await printer.end();
    if (records === 0) warn(nothingFound(summary));
    if (format === 'pretty' && records > 0 && isNarrow(columns)) progress(LEGEND);
    if (options.summary || format === 'pretty') progress(summaryText(summary));
    const advice = records === 0 ? undefined : nobodyNamed(summary, pipeline.settings);
    if (advice !== undefined) warn(advice);
  }
}

function nothingFound({ untrusted, unparsed }: BatchSummary): string {
  if (untrusted > 0) return NO_TRUSTED_LINE;
  const lines = unparsed === 0 ? '' : ` (${unparsed} line(s) resemble one and could not be parsed)`;
  return `no DNS log line found${lines}; a custom FORMAT needs COREDNS_LOG_FORMAT (see explain-format). transform reads:\n${FORMS_LIST}`;
}

const NO_TRUSTED_LINE =
  'the DNS log lines come from a container or log group that may not write them (see docs/trust.md)';
