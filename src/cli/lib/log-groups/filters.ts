// Subscription filters: how a log group's events get onto the stream.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
import type { SubscriptionFilter } from '@aws-sdk/client-cloudwatch-logs';
import { EXIT, fail } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isFault } from '../aws/command.ts';
import { type DnsFunction, findFunction, READ_FUNCTION_GRANT } from '../stream/function.ts';
import { lambdaIn } from '../stream/processing.ts';
import type { Stream } from '../stream/stream.ts';

/** Name of our filter unless another is given. */
export const FILTER_NAME = 'eks-dns-firehose';

/** Rights to read a log group's filters, and which group the function writes to. */
export const READ_FILTER_GRANTS: readonly Grant[] = [
  { actions: ['logs:DescribeSubscriptionFilters'], on: 'arn:aws:logs:*:*:log-group:*' },
  READ_FUNCTION_GRANT,
];

/** A log group's filters; undefined when there is no such group. */
export async function filtersOf(
  aws: Aws,
  logGroup: string,
): Promise<readonly SubscriptionFilter[] | undefined> {
  try {
    const client = await aws.logs();
    const { subscriptionFilters } = await client.describeSubscriptionFilters({ logGroupName: logGroup });
    return subscriptionFilters ?? [];
  } catch (error) {
    if (isFault(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** A log group's filters; refuses a group that is not there. */
export async function readFilters(aws: Aws, logGroup: string): Promise<readonly SubscriptionFilter[]> {
  const filters = await filtersOf(aws, logGroup);
  if (filters === undefined)
    throw fail(
      `there is no log group "${logGroup}" in this account and region`,
      '`aws logs describe-log-groups` shows their names',
    );
  return filters;
}

/**
 * Log groups that the chain itself writes to, with the reason why they must never be on its own stream: each batch
 * would log about the batch before, for ever.
 */
export async function ownLogGroups(aws: Aws, stream: Stream): Promise<ReadonlyMap<string, string>> {
  const own = new Map<string, string>();
  const errorLog = stream.http?.errorLogGroup;
  if (errorLog !== undefined) own.set(errorLog, 'the stream writes its own errors to it');
  const called = lambdaIn(stream.http?.processing ?? {});
  const found = called === undefined ? undefined : await findFunction(aws, called);
  if (found !== undefined) own.set(found.logGroup, 'the function that the stream calls writes to it');
  return own;
}

/** Refuses log groups that would make the stream feed itself. */
export function refuseOwn(logGroups: readonly string[], own: ReadonlyMap<string, string>): void {
  for (const logGroup of logGroups) {
    const reason = own.get(logGroup);
    if (reason !== undefined)
      throw fail(
        `"${logGroup}" must not be on this stream: ${reason}, so every batch would cause the next`,
        'leave it out',
        EXIT.refused,
      );
  }
}

/** Refuses a function whose own log is on the stream already: once the stream calls it, each batch causes the next. */
export async function refuseLoop(aws: Aws, { logGroup, name }: DnsFunction, stream: Stream): Promise<void> {
  const filter = (await filtersOf(aws, logGroup))?.find(
    ({ destinationArn }) => destinationArn === stream.arn,
  );
  if (filter !== undefined)
    throw fail(
      `"${logGroup}" is on this stream by filter "${filter.filterName}", and function "${name}" writes to it, so every batch would cause the next`,
      `eks-dns unsubscribe --log-group ${logGroup} --filter-name ${filter.filterName}, then run this again`,
      EXIT.refused,
    );
}
