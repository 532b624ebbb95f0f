import { Command, Option } from 'commander';
import type { JsonRecord } from '../lib/io/firehose-response.ts';
import { readBytes, toFirehoseEvent } from '../lib/io/log-input.ts';
import { announceLookups, openPipeline, reportHealth } from '../lib/records/pipeline.ts';
import { summaryText } from '../lib/records/summary.ts';
import { recordTable } from '../lib/records/view.ts';
import { print, printJson, progress, warn } from '../terminal.ts';

type Options = {
  readonly directory?: string;
  readonly format: 'pretty' | 'json' | 'ndjson';
  readonly json?: true;
  readonly logGroup?: string;
  readonly summary?: true;
};

/** `eks-dns transform [file...]`: runs logs through the pipeline and prints the records. */
export function transformCommand(): Command {
  return new Command('transform')
    .description('run CoreDNS or Resolver logs through the pipeline and print the normalised records')
    .argument(
      '[file...]',
      'raw lines, a CloudWatch export, an envelope, a Firehose event or its data; - for stdin (default)',
    )
    .option('-d, --directory <file>', 'JSON inventory of pods, nodes and instances (DIRECTORY_FILE)')
    .addOption(
      new Option('-f, --format <format>', 'output format')
        .choices(['pretty', 'json', 'ndjson'])
        .default('pretty'),
    )
    .option('--json', 'the same as --format json')
    .option('-g, --log-group <name>', 'wrap raw lines in an envelope with this log group')
    .option(
      '-s, --summary',
      'print counts of events, attribution and bytes on stderr (always on with pretty)',
    )
    .addHelpText(
      'after',
      '\nAll settings of the function apply, as environment variables (CLUSTERS, COREDNS_LOG_FORMAT, ...).',
    )
    .action(transformFiles);
}

async function transformFiles(files: string[], options: Options): Promise<void> {
  const pipeline = await openPipeline(options.directory);
  const { settings } = pipeline;
  const format = options.json ? 'json' : options.format;
  for (const file of files.length > 0 ? files : ['-']) {
    const event = toFirehoseEvent((await readBytes(file)).toString('utf8'), {
      logGroup: options.logGroup,
      logStream: file,
      region: settings.region ?? 'eu-west-1',
      nowMs: Date.now(),
    });
    announceLookups(settings);
    const { records, summary } = await pipeline.run(event);
    printRecords(records, format);
    reportHealth(summary);
    if (records.length === 0) warn(summary.untrusted > 0 ? NO_TRUSTED_LINE : NO_DNS_LINE);
    if (options.summary || format === 'pretty') progress(summaryText(summary));
  }
}

const NO_DNS_LINE = 'no DNS log line found; a custom FORMAT needs COREDNS_LOG_FORMAT (see explain-format)';

const NO_TRUSTED_LINE =
  'the DNS log lines come from a container or log group that may not write them (see docs/trust.md)';

function printRecords(records: readonly JsonRecord[], format: Options['format']): void {
  if (format === 'ndjson') for (const record of records) print(JSON.stringify(record));
  else if (format === 'json') printJson(records);
  else if (records.length > 0) print(recordTable(records));
}
