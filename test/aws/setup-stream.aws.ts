// `setup` where there is no stream: the stack makes one, and the subscriptions come after the pipeline.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aws, outputsOf, processorsOf, streamOf } from './support/ministack.ts';
import { putMetrics, startAccount } from './support/setup-account.ts';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:dynatrace-logs-a1b2c3';
const SETUP = 'npm run -s cli -- setup --settle-seconds 0 --yes';

let account: Awaited<ReturnType<typeof startAccount>>;

beforeAll(async () => {
  account = await startAccount({ hasStream: false });
});

afterAll(() => account.close());

it('makes the stream and subscribes the logs to it', async () => {
  const options = `--cluster shop --dynatrace ${account.dynatrace.url} --token-secret ${SECRET}`;
  expect(await account.run(`${SETUP} ${options}`)).toMatchObject({ code: 0 });
  const {
    FirehoseArn = '',
    FunctionArn,
    CloudWatchSubscriptionFilterRoleArn,
  } = await outputsOf('eks-dns-firehose');
  const { http } = await streamOf(FirehoseArn.split('/').at(-1) ?? '');
  expect(http?.EndpointConfiguration?.Url).toBe(`${account.dynatrace.url}/api/v2/logs/ingest/aws_firehose`);
  expect(http?.SecretsManagerConfiguration?.SecretARN).toBe(SECRET);
  expect(processorsOf(http)).toMatchObject([{ Type: 'Lambda', LambdaArn: FunctionArn }]);
  const { filters } = await account.contents();
  const subscribed = { destinationArn: FirehoseArn, roleArn: CloudWatchSubscriptionFilterRoleArn };
  expect(filters).toMatchObject([[subscribed], [subscribed]]);
});

it('passes all checks of doctor then, and finds nothing to do', async () => {
  const { FirehoseArn = '' } = await outputsOf('eks-dns-firehose');
  account.dynatrace.platform.arrivals.lifted = 5;
  await putMetrics({
    'AWS/Firehose': ['DeliveryStreamName', FirehoseArn.split('/').at(-1) ?? '', { IncomingRecords: 40 }],
    EksDnsFirehose: ['service', 'eks-dns-firehose', { EventsIn: 9, EventsCoreDns: 7, EventsResolver: 2 }],
  });
  expect((await account.run('npm run -s cli -- doctor')).stdout).toContain('all checks passed');
  expect((await account.run(SETUP)).stdout).toMatch(/^nothing to do$/m);
});

it('takes everything back but the backup bucket, which it names', async () => {
  const { BackupBucket = '' } = await outputsOf('eks-dns-firehose');
  const { code, stdout } = await account.run(`${SETUP} --undo --delete-stack`);
  expect([code, stdout]).toEqual([0, expect.stringContaining(`aws s3 rb --force s3://${BackupBucket}`)]);
  await aws.s3.headBucket({ Bucket: BackupBucket });
  expect(await account.contents()).toMatchObject({
    stacks: [],
    roles: [],
    streams: [],
    filters: [[], []],
    entries: {},
    rules: [],
    settings: [],
    decided: false,
  });
});
