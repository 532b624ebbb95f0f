// Subscription filters, which send a log group's events to the stream.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
import type { SubscriptionFilter } from '@aws-sdk/client-cloudwatch-logs';
import { EXIT, fail } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isAwsError } from '../aws/command.ts';
import { commandLine } from '../shell.ts';
import type { Stream } from '../stream/delivery-stream.ts';
import { type DnsFunction, findFunction, READ_FUNCTION_GRANT } from '../stream/function.ts';
import { lambdaIn } from '../stream/processing.ts';

/** Default name of our filter. */
export const FILTER_NAME = 'eks-dns-firehose';

/** Permissions to read a log group's filters and the name of the function's log group. */
export const READ_FILTER_GRANTS: readonly Grant[] = [
  { actions: ['logs:DescribeSubscriptionFilters'], on: 'arn:aws:logs:*:*:log-group:*' },
  READ_FUNCTION_GRANT,
];

/** The command that takes a filter from a log group. */
export const unsubscribeCommand = (logGroup: string, filterName: string | undefined): string =>
  commandLine(['eks-dns', 'unsubscribe'], { 'log-group': logGroup, 'filter-name': filterName });

/** A log group's filters; undefined if the group does not exist. */
export async function filtersOf(
  aws: Aws,
  logGroup: string,
): Promise<readonly SubscriptionFilter[] | undefined> {
  try {
    const client = await aws.logs();
    const { subscriptionFilters } = await client.describeSubscriptionFilters({ logGroupName: logGroup });
    return subscriptionFilters ?? [];
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** A log group's filters; throws if the group does not exist. */
export async function readFilters(aws: Aws, logGroup: string): Promise<readonly SubscriptionFilter[]> {
  const filters = await filtersOf(aws, logGroup);
  if (filters === undefined)
    throw fail(
      `there is no log group "${logGroup}" in this account and region`,
      'list them with `aws logs describe-log-groups`',
    );
  return filters;
}

/**
 * Log groups to which the stream and its function write, with the reason why they must not be subscribed to that
 * stream: each batch would cause log events for the next batch, endlessly.
 */
export async function ownLogGroups(aws: Aws, stream: Stream): Promise<ReadonlyMap<string, string>> {
  const own = new Map<string, string>();
  const errorLog = stream.http?.errorLogGroup;
  if (errorLog !== undefined) own.set(errorLog, 'the stream writes its errors to it');
  const called = lambdaIn(stream.http?.processing ?? {});
  const found = called === undefined ? undefined : await findFunction(aws, called);
  if (found !== undefined) own.set(found.logGroup, 'the function that the stream calls writes to it');
  return own;
}

/** Throws for log groups that would create a feedback loop. */
export function refuseOwn(logGroups: readonly string[], own: ReadonlyMap<string, string>): void {
  for (const logGroup of logGroups) {
    const reason = own.get(logGroup);
    if (reason !== undefined)
      throw fail(
        `"${logGroup}" must not be subscribed to this stream: ${reason}, so every batch would cause the next`,
        'remove it from --log-group',
        EXIT.refused,
      );
  }
}

/** Throws if the function's own log group is subscribed to the stream: each batch would cause the next. */
export async function refuseLoop(aws: Aws, { logGroup, name }: DnsFunction, stream: Stream): Promise<void> {
  const filter = (await filtersOf(aws, logGroup))?.find(
    ({ destinationArn }) => destinationArn === stream.arn,
  );
  if (filter !== undefined)
    throw fail(
      `"${logGroup}" is subscribed to this stream by filter "${filter.filterName}", and function "${name}" writes to it, so every batch would cause the next`,
      `\`${unsubscribeCommand(logGroup, filter.filterName)}\`, then run this again`,
      EXIT.refused,
    );
}
