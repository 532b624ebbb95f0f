import { warn } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { isAwsError } from '../aws/command.ts';
import { commandLine } from '../shell.ts';

/**
 * Retention periods that CloudWatch Logs accepts.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
export const RETENTION_DAYS: readonly string[] =
  '1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653'.split(' ');

/** Default retention of a log group that is created here. */
export const DEFAULT_RETENTION_DAYS = '7';

/**
 * Creates the log group if it does not exist; returns its ARN without `:*`. An existing group without a limit gets a
 * retention only on request, because CloudWatch then deletes older events.
 */
export async function ensureLogGroup(
  aws: Aws,
  logGroup: string,
  retentionDays: string | undefined,
): Promise<string> {
  const logs = await aws.logs();
  const isNew = await create(aws, logGroup);
  const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: logGroup });
  const group = logGroups?.find(({ logGroupName }) => logGroupName === logGroup);
  const days = retentionDays ?? (isNew ? DEFAULT_RETENTION_DAYS : undefined);
  if (group?.retentionInDays === undefined && days !== undefined)
    await logs.putRetentionPolicy({ logGroupName: logGroup, retentionInDays: Number(days) });
  else if (group?.retentionInDays === undefined) {
    const limit = commandLine(['aws', 'logs', 'put-retention-policy'], {
      'log-group-name': logGroup,
      'retention-in-days': DEFAULT_RETENTION_DAYS,
    });
    warn(`log group ${logGroup} already exists and keeps events indefinitely; \`${limit}\` sets a limit`);
  }
  return (group?.arn ?? '').replace(/:\*$/, '');
}

async function create(aws: Aws, logGroupName: string): Promise<boolean> {
  try {
    await (await aws.logs()).createLogGroup({ logGroupName });
    return true;
  } catch (error) {
    if (isAwsError(error, 'ResourceAlreadyExistsException')) return false;
    throw error;
  }
}
