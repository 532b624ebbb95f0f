import type { Command } from 'commander';
import { parseClusterList } from '../../lambda/cluster-list.ts';
import { arnParts } from '../lib/aws/arn.ts';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect } from '../lib/aws/command.ts';
import { STACK_GRANT } from '../lib/aws/stack.ts';
import { type LookupRole, lookupRoles } from '../lib/lookup-role/index.ts';
import { isRoleArn, readerPolicy } from '../lib/lookup-role/reader-policy.ts';
import {
  addFunctionOptions,
  DEPLOYMENT,
  type DnsFunction,
  type FunctionOptions,
  findFunction,
  functionId,
  READ_FUNCTION_GRANT,
} from '../lib/stream/function.ts';
import { EXIT, fail, jsonText, paint, print, printJson } from '../terminal.ts';

type Options = FunctionOptions & {
  readonly cluster?: readonly string[];
  readonly externalId?: string;
  readonly reader?: readonly string[];
  readonly stateBucket?: string;
  readonly json?: boolean;
};

/**
 * `eks-dns lookup-role`: the role that a cluster of another account needs, or with `--reader` what the bucket needs in
 * which readers of other accounts write; it changes nothing.
 */
export function lookupRoleCommand(): Command {
  const summary = 'print the policies of the roles that read clusters of other accounts';
  const command = awsCommand('lookup-role', summary, [STACK_GRANT, READ_FUNCTION_GRANT], run);
  return addFunctionOptions(command)
    .option(
      '--cluster <entry>',
      'clusters as <name or ARN>=<role ARN>; repeat, or separate with commas (default: those of the function)',
      collect,
    )
    .option('--external-id <id>', 'external id of the roles (default: that of the function)')
    .option(
      '--reader <role ARN>',
      'print instead the policy of the bucket in which readers with these roles write; repeat, or separate with commas',
      collect,
    )
    .option('--state-bucket <name>', 'that bucket (default: that of the function)')
    .option('--json', 'print the roles, or the policy of the bucket, as JSON');
}

async function run(options: Options, aws: Aws): Promise<void> {
  const { roleArn, arn, variables } = await existingFunction(aws, options);
  if (options.reader !== undefined) return printReaderPolicy(options, variables);
  const { region } = arnParts(arn);
  const { clusters, faults } = parseClusterList(
    options.cluster?.join(',') ?? variables.CLUSTERS ?? '',
    region,
  );
  if (faults.length > 0) throw fail(faults.join('\n       '), 'correct the entry', EXIT.usage);
  const externalId = options.externalId ?? (variables.CLUSTER_ROLE_EXTERNAL_ID || undefined);
  const roles = lookupRoles(clusters, { roleArn, region, externalId });
  if (roles.length === 0)
    throw fail('no cluster has a role', 'name one: --cluster <cluster ARN>=<role ARN>', EXIT.usage);
  if (options.json === true) return printJson({ roles });
  for (const role of roles) printRole(role);
}

function printReaderPolicy(options: Options, variables: DnsFunction['variables']): void {
  const roles = (options.reader ?? []).flatMap((text) => text.split(',')).filter(Boolean);
  const wrong = roles.find((role) => !isRoleArn(role));
  if (roles.length === 0 || wrong !== undefined)
    throw fail(
      `"${wrong ?? ''}" is not the ARN of an IAM role`,
      'name the output FunctionRoleArn of the stack of the reader',
      EXIT.usage,
    );
  const bucket = options.stateBucket ?? variables.STATE_BUCKET;
  if (!bucket) throw fail('the function has no bucket', 'name one: --state-bucket <name>', EXIT.usage);
  const policy = readerPolicy(roles, { bucket, prefix: variables.STATE_PREFIX ?? '' });
  if (options.json === true) return printJson(policy);
  print(paint('bold', `# s3://${policy.bucket}`));
  print(
    `# bucket policy; statements that the bucket has already have to be added\n${jsonText(policy.bucketPolicy)}`,
  );
  print(`# command, with credentials of the account of the bucket\n${policy.command}`);
}

/** The trust policies name the function's role, so it must exist. */
async function existingFunction(aws: Aws, options: FunctionOptions): Promise<DnsFunction> {
  const id = await functionId(aws, options);
  const found = await findFunction(aws, id);
  if (found === undefined) throw fail(`there is no function "${id}" in this account and region`, DEPLOYMENT);
  return found;
}

function printRole({ roleArn, trustPolicy, permissionsPolicy, commands }: LookupRole): void {
  print(paint('bold', `# ${roleArn}`));
  print(`# trust policy\n${jsonText(trustPolicy)}`);
  print(`# permissions policy\n${jsonText(permissionsPolicy)}`);
  print(`# commands, with credentials of account ${arnParts(roleArn).accountId}`);
  for (const command of commands) print(command);
  print();
}
