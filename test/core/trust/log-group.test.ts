import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { trustInLogGroup } from '../../../src/core/trust/log-group.ts';

const KNOWN = {
  ...DEFAULT_SETTINGS,
  corednsLogGroups: ['/dns/coredns-*'],
  resolverLogGroups: ['/dns/resolver', '*/queries'],
  logGroupClusters: new Map([['/logs/shop', 'shop']]),
};

/** CoreDNS, Resolver, public zone. */
const trustOf = (logGroup: string | undefined, settings = DEFAULT_SETTINGS) => {
  const trust = trustInLogGroup(logGroup, settings);
  return [trust.coredns, trust['aws.vpcdnsquerylogs'], trust['aws.route53.public']];
};

describe('without settings', () => {
  it.each([
    ['/aws/containerinsights/shop/application', ['shipped', 'refused', 'refused']],
    ['/aws/containerinsights/shop/host', ['shipped', 'refused', 'refused']],
    ['/aws/otel/containerinsights/shop/logs', ['shipped', 'refused', 'refused']],
    ['/aws/eks/shop/coredns', ['shipped', 'refused', 'refused']],
    ['/aws/eks/fluentbit-cloudwatch/logs', ['shipped', 'refused', 'refused']],
    ['/aws/vendedlogs/route53/shop', ['unknown', 'proved', 'proved']],
    ['/aws/vendedlogs/other', ['unknown', 'unknown', 'unknown']],
    ['/aws/route53/example.com', ['unknown', 'unknown', 'proved']],
    ['/aws/lambda/resize', ['unknown', 'unknown', 'unknown']],
    ['x/aws/eks/shop/coredns', ['unknown', 'unknown', 'unknown']],
    ['/aws/containerinsights/shop', ['unknown', 'unknown', 'unknown']],
    [undefined, ['none', 'none', 'none']],
    ['', ['none', 'none', 'none']],
  ])('%s', (logGroup, expected) => {
    expect(trustOf(logGroup)).toEqual(expected);
  });
});

describe('with both settings', () => {
  it.each([
    ['/dns/coredns-1', ['proved', 'refused', 'refused']],
    ['/dns/resolver', ['refused', 'proved', 'proved']],
    ['/team/queries', ['refused', 'proved', 'proved']],
    ['/logs/shop', ['shipped', 'refused', 'refused']],
    ['/aws/eks/shop/coredns', ['shipped', 'refused', 'refused']],
    ['/aws/eks/shop/queries', ['shipped', 'proved', 'proved']],
    ['/aws/vendedlogs/route53/shop', ['refused', 'proved', 'proved']],
    ['/aws/route53/example.com', ['refused', 'refused', 'proved']],
    ['/aws/lambda/resize', ['refused', 'refused', 'refused']],
    [undefined, ['none', 'none', 'none']],
  ])('%s', (logGroup, expected) => {
    expect(trustOf(logGroup, KNOWN)).toEqual(expected);
  });
});

it('a setting for CoreDNS says nothing of Route 53, and the other way round', () => {
  expect(trustOf('/x', { ...KNOWN, resolverLogGroups: [] })).toEqual(['refused', 'unknown', 'unknown']);
  expect(trustOf('/x', { ...KNOWN, corednsLogGroups: [] })).toEqual(['unknown', 'refused', 'refused']);
});
