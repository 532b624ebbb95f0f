import { Command, Option } from 'commander';
import { createTransform } from '../../core/index.ts';
import { NO_BATCH_LIMITS } from '../../core/model/batch-limits.ts';
import type { BatchSummary } from '../../core/model/summary.ts';
import { compileFormat } from '../../core/sources/coredns/format.ts';
import { createDirectorySource } from '../../inventory/index.ts';
import { loadConfiguration } from '../../lambda/config.ts';
import { type JsonRecord, readResponse, recordsIn } from '../lib/io/firehose-response.ts';
import { readBytes, toFirehoseEvent } from '../lib/io/log-input.ts';
import { summaryText } from '../lib/records/summary.ts';
import { recordTable } from '../lib/records/view.ts';
import { EXIT, fail, print, printJson, progress, warn } from '../terminal.ts';

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
      'raw lines, a CloudWatch export, an envelope or a Firehose event; - for stdin (default)',
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
  // The function continues without a directory file; here a file that cannot be read is an error.
  if (options.directory) await readBytes(options.directory);
  const environment = { ...process.env, ...(options.directory ? { DIRECTORY_FILE: options.directory } : {}) };
  const configuration = loadConfiguration(compileFormat, environment);
  if (!configuration.ok) {
    throw fail(configuration.faults.join('\n       '), 'correct these variables', EXIT.usage);
  }
  const { settings } = configuration;
  // `--format` overrides OUTPUT_FORMAT, and sizes are unlimited.
  const transform = createTransform(
    { ...settings, outputFormat: 'cloudwatch-logs', responseBudgetBytes: Number.POSITIVE_INFINITY },
    {
      directory: createDirectorySource(settings),
      now: Date.now,
      recordFailed: (recordId, code) => progress(`record ${recordId}: ${code}`),
      limits: NO_BATCH_LIMITS,
    },
  );
  const format = options.json ? 'json' : options.format;
  for (const file of files.length > 0 ? files : ['-']) {
    const event = toFirehoseEvent((await readBytes(file)).toString('utf8'), {
      logGroup: options.logGroup,
      logStream: file,
      region: settings.region ?? 'eu-west-1',
      nowMs: Date.now(),
    });
    if (settings.directoryFile === undefined && settings.clusters.length > 0)
      progress(
        `looking up pods in ${settings.clusters.map(({ id }) => id).join(', ')} (at most ${settings.lookupBudgetMs} ms)`,
      );
    const { response, summary } = await transform(event);
    const records = recordsIn(readResponse(event, response));
    printRecords(records, format);
    reportHealth(summary);
    if (records.length === 0) warn(summary.untrusted > 0 ? NO_TRUSTED_LINE : NO_DNS_LINE);
    if (options.summary || format === 'pretty') progress(summaryText(summary));
  }
}

const NO_DNS_LINE = 'no DNS log line found; a custom FORMAT needs COREDNS_LOG_FORMAT (see explain-format)';

const NO_TRUSTED_LINE =
  'the DNS log lines come from a container or log group that may not write them (see docs/trust.md)';

/** Warns of failed sources. Records lack names while a live source is down; a faulty directory file is an error. */
function reportHealth({ health }: BatchSummary): void {
  for (const { source, lastError } of health) {
    if (lastError === undefined) continue;
    warn(`${source}: ${lastError}`);
    if (source === 'file') process.exitCode = EXIT.failed;
  }
}

function printRecords(records: readonly JsonRecord[], format: Options['format']): void {
  if (format === 'ndjson') for (const record of records) print(JSON.stringify(record));
  else if (format === 'json') printJson(records);
  else if (records.length > 0) print(recordTable(records));
}
