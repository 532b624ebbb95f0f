import { describe, expect, it } from '@jest/globals';
import { scopeOfLogGroup, scopeOfVpc } from '../../../src/core/attribution/scope.ts';
import { clusterStub } from '../../support/directory-stub.ts';

const shop = clusterStub('shop', { vpcId: 'vpc-1' });
const bank = clusterStub('bank', { vpcId: 'vpc-2' });
const lab = clusterStub('lab', { vpcId: 'vpc-2' });
const configured = new Map([
  ['custom', 'bank'],
  ['lost', 'gone'],
  ['/aws/containerinsights/shop/application', 'bank'],
]);

describe('the cluster of a log group', () => {
  const NOTHING = { cluster: undefined, clusters: [], vpcId: undefined };
  const only = (cluster: typeof shop) => ({ cluster, clusters: [cluster], vpcId: cluster.vpcId });

  it.each([
    ['the configured one', [shop, bank], 'custom', only(bank)],
    [
      'the configured one before the named one',
      [shop, bank],
      '/aws/containerinsights/shop/application',
      only(bank),
    ],
    ['one that is configured and not known', [shop], 'lost', only(clusterStub('gone'))],
    ['the one of Container Insights', [shop, bank], '/aws/containerinsights/bank/application', only(bank)],
    ['the one of OpenTelemetry', [shop, bank], '/aws/otel/containerinsights/shop/x', only(shop)],
    ['the one of EKS', [shop, bank], '/aws/eks/shop/cluster', only(shop)],
    ['the only one', [shop], '/my/group', only(shop)],
    ['the only one, without a group', [shop], undefined, only(shop)],
    ['the only one, in a group of EKS of another name', [shop], '/aws/eks/gone/cluster', only(shop)],
    [
      'the only one, in a group that only starts like one of Container Insights',
      [shop],
      '/aws/containerinsights/gone',
      only(shop),
    ],
    ['none of two', [shop, bank], '/my/group', NOTHING],
    ['none of none', [], '/aws/eks/shop/cluster', NOTHING],
    [
      'none, where Container Insights names one that is not known',
      [shop],
      '/aws/containerinsights/gone/application',
      NOTHING,
    ],
    [
      'none, where OpenTelemetry names one that is not known',
      [shop],
      '/aws/otel/containerinsights/gone/x',
      NOTHING,
    ],
    [
      'the only one, where the name stands elsewhere',
      [shop],
      'x/aws/containerinsights/gone/application',
      only(shop),
    ],
  ])('is %s', (_, clusters, logGroup, expected) => {
    expect(scopeOfLogGroup(clusters, configured, logGroup)).toEqual(expected);
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
