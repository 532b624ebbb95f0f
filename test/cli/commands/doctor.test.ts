import { beforeEach, describe, expect, it } from '@jest/globals';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { grantDocument } from '../../../src/cli/lib/stream/role-grant.ts';
import { runCommand } from '../../support/run-command.ts';
import { type Answers, callsStubPerTest } from '../support/calls-stub.ts';
import { COMPLETE, FUNCTION, prepareCluster, RECORD_KEY } from '../support/complete-setup.ts';
import { PLATFORM, startDynatraceStub } from '../support/dynatrace-stub/index.ts';
import { runDynatrace, setToken } from '../support/dynatrace-stub/run.ts';
import { eksStubPerTest } from '../support/eks-stub.ts';
import { metricsOf } from '../support/metrics.ts';

const startStub = callsStubPerTest();
const eks = eksStubPerTest();

beforeEach(() => prepareCluster(eks));

async function doctor(answers: Answers, more: readonly string[] = []) {
  await startStub({ ...COMPLETE, ...answers });
  process.env.AWS_ENDPOINT_URL_EKS = eks.url;
  const target = ['--stream', 'dynatrace', '--function', 'dns', ...more];
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
  expect(verdict).toBe(
    `1 of ${checks.length - 1} checks failed; start with: wait until the stream has passed its buffer on (at most 15 minutes); then read the function's log: \`aws logs tail /aws/lambda/dns --since 1h\``,
  );
});

it('shows a root cause once, and what follows from it grey', async () => {
  const nowhere = { ListSubscriptionFilters: () => ({}), ...metricsOf({}) };
  await startStub({ ...COMPLETE, ...nowhere, DescribeStacks: () => ({ Stacks: [] }) });
  process.env.AWS_ENDPOINT_URL_EKS = eks.url;
  const { stdout } = await runCommand(doctorCommand(), ['--stream', 'dynatrace', '--cluster', 'shop']);
  expect(stdout).toMatch(/^MISSING {2}function: /m);
  expect(stdout).toMatch(/^missing {2}attached: .* \(follows from: function\)$/m);
  expect(stdout).toMatch(/^missing {2}role: .* \(follows from: function\)$/m);
  expect(stdout).toMatch(
    /checks failed, \d+ others follow from it; start with: sam build && sam deploy --stack-name eks-dns-firehose --parameter-overrides Clusters=shop\n/,
  );
  expect(stdout).not.toContain('eks-dns attach');
});

it('--without resolver leaves the Resolver log out', async () => {
  const off = { ListResolverQueryLogConfigAssociations: () => ({ ResolverQueryLogConfigAssociations: [] }) };
  const flow = metricsOf({ IncomingRecords: 9, EventsIn: 9, EventsCoreDns: 9 });
  const resolver = ({ name }: { name: string }) => /[Rr]esolver/.test(name);
  const with_ = await doctor({ ...off, ...flow });
  expect([with_.code, with_.checks.some(resolver)]).toEqual([1, true]);
  const without = await doctor({ ...off, ...flow }, ['--without', 'resolver']);
  expect([without.code, without.checks.some(resolver), without.verdict]).toEqual([
    0,
    false,
    'all checks passed',
  ]);
});

it('--without takes only a log that can be left out', async () => {
  const { code, stderr } = await runCommand(doctorCommand(), ['--without', 'everything']);
  expect(code).toBe(2);
  expect(stderr).toContain('Expected resolver.');
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

describe('with --dynatrace', () => {
  const key = ['--record-key', RECORD_KEY];

  /** The checks of Dynatrace after `prepare`, with the verdict of all. */
  async function checksOf(prepare: (url: string) => Promise<unknown>) {
    const stub = await startDynatraceStub();
    stub.platform.arrivals.lifted = 5;
    await prepare(stub.url);
    setToken(PLATFORM);
    const { code, verdict, checks } = await doctor({}, ['--dynatrace', stub.url]);
    const own = (checks as { name: string; state: string }[]).filter(({ name }) =>
      name.startsWith('Dynatrace'),
    );
    return { code, verdict, states: Object.fromEntries(own.map(({ name, state }) => [name, state])), own };
  }

  it('checks pipeline, route and records, which count in the verdict', async () => {
    const { code, verdict, states } = await checksOf((url) => runDynatrace(['apply', url, ...key]));
    expect({ code, verdict }).toEqual({ code: 0, verdict: 'all checks passed' });
    expect(states).toMatchObject({
      'Dynatrace pipeline': 'ok',
      'Dynatrace record key': 'ok',
      'Dynatrace route': 'ok',
      'Dynatrace dashboard': 'ok',
      'Dynatrace preview': 'ok',
      'Dynatrace records': 'ok',
    });
  });

  it('names the command that makes what is missing', async () => {
    const { code, own } = await checksOf(async () => {});
    expect(code).toBe(1);
    expect(own[0]).toMatchObject({
      state: 'missing',
      fix: expect.stringMatching(/^eks-dns dynatrace apply http\S+$/),
    });
  });

  it("finds that the pipeline does not ask for the function's key, without printing it", async () => {
    const { code, own } = await checksOf((url) =>
      runDynatrace(['apply', url, '--record-key', 'fedcba9876543210']),
    );
    expect(code).toBe(1);
    expect(own.find(({ name }) => name === 'Dynatrace record key')).toMatchObject({ state: 'missing' });
    expect(JSON.stringify(own)).not.toMatch(new RegExp(`${RECORD_KEY}|fedcba9876543210`));
  });

  it('keeps its other checks where Dynatrace does not answer', async () => {
    const stub = await startDynatraceStub();
    await stub.close();
    setToken(PLATFORM);
    const { verdict, checks } = await doctor({}, ['--dynatrace', stub.url]);
    expect(verdict).toBe('no check failed; 1 check could not be performed');
    expect(checks.at(-1)).toMatchObject({ name: 'Dynatrace', state: 'unknown' });
  });
});

describe('clusters with a role, or of other accounts and regions', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/reader';
  const OTHER_ROLE = 'arn:aws:iam::444455556666:role/reader';
  const OTHER = 'arn:aws:eks:us-east-1:444455556666:cluster/shop';
  const FAR = 'arn:aws:eks:us-east-1:111122223333:cluster/shop';
  const NEAR = 'arn:aws:eks:eu-west-1:111122223333:cluster/shop';

  /** The checks whose name ends so, of a function with these clusters that may assume these roles. */
  async function checksOf(CLUSTERS: string, assumable: readonly string[], ending: RegExp) {
    const { checks } = await doctor({
      GetFunctionConfiguration: () => ({
        FunctionArn: FUNCTION.arn,
        FunctionName: FUNCTION.name,
        Role: FUNCTION.roleArn,
        Environment: { Variables: { CLUSTERS } },
      }),
      ListRolePolicies: ({ RoleName }) => ({ PolicyNames: [RoleName === 'dns' ? 'roles' : 'grant'] }),
      GetRolePolicy: ({ PolicyName }) => ({
        PolicyDocument: encodeURIComponent(
          PolicyName === 'roles'
            ? JSON.stringify({
                Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: assumable }],
              })
            : grantDocument(FUNCTION.arn),
        ),
      }),
    });
    return (checks as { name: string }[]).filter(({ name }) => ending.test(name));
  }

  it('shows what cannot be checked from here, and the command that says what the other account needs', async () => {
    expect(await checksOf(`${OTHER}=${OTHER_ROLE}`, [OTHER_ROLE], /^arn/)).toEqual([
      {
        name: `${OTHER}: role`,
        state: 'ok',
        observed: `the function's role may assume ${OTHER_ROLE}, if its trust policy agrees`,
      },
      expect.objectContaining({
        name: `${OTHER}: cluster`,
        state: 'unknown',
        observed: expect.stringContaining('account 444455556666'),
        fix: expect.stringContaining('eks-dns lookup-role'),
      }),
    ]);
  });

  it('finds a role that the function may not assume', async () => {
    const clusters = `shop,${OTHER}=${OTHER_ROLE}`;
    expect(await checksOf(clusters, [ROLE], /: role$/)).toMatchObject([
      { state: 'missing', fix: `deploy the stack that made the function with Clusters=${clusters}` },
    ]);
  });

  it('finds a cluster of another account without a role', async () => {
    expect(await checksOf(`${OTHER},shop`, [], /^arn/)).toMatchObject([
      {
        name: `${OTHER}: cluster`,
        state: 'missing',
        fix: expect.stringMatching(
          /^with the role that `eks-dns lookup-role --function dns --cluster \S+role\/eks-dns-firehose-reader` describes: /,
        ),
      },
    ]);
  });

  it("checks the access entry of the cluster's role, in the cluster's region", async () => {
    expect(await checksOf(`${FAR}=${ROLE}`, [ROLE], /: access$/)).toMatchObject([
      {
        name: `${FAR}: access`,
        state: 'missing',
        observed: `${ROLE} has no access entry`,
        fix: `aws eks create-access-entry --region us-east-1 --cluster-name shop --principal-arn ${ROLE} --kubernetes-groups eks-dns-firehose`,
      },
    ]);
  });

  it('checks a cluster of its own account and region that has a role', async () => {
    eks.state.accessEntries.set(ROLE, ['eks-dns-firehose']);
    expect(await checksOf(`${NEAR}=${ROLE}`, [ROLE], /: (?:access|permissions|CoreDNS log)$/)).toMatchObject([
      { name: `${NEAR}: access`, state: 'ok' },
      { name: `${NEAR}: permissions`, state: 'ok' },
      { name: `${NEAR}: CoreDNS log`, state: 'ok' },
    ]);
  });

  it.each([
    [
      'its own',
      NEAR,
      ['subscribed: /aws/containerinsights/shop/application', 'subscribed: /aws/vendedlogs/route53/dns'],
    ],
    ['another', FAR, ['subscribed']],
  ])('looks for the logs of a cluster of %s region', async (_, clusters, expected) => {
    const found = await checksOf(clusters, [], /^subscribed/);
    expect(found.map(({ name }) => name)).toEqual(expected);
  });
});

it('documents its exit code in the help', async () => {
  const { stdout } = await runCommand(doctorCommand(), ['--help']);
  expect(stdout).toMatch(/Exit code 1 if a check failed/);
});
