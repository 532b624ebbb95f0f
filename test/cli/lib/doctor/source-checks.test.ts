import { describe, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkSources } from '../../../../src/cli/lib/doctor/source-checks.ts';
import { type Answers, callsStubPerTest } from '../../support/calls-stub.ts';

const ARN = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/dns';
const STREAM = { name: 'dns', arn: ARN, status: 'ACTIVE', versionId: '1', http: undefined, destinations: 1 };
const ROLE = 'arn:aws:iam::111122223333:role/logs';
const INSIGHTS = '/aws/containerinsights/shop/application';
const PATTERN = `--filter-pattern '{ $.kubernetes.container_name = "coredns" }'`;
const VPC = 'vpc-1';

const TARGET = { stack: 'mine', region: undefined };

const startStub = callsStubPerTest();

async function check(answers: Answers, options: Parameters<typeof checkSources>[2]) {
  await startStub({
    DescribeSubscriptionFilters: () => ({ subscriptionFilters: [] }),
    ...answers,
  });
  return (await checkSources(openAws('eu-west-1'), [], options, STREAM, undefined, TARGET)).checks;
}

describe('a group that is not subscribed', () => {
  /** Responses in which these stacks created these streams. */
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
      name: 'of no known stack, with another group on it',
      answers: {
        ...stacks({}),
        DescribeSubscriptionFilters: ({ logGroupName }) => ({
          subscriptionFilters:
            logGroupName === '/first' ? [{ filterName: 'x', destinationArn: ARN, roleArn: ROLE }] : [],
        }),
      },
      options: { stream: 'dns' },
      to: `--stream dns --role-arn ${ROLE}`,
    },
  ])('$name: the fix names stream and role', async ({ answers, options, to }) => {
    const checks = await check(answers, { ...options, logGroup: ['/first', '/any'] });
    expect(checks.at(-1)).toMatchObject({
      state: 'missing',
      fix: `eks-dns subscribe --log-group /any ${to}`,
    });
  });

  it.each([
    ['of no known stack', stacks({})],
    ['without permission to read stacks', {}],
  ])('%s: says what has to be found out', async (_, answers) => {
    const checks = await check(answers, { stream: 'dns', logGroup: ['/any'] });
    expect(checks.at(-1)?.fix).toMatch(/^find out with which role .* stream dns .*--role-arn$/);
  });

  it('of Container Insights: the fix selects only CoreDNS', async () => {
    const checks = await check(stacks({ 'eks-dns-firehose': ARN }), { stream: 'dns', logGroup: [INSIGHTS] });
    expect(checks.at(-1)?.fix).toContain(PATTERN);
  });
});

describe("a VPC's Resolver log", () => {
  const LOGS = 'arn:aws:logs:eu-west-1:111122223333:log-group:/dns:*';

  it.each([
    { name: 'ACTIVE', Status: 'ACTIVE', state: 'ok', observed: 'to /dns' },
    { name: 'CREATING', Status: 'CREATING', state: 'ok', observed: 'to /dns (being created)' },
    { name: 'DELETING', Status: 'DELETING', state: 'missing', observed: 'its queries are not logged' },
    {
      name: 'FAILED',
      Status: 'FAILED',
      ErrorMessage: 'no such group',
      state: 'missing',
      observed: 'to /dns, but FAILED: no such group',
    },
    {
      name: 'ACTION_NEEDED',
      Status: 'ACTION_NEEDED',
      state: 'missing',
      observed: /ACTION_NEEDED: no reason given/,
    },
  ])('that is $name is $state', async ({ Status, ErrorMessage, state, observed }) => {
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
    expect(found).toMatchObject({ name: `${VPC}: Resolver log`, state });
    expect(found?.observed).toMatch(observed);
    const isBroken = found?.observed.includes('but ') === true;
    expect(found?.fix?.includes('disassociate-resolver-query-log-config') ?? false).toBe(isBroken);
  });
});
