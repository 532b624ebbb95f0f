// ministack with the additions of emulator.py: stacks, and what is in them.
import { CloudFormation, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { EKS } from '@aws-sdk/client-eks';
import { Firehose } from '@aws-sdk/client-firehose';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import { Route53Resolver } from '@aws-sdk/client-route53resolver';
import { S3 } from '@aws-sdk/client-s3';

/** Address of ministack. */
export const MINISTACK = process.env.MINISTACK_URL ?? '';
if (MINISTACK === '') throw new Error('these tests run with `npm run test:aws`');

const options = { endpoint: MINISTACK };

/** Clients of ministack; Route 53 Resolver is moto's. */
export const aws = {
  cloudformation: new CloudFormation(options),
  eks: new EKS(options),
  firehose: new Firehose(options),
  iam: new IAM(options),
  lambda: new Lambda(options),
  logs: new CloudWatchLogs(options),
  resolver: new Route53Resolver({ endpoint: process.env.MOTO_URL ?? '' }),
  s3: new S3({ ...options, forcePathStyle: true }),
};

/** Forgets everything in ministack. */
export async function reset(): Promise<void> {
  await fetch(`${MINISTACK}/_ministack/reset`, { method: 'POST' });
}

/** Creates an EKS cluster that knows access entries. */
export async function makeCluster(name: string): Promise<void> {
  await aws.eks.createCluster({
    name,
    roleArn: 'arn:aws:iam::111122223333:role/cluster',
    resourcesVpcConfig: { subnetIds: ['subnet-1'] },
    accessConfig: { authenticationMode: 'API' },
  });
}

/** Outputs of a stack. */
export async function outputsOf(StackName: string): Promise<Readonly<Record<string, string>>> {
  const { Stacks } = await aws.cloudformation.describeStacks({ StackName });
  const outputs = Stacks?.[0]?.Outputs ?? [];
  return Object.fromEntries(
    outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
  );
}

/** Physical ids of a stack's resources by logical id. */
export async function resourcesOf(StackName: string): Promise<Readonly<Record<string, string>>> {
  const { StackResourceSummaries: all = [] } = await aws.cloudformation.listStackResources({ StackName });
  return Object.fromEntries(
    all.map(({ LogicalResourceId, PhysicalResourceId }) => [
      LogicalResourceId ?? '',
      PhysicalResourceId ?? '',
    ]),
  );
}

/** Deletes a stack, as the last step of `sam delete` does, whose other calls ministack does not support. */
export async function deleteStack(StackName: string): Promise<void> {
  await aws.cloudformation.deleteStack({ StackName });
  await waitUntilStackDeleteComplete(
    { client: aws.cloudformation, maxWaitTime: 60, minDelay: 1 },
    { StackName },
  );
}

/** Groups of every access entry of a cluster, by the ARN of the principal. */
export async function accessEntries(
  clusterName: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { accessEntries: arns = [] } = await aws.eks.listAccessEntries({ clusterName });
  const found: Record<string, readonly string[]> = {};
  for (const principalArn of arns) {
    const { accessEntry } = await aws.eks.describeAccessEntry({ clusterName, principalArn });
    found[principalArn] = accessEntry?.kubernetesGroups ?? [];
  }
  return found;
}

/** Subscription filters of a log group; undefined if there is no such group. */
export async function filtersOf(logGroupName: string) {
  const { logGroups = [] } = await aws.logs.describeLogGroups({ logGroupNamePrefix: logGroupName });
  if (!logGroups.some((group) => group.logGroupName === logGroupName)) return undefined;
  return (await aws.logs.describeSubscriptionFilters({ logGroupName })).subscriptionFilters ?? [];
}

/** Inline policies of a role by name, each as its statements by id. */
export async function policiesOf(RoleName: string) {
  const { PolicyNames = [] } = await aws.iam.listRolePolicies({ RoleName });
  const found: Record<string, Record<string, { Action: unknown; Resource: unknown }>> = {};
  for (const PolicyName of PolicyNames) {
    const { PolicyDocument = '' } = await aws.iam.getRolePolicy({ RoleName, PolicyName });
    const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as {
      Statement: { Sid: string; Action: unknown; Resource: unknown }[];
    };
    found[PolicyName] = Object.fromEntries(
      Statement.map(({ Sid, Action, Resource }) => [Sid, { Action, Resource }]),
    );
  }
  return found;
}

/** A delivery stream, and its one HTTP endpoint. */
export async function streamOf(DeliveryStreamName: string) {
  const { DeliveryStreamDescription } = await aws.firehose.describeDeliveryStream({ DeliveryStreamName });
  const http = DeliveryStreamDescription?.Destinations?.[0]?.HttpEndpointDestinationDescription;
  return { arn: DeliveryStreamDescription?.DeliveryStreamARN, http };
}

/** The processors of a stream: type, and parameters by name. */
export function processorsOf(http: Awaited<ReturnType<typeof streamOf>>['http']) {
  const processors = http?.ProcessingConfiguration?.Processors ?? [];
  return processors.map(({ Type, Parameters = [] }) => ({
    Type,
    ...Object.fromEntries(
      Parameters.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]),
    ),
  }));
}
