import { describe, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkTrust, type SourceGroup } from '../../../../src/cli/lib/doctor/trust-checks.ts';
import type { DnsFunction } from '../../../../src/cli/lib/stream/function.ts';
import { callsStubPerTest } from '../../support/calls-stub.ts';

const TARGET = { stack: 'mine', region: undefined };

const startStub = callsStubPerTest();

const functionWith = (variables: Record<string, string>): DnsFunction => ({
  arn: 'arn:aws:lambda:eu-west-1:111122223333:function:dns',
  name: 'dns',
  timeoutSeconds: 60,
  roleArn: 'arn:aws:iam::111122223333:role/dns',
  logGroup: '/aws/lambda/dns',
  variables,
  isInVpc: false,
});

async function check(group: SourceGroup, variables: Record<string, string>, streams: readonly string[] = []) {
  await startStub({
    DescribeLogStreams: () => ({ logStreams: streams.map((logStreamName) => ({ logStreamName })) }),
  });
  return checkTrust(openAws('eu-west-1'), [group], functionWith(variables), TARGET);
}

const coredns = (logGroup: string): SourceGroup => ({ logGroup, source: 'coredns' });
const resolver = (logGroup: string): SourceGroup => ({ logGroup, source: 'aws.vpcdnsquerylogs' });
const FILE = `coredns-7d9f5c6b8-qx2lm_kube-system_coredns-${'a1'.repeat(32)}.log`;

describe('a log group', () => {
  it.each<[string, SourceGroup, Record<string, string>, readonly string[], object]>([
    [
      'of Container Insights',
      coredns('/aws/containerinsights/shop/application'),
      {},
      [FILE],
      { state: 'ok' },
    ],
    [
      'of a shipper that hides the namespace',
      coredns('/aws/eks/shop/dns'),
      {},
      ['web-7d9f5c6b8-qx2lm.web', 'coredns-7d9f5c6b8-qx2lm.coredns'],
      { state: 'warning', fix: expect.stringContaining('CorednsLogGroups=/aws/eks/shop/dns') },
    ],
    [
      'of a shipper, without CoreDNS',
      coredns('/aws/eks/shop/dns'),
      {},
      ['web-7d9f5c6b8-qx2lm.web'],
      { state: 'ok' },
    ],
    [
      'that nothing is known of',
      coredns('/dns'),
      { RESOLVER_LOG_GROUPS: '/r' },
      [],
      {
        state: 'warning',
        impact: expect.stringContaining('inferred'),
        fix: expect.stringMatching(/CorednsLogGroups=\/dns$/),
      },
    ],
    [
      'that is not listed',
      coredns('/dns'),
      { COREDNS_LOG_GROUPS: '/other' },
      [],
      {
        state: 'warning',
        impact: expect.stringContaining('unchanged'),
        fix: expect.stringMatching(/CorednsLogGroups=\/other,\/dns$/),
      },
    ],
    ['that is listed', coredns('/dns'), { COREDNS_LOG_GROUPS: '/d*' }, [], { state: 'ok' }],
    ['of Resolver', resolver('/aws/vendedlogs/route53resolver/x'), {}, [], { state: 'ok' }],
    [
      'of Resolver, by another name',
      resolver('/r53'),
      {},
      [],
      { state: 'warning', fix: expect.stringMatching(/ResolverLogGroups=\/r53$/) },
    ],
  ])('%s', async (_, group, variables, streams, expected) => {
    expect(await check(group, variables, streams)).toEqual([expect.objectContaining(expected)]);
  });
});

it('says that names of log streams could not be read', async () => {
  await startStub({});
  const checks = await checkTrust(
    openAws('eu-west-1'),
    [coredns('/aws/eks/shop/dns')],
    functionWith({}),
    TARGET,
  );
  expect(checks).toMatchObject([{ name: 'trusted: /aws/eks/shop/dns', state: 'unknown' }]);
});

it('checks nothing without a function, or while a setting is invalid', async () => {
  const aws = openAws('eu-west-1');
  expect(await checkTrust(aws, [coredns('/dns')], undefined, TARGET)).toEqual([]);
  expect(await checkTrust(aws, [coredns('/dns')], functionWith({ LOG_LEVEL: 'loud' }), TARGET)).toEqual([]);
});
