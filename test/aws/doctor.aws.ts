import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { attachCommand } from '../../src/cli/commands/attach.ts';
import { doctorCommand } from '../../src/cli/commands/doctor.ts';
import { enableCorednsLogCommand } from '../../src/cli/commands/enable-coredns-log.ts';
import { enableResolverLogCommand } from '../../src/cli/commands/enable-resolver-log.ts';
import { subscribeCommand } from '../../src/cli/commands/subscribe.ts';
import { startEksStub } from '../cli/support/eks-stub.ts';
import { runCommand } from '../support/run-command.ts';
import { aws, describeStream, makeFunction, makeRole, makeStream, makeVpc, reset } from './support/moto.ts';

type Check = {
  name: string;
  state: string;
  observed: string;
  impact?: string;
  fix?: string;
  because?: string;
};

const COREFILE = '.:53 {\n    errors\n    kubernetes cluster.local\n    reload\n}\n';
const GROUP = '/aws/containerinsights/shop/application';
const cloudwatch = new CloudWatch({ endpoint: process.env.MOTO_URL ?? '' });

let eks: Awaited<ReturnType<typeof startEksStub>>;

async function doctor(
  ...args: string[]
): Promise<{ code: number; checks: Check[]; byName: Map<string, Check> }> {
  const { code, stdout, stderr } = await runCommand(doctorCommand(), [...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  return { code, checks, byName: new Map(checks.map((check) => [check.name, check])) };
}

beforeAll(async () => {
  eks = await startEksStub();
  process.env.AWS_ENDPOINT_URL_EKS = eks.url;
});

afterAll(() => eks.close());

beforeEach(reset);

describe('in an empty account', () => {
  it('reports every failed check with its fix', async () => {
    const { code, stdout } = await runCommand(doctorCommand(), []);
    expect(code).toBe(1);
    for (const remedy of [
      'to see the command that deploys the function',
      'name it with --stream',
      'to see the command that configures it',
    ])
      expect(stdout).toContain(remedy);
    // What follows from these is shown without a fix of its own.
    for (const name of ['attached', 'role', 'CoreDNS log', 'Resolver log', 'subscribed', 'records flow'])
      expect(stdout).toMatch(new RegExp(`^missing  ${name}: .* \\(follows from: `, 'm'));
    const { checks } = await doctor();
    const missing = checks.filter(({ state }) => state === 'missing');
    expect(missing.map(({ name }) => name)).toEqual([
      'function',
      'stream',
      'attached',
      'role',
      'cluster',
      'CoreDNS log',
      'Resolver log',
      'subscribed',
      'records flow',
    ]);
    // What follows from another check has no fix of its own.
    for (const { impact, fix, because } of missing) expect([impact, fix ?? because]).not.toContain(undefined);
    expect(checks.filter(({ state }) => state === 'unknown').map(({ name }) => name)).toEqual(['Dynatrace']);
  });
});

describe('with a complete setup', () => {
  const target = ['--stream', 'dynatrace', '--function', 'dns'];
  let role = '';

  beforeEach(async () => {
    await makeStream('dynatrace', undefined, '/aws/kinesisfirehose/dynatrace');
    const variables = {
      CLUSTERS: 'shop',
      RECORD_KEY: '51af3dc00a5a5a5a5a5a',
      POWERTOOLS_SERVICE_NAME: 'eks-dns-firehose',
    };
    await makeFunction('dns', variables);
    role = (await aws.iam.getRole({ RoleName: 'dns-role' })).Role?.Arn ?? '';
    eks.state.vpcId = await makeVpc();
    eks.state.accessEntries.set(role, ['eks-dns-firehose']);
    eks.state.groupMayList = true;
    eks.state.configMaps.set('coredns', { corefile: COREFILE, version: 1 });
    await runCommand(enableCorednsLogCommand(), ['--cluster', 'shop', '--yes', '--pod-identity']);
    await runCommand(enableResolverLogCommand(), ['--vpc', eks.state.vpcId]);
    await runCommand(attachCommand(), [...target, '--settle-seconds', '0']);
    await aws.logs.createLogGroup({ logGroupName: GROUP });
    const logsRole = await makeRole('logs', 'logs.amazonaws.com');
    const groups = `${GROUP},/aws/vendedlogs/route53resolver/eks-dns-firehose`;
    const subscription = ['--stream', 'dynatrace', '--role-arn', logsRole, '--log-group', groups];
    await runCommand(subscribeCommand(), subscription);
    await putMetric('AWS/Firehose', 'DeliveryStreamName', 'dynatrace', { IncomingRecords: 40 });
    await putMetric('AWS/Firehose', 'DeliveryStreamName', 'dynatrace', {
      'DeliveryToHttpEndpoint.Success': 1,
    });
    const events = { EventsIn: 900, EventsCoreDns: 700, EventsResolver: 200 };
    await putMetric('EksDnsFirehose', 'service', 'eks-dns-firehose', events);
  });

  async function putMetric(Namespace: string, Name: string, Value: string, values: Record<string, number>) {
    const MetricData = Object.entries(values).map(([MetricName, value]) => ({
      MetricName,
      Value: value,
      Timestamp: new Date(Date.now() - 60_000),
      Dimensions: [{ Name, Value }],
    }));
    await cloudwatch.putMetricData({ Namespace, MetricData });
  }

  it('passes all checks', async () => {
    const { code, checks } = await doctor(...target);
    expect(checks.filter(({ state }) => state !== 'ok').map(({ name }) => name)).toEqual(['Dynatrace']);
    expect(checks.length).toBeGreaterThanOrEqual(15);
    expect(code).toBe(0);
    expect((await runCommand(doctorCommand(), target)).stdout).toContain('all checks passed');
  });

  it.each<{ name: string; break: () => unknown; check: string; state: string; fix: string }>([
    {
      name: 'a role without its policy',
      break: () =>
        aws.iam.deleteRolePolicy({ RoleName: 'dynatrace-delivery', PolicyName: 'eks-dns-firehose-dns' }),
      check: 'role',
      state: 'missing',
      fix: 'eks-dns attach --stream dynatrace --function dns',
    },
    {
      name: 'a role without an access entry',
      break: () => eks.state.accessEntries.clear(),
      check: 'shop: access',
      state: 'missing',
      fix: 'aws eks create-access-entry --cluster-name shop --principal-arn arn:aws:iam::',
    },
    {
      name: 'a group without permissions',
      break: () => {
        eks.state.groupMayList = false;
      },
      check: 'shop: permissions',
      state: 'missing',
      fix: 'kubectl apply -f scripts/kubernetes/rbac.yaml',
    },
    {
      name: 'a Corefile without log',
      break: () => eks.state.configMaps.set('coredns', { corefile: COREFILE, version: 1 }),
      check: 'shop: CoreDNS log',
      state: 'missing',
      fix: 'eks-dns enable-coredns-log --cluster shop --all-zones',
    },
    {
      name: 'a log group that is not subscribed',
      break: () => aws.logs.deleteSubscriptionFilter({ logGroupName: GROUP, filterName: 'eks-dns-firehose' }),
      check: `subscribed: ${GROUP}`,
      state: 'missing',
      fix: `eks-dns subscribe --log-group ${GROUP} --stream dynatrace`,
    },
    {
      name: "the function's own log group on the stream",
      break: async () => {
        await aws.logs.createLogGroup({ logGroupName: '/aws/lambda/dns' });
        await aws.logs.putSubscriptionFilter({
          logGroupName: '/aws/lambda/dns',
          filterName: 'oops',
          filterPattern: '',
          destinationArn: (await describeStream('dynatrace'))?.DeliveryStreamARN ?? '',
          roleArn: role,
        });
      },
      check: 'no loop',
      state: 'missing',
      fix: 'eks-dns unsubscribe --log-group /aws/lambda/dns --filter-name oops',
    },
    {
      name: 'a refused delivery',
      break: () =>
        putMetric('AWS/Firehose', 'DeliveryStreamName', 'dynatrace', { 'DeliveryToHttpEndpoint.Success': 0 }),
      check: 'delivery',
      state: 'missing',
      fix: 'logs.ingest',
    },
    {
      name: 'an invalid setting',
      break: () => putMetric('EksDnsFirehose', 'service', 'eks-dns-firehose', { ConfigurationInvalid: 2 }),
      check: 'configuration',
      state: 'missing',
      fix: 'configuration_rejected',
    },
    {
      name: 'a stale directory',
      break: () => putMetric('EksDnsFirehose', 'service', 'eks-dns-firehose', { DirectoryStale: 1 }),
      check: 'directory',
      state: 'warning',
      fix: 'directory_degraded',
    },
  ])('finds $name', async ({ break: breakIt, check, state, fix }) => {
    await breakIt();
    const { byName, code } = await doctor(...target);
    expect(byName.get(check)).toMatchObject({ state, fix: expect.stringContaining(fix) });
    expect(code).toBe(state === 'missing' ? 1 : 0);
  });

  it('continues if a check cannot be performed', async () => {
    eks.state.kubernetesStatus = 401;
    const { byName } = await doctor(...target);
    eks.state.kubernetesStatus = undefined;
    expect(byName.get('shop: CoreDNS log')).toMatchObject({ state: 'unknown' });
    expect(byName.get('records flow')).toMatchObject({ state: 'ok' });
  });
});
