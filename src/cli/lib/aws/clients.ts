// The AWS clients of the command line. Each package is loaded only when a command needs it.
import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { EKS } from '@aws-sdk/client-eks';
import type { Firehose } from '@aws-sdk/client-firehose';
import type { IAM } from '@aws-sdk/client-iam';
import type { Lambda } from '@aws-sdk/client-lambda';
import type { Route53Resolver } from '@aws-sdk/client-route53resolver';
import type { S3 } from '@aws-sdk/client-s3';

/** Clients of the AWS services that the commands call, in one account and region. */
export type Aws = {
  readonly cloudformation: () => Promise<CloudFormation>;
  readonly cloudwatch: () => Promise<CloudWatch>;
  readonly ec2: () => Promise<EC2>;
  readonly eks: () => Promise<EKS>;
  readonly firehose: () => Promise<Firehose>;
  readonly iam: () => Promise<IAM>;
  readonly lambda: () => Promise<Lambda>;
  readonly logs: () => Promise<CloudWatchLogs>;
  readonly resolver: () => Promise<Route53Resolver>;
  readonly s3: () => Promise<S3>;
};

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

/**
 * Creates the clients with the credentials of the environment (profile, SSO, role) and `region`, by default that of the
 * environment. Five attempts per call, because Firehose allows only five Describe and Update calls a second.
 */
export function openAws(region: string | undefined): Aws {
  // package.json (engines) states the supported Node versions; the SDK's ten-line warning would hide our own output.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const options = { ...(region === undefined ? {} : { region }), maxAttempts: 5 };
  return {
    cloudformation: once(async () => {
      const { CloudFormation } = await import('@aws-sdk/client-cloudformation');
      return new CloudFormation(options);
    }),
    cloudwatch: once(async () => new (await import('@aws-sdk/client-cloudwatch')).CloudWatch(options)),
    ec2: once(async () => new (await import('@aws-sdk/client-ec2')).EC2(options)),
    eks: once(async () => new (await import('@aws-sdk/client-eks')).EKS(options)),
    firehose: once(async () => new (await import('@aws-sdk/client-firehose')).Firehose(options)),
    iam: once(async () => new (await import('@aws-sdk/client-iam')).IAM(options)),
    lambda: once(async () => new (await import('@aws-sdk/client-lambda')).Lambda(options)),
    logs: once(async () => new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogs(options)),
    resolver: once(async () => {
      const { Route53Resolver } = await import('@aws-sdk/client-route53resolver');
      return new Route53Resolver(options);
    }),
    s3: once(async () => new (await import('@aws-sdk/client-s3')).S3(options)),
  };
}
