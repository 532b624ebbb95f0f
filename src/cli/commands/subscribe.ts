import type { SubscriptionFilter } from '@aws-sdk/client-cloudwatch-logs';
import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect, isFault, required } from '../lib/aws/command.ts';
import { STACK_GRANT, stackOutput } from '../lib/aws/stack.ts';
import {
  FILTER_NAME,
  ownLogGroups,
  READ_FILTER_GRANTS,
  readFilters,
  refuseOwn,
} from '../lib/log-groups/filters.ts';
import { defaultPattern } from '../lib/log-groups/pattern.ts';
import {
  DYNATRACE_STACK,
  READ_STREAM_GRANT,
  readStream,
  type StreamOptions,
  streamName,
} from '../lib/stream/stream.ts';
import { EXIT, fail, print, printJson, progress, table, warn } from '../terminal.ts';

type Options = StreamOptions & {
  readonly logGroup?: readonly string[];
  readonly roleArn?: string;
  readonly filterPattern?: string;
  readonly filterName: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

/** Two filters per group is the old quota of an account; AWS decides, this only warns in a dry run. */
const FILTERS_PER_GROUP = 2;

type Change = {
  readonly logGroup: string;
  readonly action: 'none' | 'add' | 'change';
  readonly pattern: string;
  readonly why: string;
};

/** `eks-dns subscribe`: puts log groups onto the stream. */
export function subscribeCommand(): Command {
  const grants = [
    STACK_GRANT,
    READ_STREAM_GRANT,
    ...READ_FILTER_GRANTS,
    { actions: ['logs:PutSubscriptionFilter'], on: 'arn:aws:logs:*:*:log-group:*' },
    { actions: ['iam:PassRole'], on: 'arn:aws:iam::*:role/*' },
  ];
  return awsCommand('subscribe', 'subscribe log groups to the delivery stream', grants, subscribe)
    .option('--log-group <name>', 'log group; several with commas or by repeating', collect)
    .option('--stream <name>', 'the delivery stream, by name or ARN')
    .option('--stream-stack <name>', "else Dynatrace's stack that made it (dynatrace-log-delivery-stream)")
    .option('--role-arn <arn>', 'role of CloudWatch Logs (else from that stack)')
    .option(
      '--filter-pattern <pattern>',
      "only events that match, '' = all (else what is there; for a new filter CoreDNS in Container Insights, all elsewhere)",
    )
    .option('--filter-name <name>', 'name of the filter', FILTER_NAME)
    .option('--dry-run', 'show the change, make none')
    .option('--json', 'print the outcome as JSON');
}

function planned(
  logGroup: string,
  filters: readonly SubscriptionFilter[],
  streamArn: string,
  options: Options,
): Change {
  const there = filters.find(({ destinationArn }) => destinationArn === streamArn);
  if (there === undefined) {
    const taken = filters.find(({ filterName }) => filterName === options.filterName);
    if (taken !== undefined)
      throw fail(
        `"${logGroup}" has a filter "${options.filterName}" to another place: ${taken.destinationArn}`,
        'choose another name with --filter-name',
        EXIT.refused,
      );
    const pattern = options.filterPattern ?? defaultPattern(logGroup);
    const why = `${filters.length} filter(s) there before, pattern '${pattern}'`;
    return { logGroup, action: 'add', pattern, why };
  }
  const before = there.filterPattern ?? '';
  const kept = { logGroup, action: 'none', pattern: before } as const;
  // A second filter to the same stream would deliver every event twice.
  if (there.filterName !== options.filterName)
    return { ...kept, why: `on the stream already by filter "${there.filterName}"` };
  const pattern = options.filterPattern ?? before;
  if (pattern === before) return { ...kept, why: `on the stream already, pattern '${before}'` };
  return { logGroup, action: 'change', pattern, why: `pattern '${before}' becomes '${pattern}'` };
}

async function subscribe(options: Options, aws: Aws): Promise<void> {
  const logGroups = required(options.logGroup, '--log-group <name>');
  const stream = await readStream(aws, await streamName(aws, options));
  if (stream.status !== 'ACTIVE')
    throw fail(
      `stream "${stream.name}" is ${stream.status}, not ACTIVE`,
      'wait until it is ACTIVE',
      EXIT.refused,
    );
  refuseOwn(logGroups, await ownLogGroups(aws, stream));
  const roleArn = options.roleArn ?? (await subscriptionRole(aws, options));
  const changes: Change[] = [];
  for (const logGroup of logGroups) {
    const filters = await readFilters(aws, logGroup);
    const change = planned(logGroup, filters, stream.arn, options);
    changes.push(change);
    if (options.dryRun === true) {
      if (change.action === 'add' && filters.length >= FILTERS_PER_GROUP)
        warn(`"${logGroup}" has ${filters.length} filters; AWS may refuse another one`);
    } else if (change.action !== 'none') {
      progress(`subscribing ${logGroup}`);
      await put(aws, change, { stream: stream.arn, roleArn, options, filters });
    }
  }
  if (options.json === true)
    return printJson({ stream: stream.name, dryRun: options.dryRun === true, changes });
  print(table(['log group', options.dryRun === true ? 'would' : 'done', ''], rows(changes)));
}

const rows = (changes: readonly Change[]): readonly string[][] =>
  changes.map(({ logGroup, action, why }) => [logGroup, action, why]);

async function subscriptionRole(aws: Aws, options: Options): Promise<string> {
  const stack = options.streamStack ?? DYNATRACE_STACK;
  const remedy =
    'name the role with --role-arn <arn>, or the stack that made the stream with --stream-stack <name>';
  return stackOutput(aws, stack, 'CloudWatchSubscriptionFilterRoleArn', remedy);
}

type Put = {
  readonly stream: string;
  readonly roleArn: string;
  readonly options: Options;
  readonly filters: readonly SubscriptionFilter[];
};

async function put(
  aws: Aws,
  { logGroup, pattern }: Change,
  { stream, roleArn, options, filters }: Put,
): Promise<void> {
  try {
    await (await aws.logs()).putSubscriptionFilter({
      logGroupName: logGroup,
      filterName: options.filterName,
      filterPattern: pattern,
      destinationArn: stream,
      roleArn,
    });
  } catch (error) {
    if (isFault(error, 'LimitExceededException')) {
      const names = filters.map(({ filterName, destinationArn }) => `${filterName} -> ${destinationArn}`);
      throw fail(
        `"${logGroup}" has as many subscription filters as AWS allows: ${names.join(', ')}`,
        'remove one that is not needed, or let its stream call the function instead (`eks-dns attach`)',
        EXIT.refused,
      );
    }
    if (isFault(error, 'InvalidParameterException') && /test message/i.test(String(error)))
      throw fail(
        `CloudWatch Logs could not write to the stream with role ${roleArn}`,
        'give that role firehose:PutRecord and firehose:PutRecordBatch on the stream; a new role needs a minute',
      );
    throw error;
  }
}
