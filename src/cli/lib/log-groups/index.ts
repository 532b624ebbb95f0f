// Subscribing log groups to the delivery stream: what `subscribe` and `unsubscribe` do.
import type { SubscriptionFilter } from '@aws-sdk/client-cloudwatch-logs';
import { EXIT, fail, progress, warn } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isAwsError } from '../aws/command.ts';
import { stackOutput } from '../aws/stack.ts';
import {
  DYNATRACE_STACK,
  FIND_STREAM_GRANTS,
  READ_STREAM_GRANT,
  readStream,
  type StreamOptions,
  streamName,
} from '../stream/delivery-stream.ts';
import { filtersOf, ownLogGroups, READ_FILTER_GRANTS, readFilters, refuseOwn } from './filters.ts';
import { defaultPattern } from './pattern.ts';

/** IAM permissions of `subscribe`. */
export const SUBSCRIBE_GRANTS: readonly Grant[] = [
  ...FIND_STREAM_GRANTS,
  READ_STREAM_GRANT,
  ...READ_FILTER_GRANTS,
  { actions: ['logs:PutSubscriptionFilter'], on: 'arn:aws:logs:*:*:log-group:*' },
  { actions: ['iam:PassRole'], on: 'arn:aws:iam::*:role/*' },
];

/** IAM permissions of `unsubscribe`. */
export const UNSUBSCRIBE_GRANTS: readonly Grant[] = [
  ...READ_FILTER_GRANTS.slice(0, 1),
  { actions: ['logs:DeleteSubscriptionFilter'], on: 'arn:aws:logs:*:*:log-group:*' },
];

/** The change of one log group's filter, and the reason for it. */
export type FilterChange = {
  readonly logGroup: string;
  readonly action: 'none' | 'add' | 'change' | 'remove';
  readonly pattern?: string;
  readonly why: string;
};

/** What to subscribe, and how. */
export type SubscribeOptions = StreamOptions & {
  readonly roleArn?: string;
  readonly filterPattern?: string;
  readonly filterName: string;
  readonly dryRun?: boolean;
};

type Subscription = FilterChange & { readonly pattern: string };

/** The old quota of filters per log group. AWS decides; this only triggers a warning in a dry run. */
const FILTERS_PER_GROUP = 2;

/** Subscribes log groups to the stream; with `dryRun`, only works out the changes. */
export async function subscribe(aws: Aws, logGroups: readonly string[], options: SubscribeOptions) {
  const stream = await readStream(aws, await streamName(aws, options));
  if (stream.status !== 'ACTIVE')
    throw fail(
      `stream "${stream.name}" is ${stream.status}, not ACTIVE`,
      'wait until it is ACTIVE',
      EXIT.refused,
    );
  refuseOwn(logGroups, await ownLogGroups(aws, stream));
  const roleArn = options.roleArn ?? (await subscriptionRole(aws, options));
  const changes: Subscription[] = [];
  for (const logGroup of logGroups) {
    const filters = await readFilters(aws, logGroup);
    const change = planSubscription(logGroup, filters, stream.arn, options);
    changes.push(change);
    if (options.dryRun === true) {
      if (change.action === 'add' && filters.length >= FILTERS_PER_GROUP)
        warn(`"${logGroup}" has ${filters.length} filters; AWS may refuse another one`);
    } else if (change.action !== 'none') {
      progress(`subscribing ${logGroup}`);
      await putFilter(aws, change, { stream: stream.arn, roleArn, name: options.filterName, filters });
    }
  }
  return { stream: stream.name, changes };
}

function planSubscription(
  logGroup: string,
  filters: readonly SubscriptionFilter[],
  streamArn: string,
  options: SubscribeOptions,
): Subscription {
  const existing = filters.find(({ destinationArn }) => destinationArn === streamArn);
  if (existing === undefined) {
    const taken = filters.find(({ filterName }) => filterName === options.filterName);
    if (taken !== undefined)
      throw fail(
        `"${logGroup}" has a filter "${options.filterName}" to another destination: ${taken.destinationArn}`,
        'choose another name with --filter-name',
        EXIT.refused,
      );
    const pattern = options.filterPattern ?? defaultPattern(logGroup);
    const why = `${filters.length} existing ${filters.length === 1 ? 'filter' : 'filters'}, pattern '${pattern}'`;
    return { logGroup, action: 'add', pattern, why };
  }
  const before = existing.filterPattern ?? '';
  const kept = { logGroup, action: 'none', pattern: before } as const;
  // A second filter to the same stream would deliver every event twice.
  if (existing.filterName !== options.filterName)
    return { ...kept, why: `already subscribed by filter "${existing.filterName}"` };
  const pattern = options.filterPattern ?? before;
  if (pattern === before) return { ...kept, why: `already subscribed, pattern '${before}'` };
  return { logGroup, action: 'change', pattern, why: `pattern '${before}' becomes '${pattern}'` };
}

async function subscriptionRole(aws: Aws, options: StreamOptions): Promise<string> {
  const stack = options.streamStack ?? DYNATRACE_STACK;
  const remedy =
    'name the role with --role-arn <arn>, or the stack that created the stream with --stream-stack <name>';
  return stackOutput(aws, stack, 'CloudWatchSubscriptionFilterRoleArn', remedy);
}

type Target = {
  readonly stream: string;
  readonly roleArn: string;
  readonly name: string;
  readonly filters: readonly SubscriptionFilter[];
};

async function putFilter(
  aws: Aws,
  { logGroup, pattern }: Subscription,
  { stream, roleArn, name, filters }: Target,
): Promise<void> {
  try {
    await (await aws.logs()).putSubscriptionFilter({
      logGroupName: logGroup,
      filterName: name,
      filterPattern: pattern,
      destinationArn: stream,
      roleArn,
    });
  } catch (error) {
    if (isAwsError(error, 'LimitExceededException')) {
      const names = filters.map(({ filterName, destinationArn }) => `${filterName} -> ${destinationArn}`);
      throw fail(
        `"${logGroup}" already has the maximum number of subscription filters: ${names.join(', ')}`,
        'remove a filter that is not needed, or attach the function to the stream of one of them',
        EXIT.refused,
      );
    }
    if (isAwsError(error, 'InvalidParameterException') && /test message/i.test(String(error)))
      throw fail(
        `CloudWatch Logs could not write to the stream with role ${roleArn}`,
        'give that role firehose:PutRecord and firehose:PutRecordBatch on the stream; a new role needs a minute',
      );
    throw error;
  }
}

/** Removes our filter from log groups; filters of other names stay. With `dryRun`, only works out the changes. */
export async function unsubscribe(
  aws: Aws,
  logGroups: readonly string[],
  { filterName, dryRun }: { readonly filterName: string; readonly dryRun?: boolean },
): Promise<readonly FilterChange[]> {
  const changes: FilterChange[] = [];
  for (const logGroup of logGroups) {
    const filters = await filtersOf(aws, logGroup);
    const ours = filters?.find((filter) => filter.filterName === filterName);
    if (ours === undefined) {
      const why = filters === undefined ? 'there is no such log group' : `it has no filter "${filterName}"`;
      changes.push({ logGroup, action: 'none', why });
      continue;
    }
    if (dryRun !== true) {
      progress(`unsubscribing ${logGroup}`);
      await (await aws.logs()).deleteSubscriptionFilter({ logGroupName: logGroup, filterName });
    }
    changes.push({ logGroup, action: 'remove', why: `filter "${filterName}" to ${ours.destinationArn}` });
  }
  return changes;
}
