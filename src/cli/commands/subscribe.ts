import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect, required } from '../lib/aws/command.ts';
import { FILTER_NAME } from '../lib/log-groups/filters.ts';
import {
  type FilterChange,
  SUBSCRIBE_GRANTS,
  type SubscribeOptions,
  subscribe,
} from '../lib/log-groups/index.ts';
import { addStreamOptions } from '../lib/stream/delivery-stream.ts';
import { print, printJson, table } from '../terminal.ts';

type Options = SubscribeOptions & { readonly logGroup?: readonly string[]; readonly json?: boolean };

/** `eks-dns subscribe`: subscribes log groups to the stream. */
export function subscribeCommand(): Command {
  const command = awsCommand(
    'subscribe',
    'subscribe log groups to the delivery stream',
    SUBSCRIBE_GRANTS,
    run,
  );
  return addStreamOptions(
    command.option('--log-group <name>', 'log group; repeat, or separate with commas', collect),
  )
    .option('--role-arn <arn>', 'role of CloudWatch Logs (default: from the stack of the stream)')
    .option(
      '--filter-pattern <pattern>',
      "only matching events, '' = all (default: the existing pattern; for a new filter, CoreDNS in Container Insights and all events elsewhere)",
    )
    .option('--filter-name <name>', 'name of the filter', FILTER_NAME)
    .option('--dry-run', 'show the changes without making them')
    .option('--json', 'print the result as JSON');
}

async function run(options: Options, aws: Aws): Promise<void> {
  const logGroups = required(options.logGroup, '--log-group <name>');
  const { stream, changes } = await subscribe(aws, logGroups, options);
  const dryRun = options.dryRun === true;
  if (options.json === true) printJson({ stream, dryRun, changes });
  else print(filterTable(changes, dryRun));
}

/** Table of filter changes: log group, action, reason. */
export const filterTable = (changes: readonly FilterChange[], isDryRun: boolean): string =>
  table(
    ['log group', isDryRun ? 'planned action' : 'action', ''],
    changes.map(({ logGroup, action, why }) => [logGroup, action, why]),
  );
