import { type Command, Option } from 'commander';
import { DEFAULT_SETTINGS } from '../../core/model/settings.ts';
import { trustInLogGroup } from '../../core/trust/log-group.ts';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect, required } from '../lib/aws/command.ts';
import {
  DEFAULT_CONFIGURATION,
  DEFAULT_LOG_GROUP,
  logGroupsOf,
  RESOLVER_LOG_GRANTS,
  type ResolverLogOptions,
  startLogging,
  stopLogging,
} from '../lib/resolver/index.ts';
import { DEFAULT_RETENTION_DAYS, RETENTION_DAYS } from '../lib/resolver/log-group.ts';
import { commandLine } from '../lib/shell.ts';
import { print, printJson, table } from '../terminal.ts';

type Options = ResolverLogOptions & {
  readonly region?: string;
  readonly vpc?: readonly string[];
  readonly undo?: boolean;
  readonly json?: boolean;
};

const RESOLVER = 'aws.vpcdnsquerylogs';

/** `eks-dns enable-resolver-log`: logs the Resolver queries of VPCs into a log group. */
export function enableResolverLogCommand(): Command {
  const summary = 'log the Route 53 Resolver queries of VPCs';
  return awsCommand('enable-resolver-log', summary, RESOLVER_LOG_GRANTS, run)
    .option('--vpc <id>', 'VPC; repeat, or separate with commas', collect)
    .option('--name <name>', 'name of the query logging configuration', DEFAULT_CONFIGURATION)
    .option('--log-group <name>', 'destination log group', DEFAULT_LOG_GROUP)
    .addOption(
      new Option(
        '--retention-days <n>',
        `retention of a new group (default: ${DEFAULT_RETENTION_DAYS}), or of an existing group without a limit`,
      ).choices(RETENTION_DAYS),
    )
    .option('--undo', 'stop logging these VPCs; the log group stays')
    .option('--dry-run', 'show the steps without taking them')
    .option('--json', 'print the result as JSON');
}

async function run(options: Options, aws: Aws): Promise<void> {
  const vpcs = required(options.vpc, '--vpc <id>');
  const steps = await (options.undo === true ? stopLogging : startLogging)(aws, vpcs, options);
  const dryRun = options.dryRun === true;
  if (options.json === true) return printJson({ dryRun, logGroup: options.logGroup, steps });
  print(
    table(
      [dryRun ? 'planned action' : 'action', 'resource', ''],
      steps.map(({ action, resource, target }) => [action, resource, target]),
    ),
  );
  if (options.undo === true) return;
  const groups = logGroupsOf(steps);
  print(
    `next: ${commandLine(['eks-dns', 'subscribe'], { 'log-group': groups.join(','), region: options.region })}`,
  );
  const unknown = groups.filter((group) => trustInLogGroup(group, DEFAULT_SETTINGS)[RESOLVER] !== 'proved');
  if (unknown.length > 0)
    print(
      `and add to the parameter, so that the function believes the records: ResolverLogGroups=${unknown.join(',')}`,
    );
}
