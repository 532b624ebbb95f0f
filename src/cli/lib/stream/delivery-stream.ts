// The delivery stream: how it is named on the command line, read, and checked before a change.
import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import type { Command } from 'commander';
import { EXIT, fail } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isAwsError } from '../aws/command.ts';
import { findOutput, resourcesOf, STACK_GRANT, STACK_RESOURCES_GRANT } from '../aws/stack.ts';
import { dynatraceEndpoint } from './dynatrace-endpoint.ts';

/** The properties of a delivery stream that the commands use. */
export type Stream = {
  readonly name: string;
  readonly arn: string;
  /** `ACTIVE`, `CREATING`, ... */
  readonly status: string;
  readonly versionId: string;
  /** Undefined if the stream does not deliver to an HTTP endpoint. */
  readonly http: HttpDestination | undefined;
  readonly destinations: number;
};

/** The HTTP endpoint destination of a stream. */
export type HttpDestination = {
  readonly id: string;
  readonly url: string;
  readonly roleArn: string;
  readonly processing: ProcessingConfiguration;
  /** Log group of the stream's errors; undefined if error logging is off. */
  readonly errorLogGroup: string | undefined;
  readonly backupBucketArn: string | undefined;
};

/** Options that name the stream: itself, or the stack that created it. */
export type StreamOptions = { readonly stream?: string; readonly streamStack?: string };

/** Stack name in Dynatrace's instructions. */
export const DYNATRACE_STACK = 'dynatrace-log-delivery-stream';

/** Adds `--stream` and `--stream-stack` to a command. */
export const addStreamOptions = (command: Command): Command =>
  command
    .option('--stream <name>', 'delivery stream, by name or ARN')
    .option('--stream-stack <name>', `stack that created the stream (default: ${DYNATRACE_STACK})`);

/** Permissions to find the stream of a stack. */
export const FIND_STREAM_GRANTS: readonly Grant[] = [STACK_GRANT, STACK_RESOURCES_GRANT];

/** Permission to read streams. */
export const READ_STREAM_GRANT: Grant = {
  actions: ['firehose:DescribeDeliveryStream', 'firehose:ListTagsForDeliveryStream'],
  on: 'arn:aws:firehose:*:*:deliverystream/*',
};

/**
 * The stream's name from `--stream` (name or ARN), otherwise the stream of `--stream-stack`: its output `FirehoseArn`, or, as
 * the stacks of AWS connections have no such output, the one of its streams that delivers logs to Dynatrace.
 */
export async function streamName(aws: Aws, options: StreamOptions): Promise<string> {
  if (options.stream !== undefined) return options.stream.replace(/^.*deliverystream\//, '');
  const stack = options.streamStack ?? DYNATRACE_STACK;
  const remedy = 'name the stream with --stream <name>, or its stack with --stream-stack <name>';
  const arn = await findOutput(aws, stack, 'FirehoseArn', remedy);
  if (arn !== undefined) return arn.replace(/^.*deliverystream\//, '');
  const names = await resourcesOf(aws, stack, 'AWS::KinesisFirehose::DeliveryStream');
  if (names.length === 0) throw fail(`stack "${stack}" has no delivery stream`, remedy);
  const [name, ...more] = names.length === 1 ? names : await logStreams(aws, names);
  if (name === undefined)
    throw fail(`stack "${stack}" has no delivery stream that delivers logs to Dynatrace`, remedy);
  if (more.length > 0)
    throw fail(
      `stack "${stack}" has several streams that deliver logs to Dynatrace: ${[name, ...more].join(', ')}`,
      'name one with --stream <name>',
      EXIT.usage,
    );
  return name;
}

/** Those of the streams that deliver logs to Dynatrace; connections have others, for metrics and events. */
export async function logStreams(aws: Aws, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) {
    const url = (await findStream(aws, name))?.http?.url ?? '';
    if (dynatraceEndpoint(url) !== undefined) found.push(name);
  }
  return found;
}

/** Reads a stream; undefined if it does not exist. */
export async function findStream(aws: Aws, name: string): Promise<Stream | undefined> {
  const client = await aws.firehose();
  try {
    const { DeliveryStreamDescription: stream } = await client.describeDeliveryStream({
      DeliveryStreamName: name,
    });
    if (stream === undefined) return undefined;
    const destination = stream.Destinations?.[0];
    const http = destination?.HttpEndpointDestinationDescription;
    const logging = http?.CloudWatchLoggingOptions;
    return {
      name,
      arn: stream.DeliveryStreamARN ?? '',
      status: stream.DeliveryStreamStatus ?? 'unknown',
      versionId: stream.VersionId ?? '',
      destinations: stream.Destinations?.length ?? 0,
      http: http && {
        id: destination?.DestinationId ?? '',
        url: http.EndpointConfiguration?.Url ?? '',
        roleArn: http.RoleARN ?? '',
        processing: http.ProcessingConfiguration ?? { Enabled: false },
        errorLogGroup: logging?.Enabled === true ? logging.LogGroupName : undefined,
        backupBucketArn: http.S3DestinationDescription?.BucketARN,
      },
    };
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** Reads a stream; throws if it does not exist. */
export async function readStream(aws: Aws, name: string): Promise<Stream> {
  const stream = await findStream(aws, name);
  if (stream === undefined)
    throw fail(
      `there is no delivery stream "${name}" in this account and region`,
      'list them with `aws firehose list-delivery-streams`, or choose another region with --region',
    );
  return stream;
}

/** The HTTP destination of a stream that can be changed now; throws with the reason otherwise. */
export function changeable(stream: Stream): HttpDestination {
  const { name, status, http, destinations } = stream;
  if (http === undefined || destinations !== 1)
    throw fail(
      `stream "${name}" does not deliver to an HTTP endpoint`,
      'name the stream that delivers to Dynatrace; this tool changes no other destination',
      EXIT.refused,
    );
  if (status !== 'ACTIVE')
    throw fail(
      `stream "${name}" is ${status}, not ACTIVE`,
      'wait until it is ACTIVE, then run this again',
      EXIT.refused,
    );
  if (!http.roleArn.includes(':role/'))
    throw fail(`stream "${name}" has no delivery role`, 'give the stream a role first', EXIT.refused);
  return http;
}
