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

  describe('--probe', () => {
    const RESOLVER = '/aws/vendedlogs/route53resolver/eks-dns-firehose';
    const IP = '172.31.47.132';

    /** Writes a line to a log group, as a log shipper or Route 53 does. */
    async function put(logGroupName: string, message: string): Promise<void> {
      // moto cannot deliver to a stream with an HTTP endpoint.
      const { subscriptionFilters = [] } = await aws.logs.describeSubscriptionFilters({ logGroupName });
      for (const { filterName } of subscriptionFilters)
        await aws.logs.deleteSubscriptionFilter({ logGroupName, filterName });
      await aws.logs.createLogStream({ logGroupName, logStreamName: 's' });
      const logEvents = [
        { timestamp: Date.now() - 1, message: 'something else' },
        { timestamp: Date.now(), message },
      ];
      await aws.logs.putLogEvents({ logGroupName, logStreamName: 's', logEvents });
    }

    beforeEach(async () => {
      await aws.logs.createLogGroup({ logGroupName: '/aws/lambda/dns' });
      eks.state.pods.onCreate = async ({ metadata }) => {
        const name = `${metadata.name}.example.com`;
        const log = `[INFO] ${IP}:40123 - 4821 "A IN ${name}. udp 60 false 512" NXDOMAIN qr,rd,ra 60 0.0021s`;
        const kubernetes = {
          pod_name: 'coredns-1',
          namespace_name: 'kube-system',
          container_name: 'coredns',
        };
        await put(GROUP, JSON.stringify({ log, kubernetes }));
        const record = {
          version: '1.100000',
          account_id: '123456789012',
          region: 'eu-west-1',
          vpc_id: eks.state.vpcId,
          query_timestamp: new Date().toISOString().replace(/\.\d+/, ''),
          query_name: `${name}.`,
          query_type: 'A',
          query_class: 'IN',
          rcode: 'NXDOMAIN',
          answers: [],
          srcaddr: '172.31.40.11',
          srcport: '51844',
          transport: 'UDP',
          srcids: { instance: 'i-0f3d91c6a7be20584' },
        };
        await put(RESOLVER, JSON.stringify(record));
        const counts = { event: 'batch_finished', EventsIn: 9, EventsCoreDns: 7, EventsResolver: 1 };
        await put('/aws/lambda/dns', JSON.stringify({ _aws: { Timestamp: Date.now() + 500 }, ...counts }));
      };
      eks.state.pods.read = () => ({ status: { phase: 'Succeeded', podIPs: [{ ip: IP }] } });
    });

    it('finds the name in the log groups, and the batch in that of the function', async () => {
      const { code, byName } = await doctor(...target, '--probe', '--yes', '--probe-seconds', '60');
      expect(byName.get('probe: CoreDNS log')).toMatchObject({
        state: 'ok',
        observed: expect.stringMatching(
          /^after \d+\.\d s, \S+: NXDOMAIN, client 172\.31\.47\.132 \(the pod\)$/,
        ),
      });
      expect(byName.get('probe: Resolver log')).toMatchObject({ state: 'ok' });
      expect(byName.get('probe: function')?.observed).toContain('1 batch with 7 events of CoreDNS');
      expect(code).toBe(0);
      expect([eks.state.pods.running.size, eks.state.pods.deleted.length]).toEqual([0, 1]);
    });
  });

  it('continues if a check cannot be performed', async () => {
    eks.state.kubernetesStatus = 401;
    const { byName } = await doctor(...target);
    eks.state.kubernetesStatus = undefined;
    expect(byName.get('shop: CoreDNS log')).toMatchObject({ state: 'unknown' });
    expect(byName.get('records flow')).toMatchObject({ state: 'ok' });
  });
});
