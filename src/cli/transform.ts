import { Command, Option } from 'commander';
import { loadConfiguration } from '../config.ts';
import { createDirectorySource } from '../directory/index.ts';
import { createTransform } from '../pipeline/transform.ts';
import { compileFormat } from '../sources/coredns/format.ts';
import { type JsonRecord, readResponse, recordsIn } from './firehose-response.ts';
import { readBytes, toFirehoseEvent } from './log-input.ts';
import { recordTable } from './record-view.ts';
import { summaryText } from './summary-text.ts';
import { EXIT, fail, print, printJson, progress } from './terminal.ts';

type Options = {
  readonly directory?: string;
  readonly format: 'pretty' | 'json' | 'ndjson';
  readonly logGroup?: string;
  readonly summary?: true;
};

/** `eks-dns transform [file...]`: logs through the real pipeline, records out. */
export function transformCommand(): Command {
  return new Command('transform')
    .description('run CoreDNS or Resolver logs through the real pipeline and print the normalized records')
    .argument(
      '[file...]',
      'raw lines, a CloudWatch export, an envelope or a Firehose event; - or nothing: stdin',
    )
    .option('-d, --directory <file>', 'JSON inventory of pods, nodes and instances (DIRECTORY_FILE)')
    .addOption(
      new Option('-f, --format <format>', 'how to print')
        .choices(['pretty', 'json', 'ndjson'])
        .default('pretty'),
    )
    .option('-g, --log-group <name>', 'put raw lines into an envelope of this log group')
    .option('-s, --summary', 'print what was done on stderr: events, attribution, bytes')
    .addHelpText(
      'after',
      '\nEvery setting of the function works here too, as an environment variable (CLUSTERS, COREDNS_LOG_FORMAT, ...).',
    )
    .action(transformFiles);
}

async function transformFiles(files: string[], options: Options): Promise<void> {
  // The function would go on without; a person who names a file wants that file.
  if (options.directory) readBytes(options.directory);
  const environment = { ...process.env, ...(options.directory ? { DIRECTORY_FILE: options.directory } : {}) };
  const configuration = loadConfiguration(compileFormat, environment);
  if (!configuration.ok) {
    throw fail(configuration.faults.join('\n       '), 'correct the variables named above', EXIT.usage);
  }
  const { settings } = configuration;
  // Asked for on the command line, the form of the output is the command's, not the function's.
  const transform = createTransform(
    { ...settings, outputFormat: 'cloudwatch-logs' },
    {
      directory: createDirectorySource(settings),
      now: Date.now,
      recordFailed: (recordId, code) => progress(`record ${recordId}: ${code}`),
    },
  );
  if (files.length === 0 && process.stdin.isTTY) {
    throw fail('no input', 'give a file, or pipe log lines into the command', EXIT.usage);
  }
  for (const file of files.length > 0 ? files : ['-']) {
    const event = toFirehoseEvent(readBytes(file).toString('utf8'), {
      logGroup: options.logGroup,
      logStream: file,
      region: settings.region ?? 'eu-west-1',
      nowMs: Date.now(),
    });
    const { response, summary } = await transform(event);
    printRecords(recordsIn(readResponse(event, response)), options.format);
    for (const { source, lastError } of summary.health) if (lastError) progress(`${source}: ${lastError}`);
    if (options.summary || options.format === 'pretty') progress(summaryText(summary));
  }
}

function printRecords(records: readonly JsonRecord[], format: Options['format']): void {
  if (format === 'ndjson') for (const record of records) print(JSON.stringify(record));
  else if (format === 'json') printJson(records);
  else print(recordTable(records));
}
