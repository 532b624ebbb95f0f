import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { EC2 } from '@aws-sdk/client-ec2';
import { Firehose, type ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';

const url = process.env.MOTO_URL ?? '';
if (url === '') throw new Error('these tests run with `npm run test:aws`');

// The commands use moto as their AWS endpoint.
process.env.AWS_ENDPOINT_URL = url;

/** Resets moto's state. */
export async function reset(): Promise<void> {
  await fetch(`${url}/moto-api/reset`, { method: 'POST' });
}

const options = { endpoint: url };

/** The tests' own clients. */
export const aws = {
  cloudformation: new CloudFormation(options),
  ec2: new EC2(options),
  firehose: new Firehose(options),
  iam: new IAM(options),
  lambda: new Lambda(options),
  logs: new CloudWatchLogs(options),
};

const trust = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });

/** Creates a role; returns its ARN. */
export async function makeRole(name: string, service: string): Promise<string> {
  const { Role } = await aws.iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trust(service) });
  return Role?.Arn ?? '';
}

/** An empty zip file. */
const EMPTY_ZIP = Buffer.concat([Buffer.from('504b0506', 'hex'), Buffer.alloc(18)]);

/** Creates a function that cannot run; returns its ARN. */
export async function makeFunction(name: string, variables: Record<string, string> = {}): Promise<string> {
  const Role = await makeRole(`${name}-role`, 'lambda.amazonaws.com');
  const { FunctionArn } = await aws.lambda.createFunction({
    FunctionName: name,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role,
    Code: { ZipFile: EMPTY_ZIP },
    Timeout: 60,
    Environment: { Variables: variables },
  });
  return FunctionArn ?? '';
}

/** Creates a delivery stream like Dynatrace's stack, with this processing. */
export async function makeStream(
  name: string,
  processing?: ProcessingConfiguration,
  errorLog?: string,
): Promise<void> {
  const RoleARN = await makeRole(`${name}-delivery`, 'firehose.amazonaws.com');
  await aws.firehose.createDeliveryStream({
    DeliveryStreamName: name,
    DeliveryStreamType: 'DirectPut',
    HttpEndpointDestinationConfiguration: {
      EndpointConfiguration: {
        Name: 'Dynatrace',
        Url: 'https://abc12345.live.dynatrace.com/api/v2/logs/ingest/aws_firehose',
        AccessKey: 'secret-token',
      },
      RoleARN,
      RequestConfiguration: { ContentEncoding: 'GZIP' },
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
      RetryOptions: { DurationInSeconds: 900 },
      S3BackupMode: 'FailedDataOnly',
      S3Configuration: { RoleARN, BucketARN: `arn:aws:s3:::${name}-backup` },
      ...(errorLog === undefined
        ? {}
        : { CloudWatchLoggingOptions: { Enabled: true, LogGroupName: errorLog, LogStreamName: 'delivery' } }),
      ...(processing === undefined ? {} : { ProcessingConfiguration: processing }),
    },
  });
}

/** AWS's description of a stream. */
export async function describeStream(name: string) {
  const { DeliveryStreamDescription } = await aws.firehose.describeDeliveryStream({
    DeliveryStreamName: name,
  });
  return DeliveryStreamDescription;
}

/** Creates a VPC; returns its id. */
export async function makeVpc(): Promise<string> {
  const { Vpc } = await aws.ec2.createVpc({ CidrBlock: '10.0.0.0/16' });
  return Vpc?.VpcId ?? '';
}
