import { describe, expect, it } from '@jest/globals';
import { scopeOfOrigin, scopeOfVpc } from '../../../src/core/attribution/scope.ts';
import type { Cluster } from '../../../src/core/model/directory.ts';
import { clusterStub } from '../../support/directory-stub.ts';
import { originStub } from '../../support/origin-stub.ts';

const shop = clusterStub('shop', { vpcId: 'vpc-1' });
const bank = clusterStub('bank', { vpcId: 'vpc-2' });
const lab = clusterStub('lab', { vpcId: 'vpc-2' });
const here = clusterStub('twin', { arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/twin', vpcId: 'vpc-3' });
const there = clusterStub('twin', { arn: 'arn:aws:eks:us-east-1:444455556666:cluster/twin', vpcId: 'vpc-4' });
const configured = new Map([
  ['here', here.arn ?? ''],
  ['there', there.arn ?? ''],
  ['one of two', 'twin'],
  ['foreign', 'arn:aws:eks:us-east-1:777788889999:cluster/far'],
  ['custom', 'bank'],
  ['lost', 'gone'],
  ['/aws/containerinsights/shop/application', 'bank'],
]);

const NOTHING = { cluster: undefined, clusters: [], vpcId: undefined };
const only = (cluster: Cluster) => ({ cluster, clusters: [cluster], vpcId: cluster.vpcId });
const INSIGHTS = '/aws/containerinsights/shop/application';

describe('the cluster of a log group', () => {
  it.each([
    ['the configured one', [shop, bank], 'custom', only(bank)],
    ['the configured one before the named one', [shop, bank], INSIGHTS, only(bank)],
    ['one that is configured and not known', [shop], 'lost', only(clusterStub('gone'))],
    ['the one of Container Insights', [shop, bank], '/aws/containerinsights/bank/application', only(bank)],
    ['the one of OpenTelemetry', [shop, bank], '/aws/otel/containerinsights/shop/x', only(shop)],
    ['the one of EKS', [shop, bank], '/aws/eks/shop/cluster', only(shop)],
    ['the only one', [shop], '/my/group', only(shop)],
    ['the only one, without a group', [shop], undefined, only(shop)],
    [
      'the only one, in the default group of Fluent Bit',
      [shop],
      '/aws/eks/fluentbit-cloudwatch/x',
      only(shop),
    ],
    ['the only one, in a group that only starts like one', [shop], '/aws/containerinsights/gone', only(shop)],
    ['the only one, where the name stands elsewhere', [shop], 'x/aws/eks/gone/cluster', only(shop)],
    ['none of two', [shop, bank], '/my/group', NOTHING],
    ['the first of two of one name, configured by ARN', [here, there], 'here', only(here)],
    ['the second of two of one name, configured by ARN', [here, there], 'there', only(there)],
    ['none of two of one name, configured by name', [here, there], 'one of two', NOTHING],
    ['none of two of one name', [here, there], '/aws/containerinsights/twin/application', NOTHING],
    ['none of two of one name, in a group of EKS', [here, there], '/aws/eks/twin/cluster', NOTHING],
    ['one of that name, of two', [here, shop], '/aws/containerinsights/twin/application', only(here)],
    ['one that is configured by ARN and not known', [here, there], 'foreign', only(clusterStub('far'))],
    ['none of none', [], '/aws/eks/shop/cluster', NOTHING],
    ['none, for an unknown one of EKS', [shop], '/aws/eks/gone/cluster', NOTHING],
    ['none, for an unknown one of Container Insights', [shop], '/aws/containerinsights/gone/x', NOTHING],
    ['none, for an unknown one of OpenTelemetry', [shop], '/aws/otel/containerinsights/gone/x', NOTHING],
  ])('is %s', (_, clusters, logGroup, expected) => {
    expect(scopeOfOrigin(clusters, configured, originStub({ logGroup }))).toEqual(expected);
  });

  it('is that of the group that the line was first written to', () => {
    const origin = originStub({ logGroup: '/aws/eks/shop/x', sourceLogGroup: '/aws/eks/bank/x' });
    expect(scopeOfOrigin([shop, bank], new Map(), origin)).toEqual(only(bank));
  });
});

describe('the cluster of an account and region', () => {
  const at = (accountId: string | undefined, region: string | undefined) =>
    clusterStub('shop', { accountId, region, arn: `arn:${accountId}:${region}` });
  const ours = at('111122223333', 'eu-west-1');
  const theirs = at('444455556666', 'eu-west-1');
  const far = at('111122223333', 'us-west-2');
  const unplaced = at(undefined, undefined);

  it.each([
    ['both fit', [ours], '111122223333', 'eu-west-1', ours],
    ['another account', [ours], '444455556666', 'eu-west-1', undefined],
    ['another region', [ours], '111122223333', 'us-west-2', undefined],
    ['an unknown account', [ours], undefined, 'eu-west-1', ours],
    ['an unknown region', [ours], '111122223333', undefined, ours],
    ['nothing known of the cluster', [unplaced], '444455556666', 'us-west-2', unplaced],
    ['one of two with the name, by account', [ours, theirs], '444455556666', undefined, theirs],
    ['one of two with the name, by region', [ours, far], '111122223333', 'us-west-2', far],
    ['two with the name that both fit', [ours, far], '111122223333', undefined, undefined],
    ['two with the name and nothing known', [ours, theirs], undefined, undefined, undefined],
  ])('%s', (_, clusters, accountId, region, expected) => {
    // By the group's name, by configuration, and as the only cluster that fits.
    for (const logGroup of [INSIGHTS, 'custom', '/my/group']) {
      const origin = originStub({ logGroup, accountId, region });
      const scope = scopeOfOrigin(clusters, new Map([['custom', 'shop']]), origin);
      expect(scope).toEqual(expected === undefined ? NOTHING : only(expected));
    }
  });

  it('may be configured by ARN', () => {
    const scope = scopeOfOrigin(
      [ours, theirs],
      new Map([['g', 'arn:444455556666:eu-west-1']]),
      originStub({ logGroup: 'g' }),
    );
    expect(scope).toEqual(only(theirs));
  });
});

describe('a cluster that a reader of another account tells of', () => {
  const told = (name: string) =>
    clusterStub(name, { accountId: '444455556666', region: 'eu-west-1', vpcId: 'vpc-9', isTold: true });
  const from = (accountId: string | undefined, logGroup: string | undefined) =>
    originStub({ accountId, region: 'eu-west-1', logGroup });

  it.each([
    ['is not the only one for lines of unknown account', [told('x')], from(undefined, undefined), NOTHING],
    ['takes no line of unknown account away', [shop, told('x')], from(undefined, 'g'), only(shop)],
    [
      'takes no default group of Fluent Bit away',
      [shop, told('fluentbit-cloudwatch')],
      from('111122223333', '/aws/eks/fluentbit-cloudwatch/x'),
      only(shop),
    ],
    [
      'takes no configured name away',
      [shop, told('gone')],
      from('111122223333', 'lost'),
      only(clusterStub('gone')),
    ],
    [
      'is that of lines of its own account',
      [shop, told('gone')],
      from('444455556666', 'lost'),
      only(told('gone')),
    ],
  ])('%s', (_, clusters, origin, expected) => {
    expect(scopeOfOrigin(clusters, configured, origin)).toEqual(expected);
  });
});

it.each([
  ['vpc-1', [shop]],
  ['vpc-2', [bank, lab]],
  ['vpc-3', []],
  [undefined, []],
])('the clusters of the VPC %s', (vpcId, clusters) => {
  const all = [shop, bank, lab, clusterStub('without VPC')];
  expect(scopeOfVpc(all, vpcId)).toEqual({ cluster: undefined, clusters, vpcId });
});
