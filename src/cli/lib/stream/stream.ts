// The delivery stream that the function is chained onto.
import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { EXIT, fail } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isFault } from '../aws/command.ts';
import { stackOutput } from '../aws/stack.ts';

/** What we need to know of a delivery stream. */
export type Stream = {
  readonly name: string;
  readonly arn: string;
  /** `ACTIVE`, `CREATING`, ... */
  readonly status: string;
  readonly versionId: string;
  /** Absent where the stream delivers to something else than an HTTP endpoint. */
  readonly http: HttpDestination | undefined;
  readonly destinations: number;
};

/** The HTTP endpoint destination of a stream. */
export type HttpDestination = {
  readonly id: string;
  readonly url: string;
  readonly roleArn: string;
  readonly processing: ProcessingConfiguration;
  /** Log group with the stream's own errors; undefined = error logging is off. */
  readonly errorLogGroup: string | undefined;
  readonly backupBucketArn: string | undefined;
};

/** How people name a stream on the command line. */
export type StreamOptions = { readonly stream?: string; readonly streamStack?: string };

/** Stack name that Dynatrace's instructions propose. */
export const DYNATRACE_STACK = 'dynatrace-log-delivery-stream';

/** Right to read streams. */
export const READ_STREAM_GRANT: Grant = {
  actions: ['firehose:DescribeDeliveryStream', 'firehose:ListTagsForDeliveryStream'],
  on: 'arn:aws:firehose:*:*:deliverystream/*',
};

/** The stream's name from `--stream` (name or ARN), else from the output `FirehoseArn` of `--stream-stack`. */
export async function streamName(aws: Aws, options: StreamOptions): Promise<string> {
  if (options.stream !== undefined) return options.stream.replace(/^.*deliverystream\//, '');
  const stack = options.streamStack ?? DYNATRACE_STACK;
  const remedy = 'name the stream with --stream <name>, or its stack with --stream-stack <name>';
  return (await stackOutput(aws, stack, 'FirehoseArn', remedy)).replace(/^.*deliverystream\//, '');
}

/** Reads a stream; undefined when there is none of that name. */
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
    if (isFault(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** Reads a stream that must exist. */
export async function readStream(aws: Aws, name: string): Promise<Stream> {
  const stream = await findStream(aws, name);
  if (stream === undefined)
    throw fail(
      `there is no delivery stream "${name}" in this account and region`,
      '`aws firehose list-delivery-streams` shows their names; --region chooses another region',
    );
  return stream;
}

/** The HTTP destination of a stream that may be changed now; refuses, with the reason, all others. */
export function changeable(stream: Stream): HttpDestination {
  const { name, status, http, destinations } = stream;
  if (http === undefined || destinations !== 1)
    throw fail(
      `stream "${name}" does not deliver to an HTTP endpoint`,
      'name the stream that delivers to Dynatrace; other destinations are not changed by this tool',
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
