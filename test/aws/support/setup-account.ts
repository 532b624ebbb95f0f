// An account as `setup` finds it: Dynatrace's stream, a cluster and its log group in the emulators, the API of the cluster
// and an environment of Dynatrace as stubs. The command line runs as a process of its own, from a built checkout.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { PLATFORM, startDynatraceStub } from '../../cli/support/dynatrace-stub/stub.ts';
import { startEksStub } from '../../cli/support/eks-stub.ts';
import type { Run } from '../../support/run-command.ts';
import { BIN, builtCheckout, ROOT } from './checkout.ts';
import { startClusterProxy } from './cluster-proxy.ts';
import {
  accessEntries,
  aws,
  filtersOf,
  MINISTACK,
  makeCluster,
  policiesOf,
  reset,
  streamOf,
} from './ministack.ts';
import { makeVpc, reset as resetMoto } from './moto.ts';

/** The Corefile of the cluster, before. */
export const COREFILE = '.:53 {\n    errors\n    kubernetes cluster.local\n    reload\n}\n';
/** Log group of Container Insights. */
export const INSIGHTS = '/aws/containerinsights/shop/application';
/** Log group of the Resolver. */
export const RESOLVER = '/aws/vendedlogs/route53resolver/eks-dns-firehose';

const roleOf = (name: string, service: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
  },
});

/** The part of Dynatrace's stack for log streams that `setup` looks at. */
const DYNATRACE_STACK = {
  Resources: {
    Delivery: roleOf('delivery', 'firehose.amazonaws.com'),
    Logs: roleOf('logs', 'logs.amazonaws.com'),
    Stream: {
      Type: 'AWS::KinesisFirehose::DeliveryStream',
      Properties: {
        DeliveryStreamName: 'dynatrace',
        DeliveryStreamType: 'DirectPut',
        HttpEndpointDestinationConfiguration: {
          EndpointConfiguration: {
            Url: 'https://abc12345.live.dynatrace.com/api/v2/logs/ingest/aws_firehose',
          },
          RoleARN: { 'Fn::GetAtt': ['Delivery', 'Arn'] },
          CloudWatchLoggingOptions: { Enabled: true, LogGroupName: '/aws/kinesisfirehose/dynatrace' },
          ProcessingConfiguration: { Enabled: false },
        },
      },
    },
  },
  Outputs: {
    FirehoseArn: { Value: { 'Fn::GetAtt': ['Stream', 'Arn'] } },
    CloudWatchSubscriptionFilterRoleArn: { Value: { 'Fn::GetAtt': ['Logs', 'Arn'] } },
  },
};

async function makeDynatraceStack(): Promise<void> {
  const stack = { StackName: 'dynatrace-log-delivery-stream' };
  await aws.cloudformation.createStack({ ...stack, TemplateBody: JSON.stringify(DYNATRACE_STACK) });
  await waitUntilStackCreateComplete({ client: aws.cloudformation, maxWaitTime: 60, minDelay: 1 }, stack);
}

/** What of the stream may be changed. */
async function stateOf(DeliveryStreamName: string) {
  const { Tags = [] } = await aws.firehose.listTagsForDeliveryStream({ DeliveryStreamName });
  const { http } = await streamOf(DeliveryStreamName);
  return { processing: http?.ProcessingConfiguration, tags: Tags.map(({ Key }) => Key) };
}

/** A folder with `aws`, and with a `kubectl` that knows only the rules of this project. */
function commandsIn(checkout: string): string {
  const folder = join(checkout, '.cache/commands');
  mkdirSync(folder, { recursive: true });
  const write = (name: string, script: string): void =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  write('aws', `exec '${BIN}/python' '${join(ROOT, 'test/aws/support/aws_cli.py')}' "$@"`);
  const rules = 'npm run -s cli -- setup --cluster shop --only rbac --yes';
  write(
    'kubectl',
    `case "$*" in
  'apply -f scripts/kubernetes/rbac.yaml') exec ${rules} ;;
  'delete -f scripts/kubernetes/rbac.yaml') exec ${rules} --undo ;;
esac
echo "kubectl $*" >&2
exit 1`,
  );
  return folder;
}

/** Starts the stubs and fills the emulators; with Dynatrace's stack or without. */
export async function startAccount({ hasStream } = { hasStream: true }) {
  const checkout = builtCheckout();
  rmSync(join(checkout, '.eks-dns.json'), { force: true });
  await reset();
  await resetMoto();
  const vpcId = await makeVpc();
  const cluster = await startEksStub();
  const { kubernetes, state } = cluster;
  state.configMaps.set('coredns', { corefile: COREFILE, version: 1 });
  // As the rules say that `setup` writes.
  state.groupMayList = undefined;
  const network = { resourcesVpcConfig: { vpcId, endpointPublicAccess: true } };
  const eks = await startClusterProxy(MINISTACK, () => ({ ...kubernetes, ...network }));
  const dynatrace = await startDynatraceStub();
  await makeCluster('shop');
  await aws.logs.createLogGroup({ logGroupName: INSIGHTS });
  if (hasStream) await makeDynatraceStack();
  const environment = {
    ...process.env,
    PATH: `${commandsIn(checkout)}:${BIN}:${process.env.PATH}`,
    AWS_ENDPOINT_URL: MINISTACK,
    AWS_ENDPOINT_URL_EKS: eks.url,
    AWS_ENDPOINT_URL_ROUTE53RESOLVER: process.env.MOTO_URL,
    // The SDK cannot read ministack's answer to GetMetricData.
    AWS_ENDPOINT_URL_CLOUDWATCH: process.env.MOTO_URL,
    DT_TOKEN: PLATFORM,
  };

  return {
    vpcId,
    dynatrace,
    cluster: state,
    /** Runs a line in a shell, in the checkout. */
    run: async (line: string): Promise<Run> => {
      const child = spawn('sh', ['-c', line], {
        cwd: checkout,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      return { code, stdout, stderr };
    },
    /** Everything that `setup` may leave behind. */
    contents: async () => {
      const { StackSummaries = [] } = await aws.cloudformation.listStacks({});
      const { Roles = [] } = await aws.iam.listRoles({});
      const { DeliveryStreamNames = [] } = await aws.firehose.listDeliveryStreams({});
      const configs = await aws.resolver.listResolverQueryLogConfigs({});
      return {
        stacks: StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE')
          .map(({ StackName }) => StackName)
          .filter((name) => name !== 'aws-sam-cli-managed-default'),
        roles: Roles.map(({ RoleName }) => RoleName).sort(),
        policies: hasStream ? await policiesOf('delivery') : {},
        streams: await Promise.all(DeliveryStreamNames.map(stateOf)),
        filters: [await filtersOf(INSIGHTS), (await filtersOf(RESOLVER)) ?? []],
        resolver: configs.ResolverQueryLogConfigs,
        entries: await accessEntries('shop'),
        rules: [...state.rules.keys()],
        corefile: state.configMaps.get('coredns')?.corefile,
        settings: dynatrace.settings.objects.map(({ schemaId }) => schemaId),
        decided: existsSync(join(checkout, '.eks-dns.json')),
      };
    },
    close: async (): Promise<void> => {
      for (const one of [cluster, eks, dynatrace]) await one.close();
      await reset();
    },
  };
}

/** Metrics of an hour in which DNS was logged: `{ 'AWS/Firehose': ['DeliveryStreamName', 'dynatrace', { IncomingRecords: 9 }] }`. */
export async function putMetrics(
  metrics: Readonly<Record<string, readonly [name: string, value: string, Readonly<Record<string, number>>]>>,
): Promise<void> {
  const cloudwatch = new CloudWatch({ endpoint: process.env.MOTO_URL ?? '' });
  for (const [Namespace, [Name, Value, values]] of Object.entries(metrics))
    await cloudwatch.putMetricData({
      Namespace,
      MetricData: Object.entries(values).map(([MetricName, one]) => ({
        MetricName,
        Value: one,
        Timestamp: new Date(Date.now() - 60_000),
        Dimensions: [{ Name, Value }],
      })),
    });
}
