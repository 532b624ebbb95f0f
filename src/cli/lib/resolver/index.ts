// Query logging of VPCs: what `enable-resolver-log` does.
import { fail, progress } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import type { Grant } from '../aws/command.ts';
import { shellWord } from '../shell.ts';
import {
  associate,
  associations,
  createConfig,
  disassociate,
  queryLogConfigs,
  READ_RESOLVER_GRANT,
} from './api.ts';
import { type Destination, destinationsOf, logGroupOf } from './destinations.ts';

/** IAM permissions of `enable-resolver-log`. */
export const RESOLVER_LOG_GRANTS: readonly Grant[] = [
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
    // Route 53 makes these calls with the caller's identity to get access to the log group.
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

/** Default name of the query logging configuration. */
export const DEFAULT_CONFIGURATION = 'eks-dns-firehose';

/** Default log group of the query logs. */
export const DEFAULT_LOG_GROUP = `/aws/vendedlogs/route53resolver/${DEFAULT_CONFIGURATION}`;

/** Configuration and log group of the query logs. */
export type ResolverLogOptions = {
  /** Name of the query logging configuration. */
  readonly name: string;
  readonly logGroup: string;
  readonly retentionDays?: string;
  readonly dryRun?: boolean;
};

/** One step: `{ action: 'create', resource: 'query logging of vpc-1', target: '/aws/vendedlogs/...' }`. */
export type Step = {
  readonly action: 'create' | 'delete' | 'keep';
  readonly resource: string;
  /** Name of the configuration, or the log group. */
  readonly target: string;
};

const CONFIGURATION = 'query logging configuration';

const loggingOf = (vpc: string): string => `query logging of ${vpc}`;

/**
 * Logs the queries of VPCs into a log group; VPCs that already log into one stay. With `dryRun`, only returns the
 * steps.
 */
export async function startLogging(
  aws: Aws,
  vpcs: readonly string[],
  options: ResolverLogOptions,
): Promise<readonly Step[]> {
  const configs = await queryLogConfigs(aws);
  const existing = await associations(aws);
  const ours = configs.find(({ Name }) => Name === options.name);
  const logsTo = logGroupOf(ours?.DestinationArn);
  if (ours !== undefined && logsTo !== options.logGroup)
    throw fail(
      `configuration "${options.name}" logs to ${ours.DestinationArn}, and AWS does not allow changing that`,
      logsTo === undefined
        ? 'choose another --name'
        : `use --log-group ${shellWord(logsTo)}, or another --name`,
    );
  // A second configuration with a log group would log, and bill, every query twice.
  const current = new Map(
    vpcs.map((vpc) => [vpc, currentGroup(vpc, destinationsOf(vpc, configs, existing))]),
  );
  const steps = vpcs.map((vpc): Step => {
    const group = current.get(vpc);
    const action = group === undefined ? 'create' : 'keep';
    return { action, resource: loggingOf(vpc), target: group ?? options.logGroup };
  });
  const missing = vpcs.filter((vpc) => current.get(vpc) === undefined);
  if (missing.length === 0) return steps;
  const first: Step = { action: ours ? 'keep' : 'create', resource: CONFIGURATION, target: options.name };
  if (options.dryRun === true) return [first, ...steps];
  const id = ours?.Id ?? (await createConfig(aws, options.name, options.logGroup, options.retentionDays));
  for (const vpc of missing) {
    progress(`associating ${vpc} with "${options.name}"`);
    await associate(aws, id, vpc);
  }
  return [first, ...steps];
}

/**
 * The log group that a VPC logs to; undefined if it has none. Throws if its only destination of that kind has failed.
 */
function currentGroup(vpc: string, destinations: readonly Destination[]): string | undefined {
  const groups = destinations.filter(({ logGroup }) => logGroup !== undefined);
  const found = groups.find(({ fault }) => fault === undefined) ?? groups[0];
  if (found?.fault !== undefined)
    throw fail(`query logging of ${vpc} into ${found.logGroup} is ${found.fault.reason}`, found.fault.remedy);
  return found?.logGroup;
}

/** Stops logging VPCs, and deletes the configuration if no other VPC uses it. With `dryRun`, only returns the steps. */
export async function stopLogging(
  aws: Aws,
  vpcs: readonly string[],
  options: ResolverLogOptions,
): Promise<readonly Step[]> {
  const ours = (await queryLogConfigs(aws)).find(({ Name }) => Name === options.name);
  if (ours?.Id === undefined)
    throw fail(`there is no query logging configuration "${options.name}"`, 'see --name');
  const id = ours.Id;
  const all = (await associations(aws)).filter((one) => one.ResolverQueryLogConfigId === id);
  const leaving = all.filter(({ ResourceId }) => vpcs.includes(ResourceId ?? ''));
  const steps: Step[] = [];
  for (const { ResourceId = '' } of leaving) {
    if (options.dryRun !== true) {
      progress(`disassociating ${ResourceId} from "${options.name}"`);
      await disassociate(aws, id, ResourceId);
    }
    steps.push({ action: 'delete', resource: loggingOf(ResourceId), target: options.logGroup });
  }
  const isUnused = leaving.length === all.length;
  if (isUnused && options.dryRun !== true)
    await (await aws.resolver()).deleteResolverQueryLogConfig({ ResolverQueryLogConfigId: id });
  return [...steps, { action: isUnused ? 'delete' : 'keep', resource: CONFIGURATION, target: options.name }];
}

/** The log groups into which the VPCs of these steps log. */
export const logGroupsOf = (steps: readonly Step[]): readonly string[] => [
  ...new Set(steps.filter(({ resource }) => resource !== CONFIGURATION).map(({ target }) => target)),
];
