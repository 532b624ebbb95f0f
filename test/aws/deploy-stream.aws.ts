// What the deployments with a stream create: the template as it is, by `sam deploy`, in ministack.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  accessEntries,
  aws,
  deleteStack,
  filtersOf,
  MINISTACK,
  makeCluster,
  outputsOf,
  policiesOf,
  processorsOf,
  reset,
  resourcesOf,
  streamOf,
} from './support/ministack.ts';
import { makeVpc, reset as resetMoto } from './support/moto.ts';
import { deploy, empty, lineOf, STACK, setParameters } from './support/sam-deploy.ts';

const INSIGHTS = '/aws/containerinsights/shop/application';
const RESOLVER = `/aws/vendedlogs/route53resolver/${STACK}-stack`;
const FIREHOSE = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream';

beforeAll(async () => {
  await reset();
  await resetMoto();
  await makeCluster('shop');
  await aws.logs.createLogGroup({ logGroupName: INSIGHTS });
});

afterAll(reset);

describe('onto an existing stream', () => {
  const logsRole = 'arn:aws:iam::111122223333:role/logs';

  beforeAll(async () => {
    await aws.iam.createRole({ RoleName: 'delivery', AssumeRolePolicyDocument: '{}' });
    await aws.logs.createLogGroup({ logGroupName: '/dns/coredns' });
    setParameters(
      'Clusters=shop',
      'StreamRoleName=delivery',
      `StreamArn=${FIREHOSE}/theirs`,
      `SubscriptionRoleArn=${logsRole}`,
      `SubscribeLogGroups=${INSIGHTS},/dns/coredns`,
    );
  });

  it("allows the stream's role to call the function", async () => {
    const { FunctionArn } = await outputsOf(STACK);
    expect(await policiesOf('delivery')).toEqual({
      [`eks-dns-firehose-${STACK}`]: {
        CallDnsFunction: {
          Action: ['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration'],
          Resource: [FunctionArn, `${FunctionArn}:*`],
        },
      },
    });
  });

  it('subscribes the log groups to it, and creates no stream', async () => {
    for (const group of [INSIGHTS, '/dns/coredns'])
      expect(await filtersOf(group)).toMatchObject([
        { destinationArn: `${FIREHOSE}/theirs`, roleArn: logsRole, filterPattern: '' },
      ]);
    expect((await aws.firehose.listDeliveryStreams({})).DeliveryStreamNames).toEqual([]);
  });

  it('takes both back when the parameters are emptied', async () => {
    const names = ['StreamRoleName', 'StreamArn', 'SubscriptionRoleArn', 'SubscribeLogGroups'];
    setParameters(...names.map(empty));
    expect([await policiesOf('delivery'), await filtersOf(INSIGHTS)]).toEqual([{}, []]);
  });
});

describe('with a new stream, as in docs/deploy.md', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:dynatrace-logs-a1b2c3';
  let vpcs: readonly string[] = [];
  let outputs: Awaited<ReturnType<typeof outputsOf>> = {};

  beforeAll(async () => {
    vpcs = [await makeVpc(), await makeVpc()];
    const values = {
      cluster: 'shop',
      environment: 'abc12345',
      'arn of the secret': secret,
      vpc: vpcs.join(','),
    };
    const line = lineOf('docs/deploy.md', 'sam deploy --parameter-overrides Clusters=<cluster> Dyn', values);
    deploy(`${line} CreateStateBucket=true`);
    outputs = await outputsOf(STACK);
  });

  it('creates a stream to Dynatrace that calls the function', async () => {
    const { http, arn } = await streamOf((await resourcesOf(STACK)).Stream ?? '');
    const { StreamRole, StreamLog, BackupBucket } = await resourcesOf(STACK);
    const RoleARN = `arn:aws:iam::111122223333:role/${StreamRole}`;
    const log = (LogStreamName: string) => ({ Enabled: true, LogGroupName: StreamLog, LogStreamName });
    expect(arn).toBe(outputs.FirehoseArn);
    expect(processorsOf(http)).toEqual([
      {
        Type: 'Lambda',
        LambdaArn: outputs.FunctionArn,
        BufferSizeInMBs: '0.5',
        BufferIntervalInSeconds: '60',
        NumberOfRetries: '3',
      },
    ]);
    expect(http).toMatchObject({
      EndpointConfiguration: { Url: 'https://abc12345.live.dynatrace.com/api/v2/logs/ingest/aws_firehose' },
      SecretsManagerConfiguration: { Enabled: true, SecretARN: secret, RoleARN },
      RequestConfiguration: { ContentEncoding: 'GZIP' },
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
      RetryOptions: { DurationInSeconds: 900 },
      S3BackupMode: 'FailedDataOnly',
      S3DestinationDescription: {
        BucketARN: `arn:aws:s3:::${BackupBucket}`,
        CloudWatchLoggingOptions: log('backup'),
      },
      CloudWatchLoggingOptions: log('delivery'),
      RoleARN,
    });
    const { logStreams = [] } = await aws.logs.describeLogStreams({ logGroupName: StreamLog });
    expect(logStreams.map(({ logStreamName }) => logStreamName).sort()).toEqual(['backup', 'delivery']);
  });

  it('gives both roles of the stream what they need, and nothing else', async () => {
    const { StreamRole = '', SubscriptionRole = '', BackupBucket } = await resourcesOf(STACK);
    const { delivery } = await policiesOf(StreamRole);
    expect(Object.fromEntries(Object.entries(delivery ?? {}).map(([id, one]) => [id, one.Resource]))).toEqual(
      {
        BackupBucket: `arn:aws:s3:::${BackupBucket}`,
        BackupObjects: `arn:aws:s3:::${BackupBucket}/*`,
        OwnLog: expect.stringContaining('/StreamLog:*'),
        CallDnsFunction: [outputs.FunctionArn, `${outputs.FunctionArn}:*`],
        Token: secret,
      },
    );
    expect(await policiesOf(SubscriptionRole)).toEqual({
      'put-records': {
        PutRecords: {
          Action: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
          Resource: outputs.FirehoseArn,
        },
      },
    });
  });

  it('subscribes both logs to it, CoreDNS with the pattern of the document', async () => {
    const destination = {
      destinationArn: outputs.FirehoseArn,
      roleArn: outputs.CloudWatchSubscriptionFilterRoleArn,
    };
    expect(await filtersOf(INSIGHTS)).toMatchObject([
      { ...destination, filterPattern: '{ $.kubernetes.container_name = "coredns" }' },
    ]);
    expect(await filtersOf(RESOLVER)).toMatchObject([{ ...destination, filterPattern: '' }]);
  });

  it('logs the queries of both VPCs to the group of the stack', async () => {
    const { ResolverQueryLogConfigs: configs = [] } = await aws.resolver.listResolverQueryLogConfigs({});
    expect(configs).toMatchObject([
      { Name: `${STACK}-stack`, DestinationArn: expect.stringContaining(`:log-group:${RESOLVER}`) },
    ]);
    const { ResolverQueryLogConfigAssociations: associations = [] } =
      await aws.resolver.listResolverQueryLogConfigAssociations({});
    expect(associations.map(({ ResourceId }) => ResourceId).sort()).toEqual([...vpcs].sort());
  });

  it('creates the bucket of the shared memory, and a schedule that invokes the function', async () => {
    const { FunctionRole = '', StateScheduleRole = '', StateScheduleRule = '' } = await resourcesOf(STACK);
    const { Environment } = await aws.lambda.getFunctionConfiguration({ FunctionName: outputs.FunctionName });
    expect(Environment?.Variables?.STATE_BUCKET).toBe(outputs.StateBucket);
    await aws.s3.headBucket({ Bucket: outputs.StateBucket ?? '' });
    expect((await policiesOf(FunctionRole))['shared-memory']?.Snapshots?.Resource).toBe(
      `arn:aws:s3:::${outputs.StateBucket}/*`,
    );
    expect((await policiesOf(StateScheduleRole)).invoke?.InvokeFunction?.Resource).toBe(outputs.FunctionArn);
    const credential = 'AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/scheduler/aws4_request';
    const answer = await fetch(`${MINISTACK}/schedules/${StateScheduleRule}`, {
      headers: { authorization: credential },
    });
    expect(await answer.json()).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Target: { Arn: outputs.FunctionArn, Input: '{"eks-dns-firehose":"sync"}' },
    });
  });

  it('is deleted completely, but for the buckets, which hold data', async () => {
    await deleteStack(STACK);
    const { FunctionName, BackupBucket, StateBucket } = outputs;
    await expect(aws.lambda.getFunctionConfiguration({ FunctionName })).rejects.toThrow();
    expect((await aws.firehose.listDeliveryStreams({})).DeliveryStreamNames).toEqual([]);
    expect([await accessEntries('shop'), await filtersOf(INSIGHTS), await filtersOf(RESOLVER)]).toEqual([
      {},
      [],
      undefined,
    ]);
    const { Roles = [] } = await aws.iam.listRoles({});
    expect(Roles.map(({ RoleName }) => RoleName)).toEqual(['delivery']);
    expect((await aws.resolver.listResolverQueryLogConfigs({})).ResolverQueryLogConfigs).toEqual([]);
    for (const Bucket of [BackupBucket, StateBucket]) await aws.s3.headBucket({ Bucket: Bucket ?? '' });
  });
});
