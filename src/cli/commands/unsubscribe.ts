import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect, required } from '../lib/aws/command.ts';
import { FILTER_NAME } from '../lib/log-groups/filters.ts';
import { UNSUBSCRIBE_GRANTS, unsubscribe } from '../lib/log-groups/index.ts';
import { print, printJson } from '../terminal.ts';
import { filterTable } from './subscribe.ts';

type Options = {
  readonly logGroup?: readonly string[];
  readonly filterName: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

/** `eks-dns unsubscribe`: removes our filter from log groups; filters of other names stay. */
export function unsubscribeCommand(): Command {
  const summary = 'unsubscribe log groups from the delivery stream';
  return awsCommand('unsubscribe', summary, UNSUBSCRIBE_GRANTS, run)
    .option('--log-group <name>', 'log group; repeat, or separate with commas', collect)
    .option('--filter-name <name>', 'name of the filter', FILTER_NAME)
    .option('--dry-run', 'show the changes without making them')
    .option('--json', 'print the result as JSON');
}

async function run(options: Options, aws: Aws): Promise<void> {
  const changes = await unsubscribe(aws, required(options.logGroup, '--log-group <name>'), options);
  const dryRun = options.dryRun === true;
  if (options.json === true) printJson({ dryRun, changes });
  else print(filterTable(changes, dryRun));
}
