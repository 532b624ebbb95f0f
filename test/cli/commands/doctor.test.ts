import { beforeEach, expect, it } from '@jest/globals';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { grantDocument } from '../../../src/cli/lib/stream/role-grant.ts';
import { runCommand } from '../../support/run-command.ts';
import { type Answers, callsStubPerTest } from '../support/calls-stub.ts';
import { dnsFunctionWith } from '../support/dns-function.ts';
import { eksStubPerTest } from '../support/eks-stub.ts';
import { metricsOf } from '../support/metrics.ts';

const STREAM = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/dynatrace';
const LOGS = 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/route53/dns:*';
const RECORD_KEY = '51af3dc00a5a5a5a5a5a';
const FUNCTION = dnsFunctionWith({ CLUSTERS: 'shop', RECORD_KEY });

const startStub = callsStubPerTest();
const eks = eksStubPerTest();

beforeEach(() => {
  eks.state.accessEntries.set(FUNCTION.roleArn, ['eks-dns-firehose']);
  eks.state.configMaps.set('coredns', {
    corefile: '.:53 {\n    log\n    kubernetes cluster.local\n}\n',
    version: 1,
  });
});

/** A complete setup, in which all checks pass. */
const COMPLETE: Answers = {
  GetFunctionConfiguration: () => ({
    FunctionArn: FUNCTION.arn,
    FunctionName: FUNCTION.name,
    Role: FUNCTION.roleArn,
    Environment: { Variables: FUNCTION.variables },
  }),
  DescribeDeliveryStream: () => ({
    DeliveryStreamDescription: {
      DeliveryStreamARN: STREAM,
      DeliveryStreamStatus: 'ACTIVE',
      Destinations: [
        {
          HttpEndpointDestinationDescription: {
            EndpointConfiguration: { Url: 'https://abc/api/v2/logs/ingest/aws_firehose' },
            RoleARN: 'arn:aws:iam::111122223333:role/delivery',
            CloudWatchLoggingOptions: { Enabled: true, LogGroupName: '/errors' },
            ProcessingConfiguration: {
              Enabled: true,
              Processors: [
                {
                  Type: 'Lambda',
                  Parameters: [{ ParameterName: 'LambdaArn', ParameterValue: FUNCTION.arn }],
                },
              ],
            },
          },
        },
      ],
    },
  }),
  ListRolePolicies: () => ({ PolicyNames: ['eks-dns-firehose-dns'] }),
  GetRolePolicy: () => ({ PolicyDocument: encodeURIComponent(grantDocument(FUNCTION.arn)) }),
  ListAttachedRolePolicies: () => ({ AttachedPolicies: [] }),
  DescribeSubscriptionFilters: ({ logGroupName }) => ({
    subscriptionFilters:
      logGroupName === '/aws/vendedlogs/route53/dns' || String(logGroupName).startsWith('/aws/containerinsights/')
        ? [{ filterName: 'ours', destinationArn: STREAM }]
        : [],
  }),
  ListResolverQueryLogConfigs: () => ({ ResolverQueryLogConfigs: [{ Id: 'c', DestinationArn: LOGS }] }),
  ListResolverQueryLogConfigAssociations: () => ({
    ResolverQueryLogConfigAssociations: [
      { ResolverQueryLogConfigId: 'c', ResourceId: 'vpc-1', Status: 'ACTIVE' },
    ],
  }),
  ...metricsOf({ IncomingRecords: 9, EventsIn: 9, EventsCoreDns: 9 }),
};

async function doctor(answers: Answers) {
  await startStub({ ...COMPLETE, ...answers });
  process.env.AWS_ENDPOINT_URL_EKS = eks.url;
  const target = ['--stream', 'dynatrace', '--function', 'dns'];
  const { code, stdout } = await runCommand(doctorCommand(), target);
  const { stdout: json } = await runCommand(doctorCommand(), [...target, '--json']);
  const { checks, ...counts } = JSON.parse(json);
  return { code, verdict: stdout.trim().split('\n').at(-1), counts, checks };
}

const denied = () => 'AccessDeniedException';

it.each<{ name: string; answers: Answers; verdict: string; counts: object }>([
  {
    name: 'the check of Dynatrace does not count',
    answers: {},
    verdict: 'all checks passed',
    counts: { ok: true, unknown: 0, warnings: 0 },
  },
  {
    name: 'a check that could not be performed',
    answers: { ListRolePolicies: denied },
    verdict: 'no check failed; 1 check could not be performed',
    counts: { ok: true, unknown: 1, warnings: 0 },
  },
  {
    name: 'a check with a warning',
    answers: metricsOf({ IncomingRecords: 9, EventsIn: 9, EventsCoreDns: 9, DirectoryStale: 1 }),
    verdict: 'no check failed; 1 warning',
    counts: { ok: true, unknown: 0, warnings: 1 },
  },
  {
    name: 'several of both',
    answers: {
      ListRolePolicies: denied,
      ListResolverQueryLogConfigs: denied,
      ...metricsOf({
        IncomingRecords: 9,
        EventsIn: 9,
        EventsCoreDns: 9,
        DirectoryStale: 1,
        RecordsFailed: 1,
      }),
    },
    verdict: 'no check failed; 2 checks could not be performed, 2 warnings',
    counts: { ok: true, unknown: 2, warnings: 2 },
  },
])('$name', async ({ answers, verdict, counts }) => {
  expect(await doctor(answers)).toMatchObject({ code: 0, verdict, counts });
});

it('says where to start if a check failed, and counts the others too', async () => {
  const { code, verdict, counts, checks } = await doctor({
    ListRolePolicies: denied,
    ...metricsOf({ IncomingRecords: 9 }),
  });
  expect({ code, counts }).toEqual({ code: 1, counts: { ok: false, unknown: 1, warnings: 0 } });
  expect(verdict).toBe(`1 of ${checks.length - 1} checks failed; start with: eks-dns attach`);
});

it('warns where records can be imitated', async () => {
  const { code, checks } = await doctor({
    GetFunctionConfiguration: () => ({ FunctionArn: FUNCTION.arn, FunctionName: FUNCTION.name }),
  });
  expect(code).toBe(1);
  const check = checks.find(({ name }: { readonly name: string }) => name === 'record key');
  expect(check).toMatchObject({ state: 'warning', impact: expect.stringContaining('imitate records') });
});

it('does not print the record key', async () => {
  const { checks } = await doctor({});
  expect(checks).toContainEqual(expect.objectContaining({ name: 'record key', state: 'ok' }));
  expect(JSON.stringify(checks)).not.toContain(RECORD_KEY);
});

it('documents its exit code in the help', async () => {
  const { stdout } = await runCommand(doctorCommand(), ['--help']);
  expect(stdout).toMatch(/Exit code 1 if a check failed/);
});
