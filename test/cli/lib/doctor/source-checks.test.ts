import { afterEach, describe, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkSources } from '../../../../src/cli/lib/doctor/source-checks.ts';
import { type Answers, startCallsStub } from '../../support/calls-stub.ts';

const ARN = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/dns';
const STREAM = { name: 'dns', arn: ARN, status: 'ACTIVE', versionId: '1', http: undefined, destinations: 1 };
const INSIGHTS = '/aws/containerinsights/shop/application';
const PATTERN = `--filter-pattern '{ $.kubernetes.container_name = "coredns" }'`;
const VPC = 'vpc-1';

const environment = { ...process.env };
let stub: Awaited<ReturnType<typeof startCallsStub>>;

afterEach(async () => {
  process.env = { ...environment };
  await stub.close();
});

async function check(answers: Answers, options: Parameters<typeof checkSources>[2]) {
  stub = await startCallsStub({
    DescribeSubscriptionFilters: () => ({ subscriptionFilters: [] }),
    ...answers,
  });
  Object.assign(process.env, stub.environment);
  return checkSources(openAws('eu-west-1'), [], options, STREAM);
}

describe('a group that is not on the stream', () => {
  /** Answers as if these stacks had made these streams. */
  const stacks = (streams: Record<string, string>): Answers => ({
    DescribeStacks: ({ StackName }) => ({
      Stacks: [
        { Outputs: [{ OutputKey: 'FirehoseArn', OutputValue: streams[String(StackName)] ?? 'another' }] },
      ],
    }),
  });

  it.each([
    {
      name: "of Dynatrace's own stack",
      answers: stacks({ 'dynatrace-log-delivery-stream': ARN }),
      options: { stream: 'dns' },
      to: '--stream-stack dynatrace-log-delivery-stream',
    },
    {
      name: 'of a stack of another name',
      answers: stacks({ mine: ARN }),
      options: { streamStack: 'mine' },
      to: '--stream-stack mine',
    },
    {
      name: "of this project's stack",
      answers: stacks({ 'eks-dns-firehose': ARN }),
      options: { stream: 'dns' },
      to: '--stream-stack eks-dns-firehose',
    },
    {
      name: 'of no stack that is known',
      answers: stacks({}),
      options: { stream: 'dns' },
      to: '--stream dns --role-arn <role of CloudWatch Logs>',
    },
    {
      name: 'where no stack may be looked at',
      answers: {},
      options: { stream: 'dns' },
      to: '--stream dns --role-arn <role of CloudWatch Logs>',
    },
  ])('$name: the fix names stream and role', async ({ answers, options, to }) => {
    const checks = await check(answers, { ...options, logGroup: ['/any'] });
    expect(checks.at(-1)).toMatchObject({
      state: 'missing',
      fix: `eks-dns subscribe --log-group /any ${to}`,
    });
  });

  it('of Container Insights: the fix takes CoreDNS alone', async () => {
    const checks = await check({}, { stream: 'dns', logGroup: [INSIGHTS] });
    expect(checks.at(-1)?.fix).toContain(PATTERN);
  });
});

describe("a VPC's Resolver log", () => {
  const LOGS = 'arn:aws:logs:eu-west-1:111122223333:log-group:/dns:*';

  it.each([
    { name: 'ACTIVE', Status: 'ACTIVE', state: 'ok', saw: 'to /dns' },
    { name: 'CREATING', Status: 'CREATING', state: 'ok', saw: 'to /dns (being made)' },
    { name: 'DELETING', Status: 'DELETING', state: 'missing', saw: 'its queries are not logged' },
    {
      name: 'FAILED',
      Status: 'FAILED',
      ErrorMessage: 'no such group',
      state: 'missing',
      saw: 'to /dns, but FAILED: no such group',
    },
    {
      name: 'ACTION_NEEDED',
      Status: 'ACTION_NEEDED',
      state: 'missing',
      saw: /ACTION_NEEDED: no reason given/,
    },
  ])('that is $name is $state', async ({ Status, ErrorMessage, state, saw }) => {
    const checks = await check(
      {
        ListResolverQueryLogConfigs: () => ({ ResolverQueryLogConfigs: [{ Id: 'c', DestinationArn: LOGS }] }),
        ListResolverQueryLogConfigAssociations: () => ({
          ResolverQueryLogConfigAssociations: [
            { ResolverQueryLogConfigId: 'c', ResourceId: VPC, Status, ErrorMessage },
          ],
        }),
      },
      { vpc: [VPC] },
    );
    const [found] = checks;
    expect(found).toMatchObject({ link: `${VPC}: Resolver log`, state });
    expect(found?.saw).toMatch(saw);
    const isBroken = found?.saw.includes('but ') === true;
    expect(found?.fix?.includes('disassociate-resolver-query-log-config') ?? false).toBe(isBroken);
  });
});
