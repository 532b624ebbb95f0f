import { type Command, Option } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect, required } from '../lib/aws/command.ts';
import { logGroupOf, type Way, waysOf } from '../lib/resolver/destinations.ts';
import { DEFAULT_RETENTION_DAYS, RETENTION_DAYS } from '../lib/resolver/log-group.ts';
import {
  associate,
  associations,
  createConfig,
  disassociate,
  queryLogConfigs,
  READ_RESOLVER_GRANT,
} from '../lib/resolver/query-log.ts';
import { fail, print, printJson, progress, table } from '../terminal.ts';

type Options = {
  readonly vpc?: readonly string[];
  readonly name: string;
  readonly logGroup: string;
  readonly retentionDays?: string;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

type Step = {
  readonly what: string;
  readonly on: string;
  readonly state: 'there' | 'made' | 'removed' | 'kept';
};

const NAME = 'eks-dns-firehose';

/** `eks-dns enable-resolver-log`: logs the Resolver queries of VPCs into a log group. */
export function enableResolverLogCommand(): Command {
  const grants = [
    READ_RESOLVER_GRANT,
    {
      actions: [
        'route53resolver:CreateResolverQueryLogConfig',
        'route53resolver:DeleteResolverQueryLogConfig',
        'route53resolver:AssociateResolverQueryLogConfig',
        'route53resolver:DisassociateResolverQueryLogConfig',
        'ec2:DescribeVpcs',
      ],
      on: '*',
    },
    { actions: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], on: 'arn:aws:logs:*:*:log-group:*' },
    {
      // What Route 53 does in the caller's name to be let into the log group.
      actions: [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
      ],
      on: '*',
    },
    { actions: ['iam:CreateServiceLinkedRole'], on: 'arn:aws:iam::*:role/aws-service-role/*' },
  ];
  return awsCommand('enable-resolver-log', 'log the Route 53 Resolver queries of VPCs', grants, enable)
    .option('--vpc <id>', 'VPC; several with commas or by repeating', collect)
    .option('--name <name>', 'name of the query logging configuration', NAME)
    .option('--log-group <name>', 'log group to log into', `/aws/vendedlogs/route53resolver/${NAME}`)
    .addOption(
      new Option(
        '--retention-days <n>',
        `how many days a new group (else ${DEFAULT_RETENTION_DAYS}), or one without a limit, keeps events`,
      ).choices(RETENTION_DAYS),
    )
    .option('--undo', 'stop logging these VPCs; the log group stays')
    .option('--dry-run', 'show the steps, take none')
    .option('--json', 'print the outcome as JSON');
}

async function enable(options: Options, aws: Aws): Promise<void> {
  const vpcs = required(options.vpc, '--vpc <id>');
  const steps = options.undo === true ? await stop(options, vpcs, aws) : await start(options, vpcs, aws);
  if (options.json === true)
    return printJson({ dryRun: options.dryRun === true, logGroup: options.logGroup, steps });
  print(
    table(
      ['step', 'on', options.dryRun === true ? 'would be' : 'is'],
      steps.map(({ what, on, state }) => [what, on, state]),
    ),
  );
  const groups = new Set(steps.filter(({ what }) => what.endsWith('is logged')).map(({ on }) => on));
  if (options.undo !== true) print(`next: eks-dns subscribe --log-group ${[...groups].join(',')}`);
}

async function start(options: Options, vpcs: readonly string[], aws: Aws): Promise<readonly Step[]> {
  const configs = await queryLogConfigs(aws);
  const existing = await associations(aws);
  const ours = configs.find(({ Name }) => Name === options.name);
  const oursLogsTo = logGroupOf(ours?.DestinationArn);
  if (ours !== undefined && oursLogsTo !== options.logGroup)
    throw fail(
      `configuration "${options.name}" logs to ${ours.DestinationArn}, and AWS lets nobody change that`,
      `use --log-group ${oursLogsTo ?? '<that one>'}, or another --name`,
    );
  // A second configuration into a log group would log, and bill, every query twice.
  const loggedTo = new Map(vpcs.map((vpc) => [vpc, groupAmong(vpc, waysOf(vpc, configs, existing))]));
  const steps = vpcs.map((vpc): Step => {
    const on = loggedTo.get(vpc);
    return {
      what: `${vpc} is logged`,
      on: on ?? options.logGroup,
      state: on === undefined ? 'made' : 'there',
    };
  });
  const missing = vpcs.filter((vpc) => loggedTo.get(vpc) === undefined);
  if (missing.length === 0) return steps;
  const made: Step = {
    what: 'query logging configuration',
    on: options.name,
    state: ours ? 'there' : 'made',
  };
  if (options.dryRun === true) return [made, ...steps];
  const id = ours?.Id ?? (await createConfig(aws, options.name, options.logGroup, options.retentionDays));
  for (const vpc of missing) {
    progress(`associating ${vpc} with "${options.name}"`);
    await associate(aws, id, vpc);
  }
  return [made, ...steps];
}

/** The log group that a VPC is logged to; undefined when there is none. Refuses where only a way that failed leads to one. */
function groupAmong(vpc: string, ways: readonly Way[]): string | undefined {
  const toGroups = ways.filter(({ logGroup }) => logGroup !== undefined);
  const found = toGroups.find(({ fault }) => fault === undefined) ?? toGroups[0];
  if (found?.fault !== undefined)
    throw fail(`query logging of ${vpc} into ${found.logGroup} is ${found.fault.reason}`, found.fault.remedy);
  return found?.logGroup;
}

async function stop(options: Options, vpcs: readonly string[], aws: Aws): Promise<readonly Step[]> {
  const ours = (await queryLogConfigs(aws)).find(({ Name }) => Name === options.name);
  if (ours?.Id === undefined)
    throw fail(`there is no query logging configuration "${options.name}"`, 'see --name');
  const id = ours.Id;
  const isOurs = (one: { ResolverQueryLogConfigId?: string | undefined }) =>
    one.ResolverQueryLogConfigId === id;
  const before = (await associations(aws)).filter(isOurs);
  const leaving = before.filter(({ ResourceId }) => vpcs.includes(ResourceId ?? ''));
  const steps: Step[] = [];
  for (const { ResourceId = '' } of leaving) {
    if (options.dryRun !== true) {
      progress(`taking ${ResourceId} off "${options.name}"`);
      await disassociate(aws, id, ResourceId);
    }
    steps.push({ what: `${ResourceId} is logged`, on: options.logGroup, state: 'removed' });
  }
  const isLast = leaving.length === before.length;
  if (isLast && options.dryRun !== true)
    await (await aws.resolver()).deleteResolverQueryLogConfig({ ResolverQueryLogConfigId: id });
  const state = isLast ? ('removed' as const) : ('kept' as const);
  return [...steps, { what: 'query logging configuration', on: options.name, state }];
}
