import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect, required } from '../lib/aws/command.ts';
import { FILTER_NAME, filtersOf, READ_FILTER_GRANTS } from '../lib/log-groups/filters.ts';
import { print, printJson, progress, table } from '../terminal.ts';

type Options = {
  readonly logGroup?: readonly string[];
  readonly filterName: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

/** `eks-dns unsubscribe`: takes our filter off log groups; filters of other names stay. */
export function unsubscribeCommand(): Command {
  const grants = [
    ...READ_FILTER_GRANTS.slice(0, 1),
    { actions: ['logs:DeleteSubscriptionFilter'], on: 'arn:aws:logs:*:*:log-group:*' },
  ];
  return awsCommand('unsubscribe', 'take log groups off the delivery stream', grants, unsubscribe)
    .option('--log-group <name>', 'log group; several with commas or by repeating', collect)
    .option('--filter-name <name>', 'name of the filter', FILTER_NAME)
    .option('--dry-run', 'show the change, make none')
    .option('--json', 'print the outcome as JSON');
}

async function unsubscribe(options: Options, aws: Aws): Promise<void> {
  const { filterName } = options;
  const changes: { logGroup: string; action: string; why: string }[] = [];
  for (const logGroup of required(options.logGroup, '--log-group <name>')) {
    const filters = await filtersOf(aws, logGroup);
    const ours = filters?.find((filter) => filter.filterName === filterName);
    if (ours === undefined) {
      const why = filters === undefined ? 'there is no such log group' : `it has no filter "${filterName}"`;
      changes.push({ logGroup, action: 'none', why });
      continue;
    }
    if (options.dryRun !== true) {
      progress(`unsubscribing ${logGroup}`);
      await (await aws.logs()).deleteSubscriptionFilter({ logGroupName: logGroup, filterName });
    }
    changes.push({ logGroup, action: 'remove', why: `filter "${filterName}" to ${ours.destinationArn}` });
  }
  if (options.json === true) return printJson({ dryRun: options.dryRun === true, changes });
  const rows = changes.map(({ logGroup, action, why }) => [logGroup, action, why]);
  print(table(['log group', options.dryRun === true ? 'would' : 'done', ''], rows));
}
