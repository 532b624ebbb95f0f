import { expect, it } from '@jest/globals';
import { unattributedClient } from '../../../src/core/attribution/unattributed.ts';
import { clusterStub, createDirectoryStub, instanceStub } from '../../support/directory-stub.ts';

const shop = clusterStub('shop', { vpcId: 'vpc-1' });
const node = { cluster: shop, name: 'n1', instanceId: 'i-node' };
const directory = createDirectoryStub({
  clusters: [shop],
  nodes: [node],
  instances: [
    [instanceStub('i-1', { vpcId: 'vpc-1' }), '10.0.0.1', '198.51.100.1'],
    [instanceStub('i-node', { vpcId: 'vpc-1' }), '10.0.0.2'],
    // Of an instance without a VPC no address is known.
    [instanceStub('i-bare'), '10.0.0.3'],
  ],
});

type Asked = {
  readonly clientIp?: string;
  readonly vpcId?: string;
  readonly instance?: string;
  readonly resolverEndpoint?: string;
  readonly isExact?: boolean;
};
const clientOf = (asked: Asked, attribution: 'none' | 'ambiguous' = 'none') => {
  const { clientIp, vpcId, instance, resolverEndpoint, isExact = true } = asked;
  const hasIds = instance !== undefined || resolverEndpoint !== undefined;
  const sourceIds = hasIds ? { instance, resolverEndpoint, resolverNetworkInterface: undefined } : undefined;
  const scope = { cluster: shop, clusters: [shop], vpcId };
  return unattributedClient(directory, scope, { clientIp, sourceIds }, attribution, isExact);
};

const IN_VPC = { vpcId: 'vpc-1' };

it.each([
  ['an instance by its address', { clientIp: '10.0.0.1', ...IN_VPC }, 'instance', 'inferred', 'i-1'],
  ['an instance that the record names', { instance: 'i-1' }, 'instance', 'exact', 'i-1'],
  ['the same at an uncertain time', { instance: 'i-1', isExact: false }, 'instance', 'inferred', 'i-1'],
  [
    'the named instance, not that of the address',
    { clientIp: '10.0.0.2', instance: 'i-1', ...IN_VPC },
    'instance',
    'exact',
    'i-1',
  ],
  [
    'an instance before its public address',
    { clientIp: '198.51.100.1', ...IN_VPC },
    'instance',
    'inferred',
    'i-1',
  ],
  ['an address of another VPC', { clientIp: '10.0.0.1', vpcId: 'vpc-2' }, 'unknown', 'none', undefined],
  ['an address without VPC', { clientIp: '10.0.0.3' }, 'unknown', 'none', undefined],
  ['something on a node', { clientIp: '10.0.0.2', ...IN_VPC }, 'unknown', 'none', 'i-node'],
  [
    'something on a node behind an endpoint',
    { instance: 'i-node', resolverEndpoint: 'r' },
    'unknown',
    'none',
    'i-node',
  ],
  ['an instance that is not known', { instance: 'i-x' }, 'unknown', 'none', 'i-x'],
  ['the same behind an endpoint', { instance: 'i-x', resolverEndpoint: 'r' }, 'endpoint', 'none', 'i-x'],
  ['an endpoint', { clientIp: '192.168.0.1', resolverEndpoint: 'r' }, 'endpoint', 'none', undefined],
  [
    'an endpoint with a public address',
    { clientIp: '198.51.100.9', resolverEndpoint: 'r' },
    'endpoint',
    'none',
    undefined,
  ],
  ['a public address', { clientIp: '198.51.100.9' }, 'external', 'none', undefined],
  ['nothing', {}, 'unknown', 'none', undefined],
])('%s', (_, asked, kind, attribution, instanceId) => {
  expect(clientOf(asked)).toMatchObject({ kind, attribution, instanceId, cluster: shop, pod: undefined });
});

it.each([
  ['an instance by its address', { clientIp: '10.0.0.1', ...IN_VPC }, 'unknown', 'i-1'],
  ['an instance that the record names', { instance: 'i-1' }, 'unknown', 'i-1'],
  [
    'an instance that is not known, behind an endpoint',
    { instance: 'i-x', resolverEndpoint: 'r' },
    'unknown',
    'i-x',
  ],
  ['a public address', { clientIp: '198.51.100.9' }, 'unknown', undefined],
  ['an endpoint', { resolverEndpoint: 'r' }, 'endpoint', undefined],
])('ambiguous: %s', (_, asked, kind, instanceId) => {
  expect(clientOf(asked, 'ambiguous')).toMatchObject({ kind, attribution: 'ambiguous', instanceId });
});
